"""The wire to a server: takes one request, gives its answer's head and then its body, piece by piece, as they come.

It waits in steps of a second, so that Ctrl-C ends it at once. Nothing is sent twice and no redirect is followed: what
came is the caller's to judge.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pycurl

from ladle.collect.line import Bounds, options

_STEP, _MOMENT = 1.0, 0.01
_BOUNDS = Bounds()
_NOT_TRUSTED = (pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_CONNECT_ERROR)
_WHY = {
    pycurl.E_COULDNT_RESOLVE_HOST: "its name is not known",
    pycurl.E_COULDNT_RESOLVE_PROXY: "the proxy's name is not known",
    pycurl.E_COULDNT_CONNECT: "nothing answers there",
    pycurl.E_OPERATION_TIMEDOUT: "it did not answer in time",
    pycurl.E_PEER_FAILED_VERIFICATION: "its certificate is not one that this machine trusts",
    pycurl.E_SSL_CONNECT_ERROR: "it does not speak TLS there",
    pycurl.E_GOT_NOTHING: "it hung up without an answer",
    pycurl.E_RECV_ERROR: "the connection broke",
    pycurl.E_SEND_ERROR: "the connection broke",
    pycurl.E_PARTIAL_FILE: "the connection broke before the answer's end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a server."""

    method: str
    url: str
    headers: Sequence[str] = field(default=(), repr=False)
    """Whole lines; a token may be among them, so they are never shown."""
    body: bytes | None = None
    patience: float = 120.0
    """Seconds without a byte."""


class AwayError(Exception):
    """No answer, or no whole one; `str(error)` says why, as a part of a sentence."""

    def __init__(self, code: int) -> None:
        super().__init__(_WHY.get(code, f"curl gave it up with {code}"))
        self.lasting = code in _NOT_TRUSTED
        """It is of no use to try again."""


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""


class _Lines(threading.local):
    """Each thread's connections, which are kept open; a process that forks begins anew."""

    def __init__(self) -> None:
        self.multi, self.of = pycurl.CurlMulti(), os.getpid()


_lines = _Lines()


@contextmanager
def sent(request: Request, *, host: str, alone: bool = False) -> Iterator[Transfer]:
    """A request on its way; `alone`, on a connection of its own, for an answer that is read while others are asked."""
    if _lines.of != os.getpid():
        _lines.__init__()  # type: ignore[misc]  # sockets of the process that this one was forked from are not ours
    multi = pycurl.CurlMulti() if alone else _lines.multi
    transfer = Transfer(request, host, multi)
    try:
        yield transfer
    finally:
        transfer.close()
        if alone:
            multi.close()


class Transfer:
    """One request and what has come of it so far."""

    def __init__(self, request: Request, host: str, multi: Any) -> None:
        self._request, self._multi, self._curl = request, multi, pycurl.Curl()
        self._lines: list[bytes] = []
        self._head: Head | None = None
        self._parts: list[bytes] = []
        self._stopped: KeyboardInterrupt | None = None
        self._over, self._last = False, time.monotonic()
        for option, value in self._options(host).items():
            self._curl.setopt(option, value)
        multi.add_handle(self._curl)

    def _options(self, host: str) -> dict[int, Any]:
        asked, said = self._request, [line.encode("ascii") for line in self._request.headers]
        chosen = options(host=host, headers=said, bounds=_BOUNDS)
        chosen |= {pycurl.URL: asked.url, pycurl.CUSTOMREQUEST: asked.method, pycurl.TCP_KEEPALIVE: 1}
        if asked.body is not None:
            chosen[pycurl.POSTFIELDS] = asked.body
        return {**chosen, pycurl.HEADERFUNCTION: self._on_header, pycurl.WRITEFUNCTION: self._on_body}

    def head(self) -> Head:
        """How the answer begins, when it does; raises AwayError."""
        while self._head is None or not (self._parts or self._over):  # a redirect has no body, a proxy two heads
            self._go_on()
        return self._head

    def pieces(self) -> Iterator[bytes]:
        """The body, no faster than it is taken; raises AwayError where it breaks off."""
        while True:
            found, self._parts = self._parts, []
            yield from found
            if self._over and not self._parts:
                return
            if not found:
                self._go_on()

    def close(self) -> None:
        """Hang up, where it is not over."""
        self._multi.remove_handle(self._curl)
        self._curl.close()

    def _go_on(self) -> None:
        """Let curl work until something has come, or wait for that a second."""
        self._multi.perform()
        if self._stopped is not None:
            raise self._stopped
        waiting, good, bad = self._multi.info_read()
        while waiting:
            waiting, more_good, more_bad = self._multi.info_read()
            good, bad = [*good, *more_good], [*bad, *more_bad]
        if self._curl in good:
            self._over = True
            if self._head is None:
                raise AwayError(pycurl.E_GOT_NOTHING)
            return
        for curl, code, _told in bad:
            if curl is self._curl:
                raise AwayError(code)
        if time.monotonic() - self._last > self._request.patience:
            raise AwayError(pycurl.E_OPERATION_TIMEDOUT)
        if not self._parts and self._multi.select(_STEP) < 0:
            time.sleep(_MOMENT)  # while a name is looked up there is nothing to wait for

    def _on_header(self, line: bytes) -> int:
        try:
            self._take_line(line)
        except KeyboardInterrupt as error:  # curl would print it and call it a failure of its own
            self._stopped = error
            return -1
        return len(line)

    def _take_line(self, line: bytes) -> None:
        self._last = time.monotonic()
        if line.strip():
            self._lines.append(line)
            return
        first, *others = self._lines or [b""]
        self._lines = []
        status = int(first.split(b" ", 2)[1]) if first.count(b" ") else 0
        if status >= HTTPStatus.OK and self._is_theirs(first):
            told = (line.decode("utf-8", "replace").partition(":") for line in others)
            self._head = Head(status, {name.lower(): value.strip() for name, _, value in told})

    def _is_theirs(self, first: bytes) -> bool:
        """Not the words of a proxy that has made a tunnel, nor a trailer."""
        tunnel = b"established" in first.lower() and self._request.url.startswith("https:")
        return self._head is None and not tunnel

    def _on_body(self, part: bytes) -> int:
        try:
            self._last = time.monotonic()
            self._parts.append(part)
        except KeyboardInterrupt as error:
            self._stopped = error
            return -1
        return len(part)
