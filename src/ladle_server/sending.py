"""Answers on the wire: takes what uvicorn writes, sends in one piece what belongs together.

Uvicorn writes an answer's head and then its body, and uvloop sends each at once: two packets, for which the kernel
takes twice as long and the client is woken twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

MOST = 1 << 16
"""Bytes that are held back at most: a large body is not copied, and who sends too much is told to wait."""

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

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it with what comes before the loop's next turn."""
        if not self._held:
            asyncio.get_running_loop().call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST:
            self._send()

    def close(self) -> None:
        """Close it, when all is sent."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self._transport.is_closing():  # a client may have gone since
            self._transport.write(b"".join(held))
