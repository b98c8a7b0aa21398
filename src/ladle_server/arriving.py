"""Requests on the wire: takes what uvicorn reads of a connection, gives up what is too large or too long on its way.

    connection → head (64 KB, so many seconds) → body (so many seconds, and more for what has come) → the site

The parser has no bounds of its own: a head without end would fill the memory, and a client that sends a byte now and
then would keep its connection for ever.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ladle_server.sending import GUARDS, Gathered
from ladle_server.streams import CUT, OURS

MOST_OF_HEAD = 1 << 16
"""Bytes of a request's first line and headers."""
MOST_AROUND = 8
"""Bytes beside each byte of a body: sizes of chunks, and what may follow the last one."""
SLOWEST = 1 << 14
"""Bytes of a body in a second: so much longer may it take as more of it has come."""
AROUND_HEADER = len(": \r\n")
_TOO_LONG = "The address and headers of a request have 65,536 bytes at most. Send less."
_TOO_SLOW = "The request was not there within {seconds:g} seconds. Send it again, in one go."


def due(began: float, *, come: int, seconds: float) -> float:
    """When a head, or a body of which so many bytes have come, is given up.

    >>> due(100.0, come=0, seconds=30.0), due(100.0, come=1 << 20, seconds=30.0)
    (130.0, 194.0)
    """
    return began + seconds + come / SLOWEST


def refusal(status: HTTPStatus, detail: str) -> bytes:
    """An answer for which no view was asked; the connection ends with it."""
    told = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    body = json.dumps(told, separators=(",", ":")).encode()
    headers = {"content-type": "application/problem+json", "content-length": str(len(body)), **GUARDS}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {int(status)} {status.phrase}\r\n{lines}\r\n".encode() + body


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, for requests that have an end and come to it, and answers in one piece."""

    seconds: ClassVar[float] = 30.0
    _head = 0
    """Bytes that came since the last head ended, but for a body's."""
    _body, _around = 0, 0
    """Bytes of the body, and those on its way that are none."""
    _in_body = False
    _was_too_long = False
    _began: float | None = None
    """Since when a head or a body is on its way; None: everything that began has come."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come, and should say what it wants."""
        super().connection_made(Gathered(transport))  # type: ignore[arg-type]
        self._began = self.loop.time()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless that is too much for a head, or beside a body."""
        if self._in_body:
            self._around += len(data)
        else:
            self._head += len(data)
        if self._began is None:
            self._began = self.loop.time()
        super().data_received(data)
        if self._is_too_long() and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _TOO_LONG)
        self._wait()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or too much of it."""
        if self._was_too_long:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _TOO_LONG)
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def on_message_begin(self) -> None:
        """Another head begins, maybe behind one that was whole; who answers it may cut the connection at once."""
        self._began = self.loop.time()
        super().on_message_begin()
        self.scope["extensions"] = {OURS: {CUT: self.transport.abort}}

    def on_headers_complete(self) -> None:
        """The head has ended. One that came in a single piece is measured here."""
        self._was_too_long = self._head > MOST_OF_HEAD and self._size_of_head() > MOST_OF_HEAD
        if self._was_too_long:
            raise ValueError(_TOO_LONG)  # the parser ends, and says so by `send_400_response`
        self._head, self._body, self._around, self._in_body = 0, 0, 0, True
        self._began = self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._body += len(body)
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body has ended: what follows is another head."""
        self._in_body, self._began = False, None
        super().on_message_complete()

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + AROUND_HEADER for name, value in self.headers)

    def _is_too_long(self) -> bool:
        if self._in_body:
            return self._around > MOST_OF_HEAD + MOST_AROUND * self._body
        return self._head > MOST_OF_HEAD

    def _wait(self) -> None:
        """Look when what is on its way should be there. One timer for a connection, not one for each request."""
        if self._began is not None and self._timer is None:
            self._timer = self.loop.call_at(self._due(self._began), self._look)

    def _due(self, began: float) -> float:
        return due(began, come=self._body if self._in_body else 0, seconds=self.seconds)

    def _look(self) -> None:
        self._timer = None
        if self._began is None or self.transport.is_closing():
            return
        now = self.loop.time()
        if self._is_held_up():
            self._began = now
        if now < self._due(self._began):
            self._wait()
        else:
            self._give_up()

    def _is_held_up(self) -> bool:
        """Whether it is the site that lets the client wait: it does not read on, or answers the request before."""
        before: RequestResponseCycle | None = None if self._in_body else self.cycle
        return self.flow.read_paused or (before is not None and not before.response_complete)

    def _give_up(self) -> None:
        begun = self._in_body and self.cycle.response_started
        if begun or not (self._in_body or self._head):  # who said nothing at all is told nothing
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, _TOO_SLOW.format(seconds=self.seconds))

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        self.transport.write(refusal(status, detail))
        self.transport.close()


def patient(seconds: float) -> type[Protocol]:
    """The protocol that gives a request so many seconds."""
    return type("Patient", (Protocol,), {"seconds": seconds})
