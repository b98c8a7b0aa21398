"""Answers on the wire: takes what uvicorn writes, sends in one piece what belongs together.

Uvicorn writes an answer's head and then its body, and uvloop sends each at once: two packets, for which the kernel
takes twice as long and the client is woken twice. And it waits for ever for a client that takes nothing of what it was
sent, with an open file, and whatever the answer is made from: such connections are cut.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any

MOST = 1 << 16
"""Bytes that are held back at most: a large body is not copied, and who sends too much is told to wait."""

LOOKS, EVERY = 4, 5.0
"""So often is a client looked at before it is cut, but for those who have longer: they are every so many seconds."""
_FORGET = struct.pack("ii", 1, 0)
"""For SO_LINGER: the kernel keeps nothing for a client that has been cut."""
_NUMBER = struct.Struct("i")

GUARDS: Mapping[str, str] = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "connection": "close",
}
"""Of what is refused before any middleware sees it: no browser takes it for a page, and the connection ends with it."""


class Gathered:
    """A transport that sends what is written to it between two turns of the event loop in one piece."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: list[bytes] = []
        self._size = 0
        self._written, self._taken = 0, 0
        self._took_at: float | None = None
        """When it was last seen to take some of what it was sent; None: it has taken all."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it with what comes before the loop's next turn."""
        if not self._held:
            asyncio.get_running_loop().call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        self._written += len(data)
        if self._size > MOST:
            self._send()

    def close(self) -> None:
        """Close it, when all is sent."""
        self._send()
        self._transport.close()

    def stalled(self, *, now: float) -> float:
        """Seconds for which the client was not seen to take a byte; 0 where it has all that it was sent."""
        left = self._size + self._transport.get_write_buffer_size() + self._in_kernel()
        taken = self._written - left
        if not left:
            self._took_at = None
        elif self._took_at is None or taken != self._taken:
            self._took_at, self._taken = now, taken
        return 0.0 if self._took_at is None else now - self._took_at

    def cut(self) -> None:
        """End it at once; what the client has not taken is forgotten."""
        with suppress(OSError):
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET)
        self._transport.abort()

    def _in_kernel(self) -> int:
        """Bytes that it holds until the client has them: megabytes, so that a slow one gets on unseen without this."""
        with suppress(OSError, ValueError):  # a system that does not say, or a connection that has just ended
            told = ioctl(self._transport.get_extra_info("socket").fileno(), TIOCOUTQ, bytes(_NUMBER.size))
            return int(_NUMBER.unpack(told)[0])
        return 0

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():  # a client may have gone since
            self._transport.write(b"".join(held))


async def cut_stalled(connections: Iterable[Any], *, seconds: float) -> None:
    """Cut every connection (of uvicorn's) whose client takes nothing for so long; never returns.

    One look for all of them, which takes some microseconds for each: no timer for each answer.
    """
    while True:
        await asyncio.sleep(min(seconds / LOOKS, EVERY))
        now = asyncio.get_running_loop().time()
        for transport in [each.transport for each in connections]:
            if transport.stalled(now=now) >= seconds:
                transport.cut()
