"""Requests and answers on the wire: takes what uvicorn reads and writes, holds heads to a size, sends in one piece.

Uvicorn writes an answer's head and then its body, and uvloop sends each at once: two packets, for which the kernel
takes twice as long and the client is woken twice.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ladle_server.streams import CUT, OURS

MOST = 1 << 16
"""Bytes that are held back at most: a large body is not copied, and who sends too much is told to wait."""
MOST_OF_HEAD = 1 << 16
"""Bytes of a request's first line and headers. The parser has no bound of its own: a head without end would fill the
memory."""
_TOO_LONG = b"""HTTP/1.1 431 Request Header Fields Too Large\r
content-type: application/problem+json\r
content-length: %d\r
connection: close\r
\r
%s"""
_PROBLEM = (
    b'{"type":"about:blank","title":"Request Header Fields Too Large","status":431,'
    b'"detail":"The address and headers of a request have 65,536 bytes at most. Send less."}'
)


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


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, on such a transport, for requests whose heads have an end."""

    _head = 0
    """Bytes that came since the last head ended, but for a body's."""
    _in_body = False

    def data_received(self, data: bytes) -> None:
        """Read on, unless that is too much for a head."""
        if not self._in_body:
            self._head += len(data)
        super().data_received(data)
        if self._head > MOST_OF_HEAD and not self._in_body and not self.transport.is_closing():
            self.transport.write(_TOO_LONG % (len(_PROBLEM), _PROBLEM))
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins; whoever answers it may cut the connection, which else is closed when all is sent."""
        super().on_message_begin()
        self.scope["extensions"] = {OURS: {CUT: self.transport.abort}}

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self._head, self._in_body = 0, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """So has the body: what follows is another head."""
        self._in_body = False
        super().on_message_complete()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(Gathered(transport))  # type: ignore[arg-type]
