"""libcurl in asyncio's loop: takes addresses, gives what came of each, or by which of curl's numbers it failed.

libcurl says which sockets it waits for and when it wants to be woken; they lie in one epoll of our own, which the loop
watches as a single file. Beside pycurl's own asyncio wrapper, which registers each socket with the loop anew for every
call, that takes three quarters of the time, and all answers that came together are taken in together.

HTTP/1.1 only: under HTTP/2 a server may refuse a stream after the fact, and curl would send it again by itself.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import pycurl

from ladle.collect.poll import IN, OUT, new_poll
from ladle.collect.unpack import DamagedError, Unpacker

LATE, TOO_LARGE, DAMAGED, SENT_TWICE = -1, -2, -3, -4
"""Our own ways to fail, beside curl's numbers; SENT_TWICE: curl was about to, since a kept connection had died."""
PREREQ_OK: int = pycurl.PREREQFUNC_OK
PREREQ_ABORT: int = pycurl.PREREQFUNC_ABORT
_PACKED = b"\ncontent-encoding:"
_ENDS = (b"\r\n", b"\n")
_MASKS = {pycurl.POLL_NONE: 0, pycurl.POLL_IN: IN, pycurl.POLL_OUT: OUT, pycurl.POLL_INOUT: IN | OUT}
"""curl's wishes in epoll's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one call may take at most."""

    connect: float = 10.0
    """Seconds to find the host and to connect."""
    silence: float = 30.0
    """Seconds without a byte."""
    whole: float = 60.0
    """Seconds for the headers, and as many for the body. A permit is charged for 70 s at most, so no more than that."""
    size: int = 64 * 1024 * 1024
    """Bytes of a body, decompressed."""


@dataclass(slots=True, eq=False)
class Came:
    """What came of one attempt; of one that failed, what is needed to say why."""

    code: int
    """0 when all is well, else one of curl's numbers or of ours."""
    status: int = 0
    head: bytes = b""
    """The header lines, the status line first, each with its end."""
    body: bytes = b""
    told: str = ""
    """curl's own words: they may hold addresses, so they are read and never shown."""
    errno: int = 0
    proxy: bool = False
    """It went, or would have gone, by a proxy ..."""
    proxy_status: int = 0
    """... which answered so when it was asked for a tunnel."""


def options(*, host: str, headers: Sequence[bytes], bounds: Bounds) -> dict[int, Any]:
    """What holds for every call to one site."""
    trusted = ssl.get_default_verify_paths()  # as Python finds them: SSL_CERT_FILE and SSL_CERT_DIR are heeded
    chosen: dict[int, Any] = {
        pycurl.HTTPHEADER: list(headers),
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
        pycurl.CONNECTTIMEOUT_MS: max(1, round(bounds.connect * 1000)),
        pycurl.PATH_AS_IS: 1,
        pycurl.NOSIGNAL: 1,
        pycurl.BUFFERSIZE: 1 << 17,
    }
    if trusted.cafile:
        chosen[pycurl.CAINFO] = trusted.cafile
    if trusted.capath:
        chosen[pycurl.CAPATH] = trusted.capath
    if _is_here(host):
        chosen[pycurl.PROXY] = ""  # no proxy can reach what this machine calls itself
    return chosen


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class _Line:
    """One of curl's handles with what is coming through it; used for one call after another."""

    def __init__(self, options: Mapping[int, Any], bounds: Bounds) -> None:
        self.curl, self._bounds = pycurl.Curl(), bounds
        self.has_own_headers = False
        self.curl.setopt(pycurl.PREREQFUNCTION, self._about_to_send)
        self.curl.setopt(pycurl.HEADERFUNCTION, self._on_header)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._on_body)
        for option, value in options.items():
            self.curl.setopt(option, value)

    def begin(self, came: asyncio.Future[Came], headed: Callable[[], None]) -> None:
        """Forget the call before."""
        self.came, self._tell_headed = came, headed
        self._lines: list[bytes] = []
        self._parts: list[bytes] = []
        self._unpacker: Unpacker | None = None
        self._room, self._sent, self._head, self._wrong = self._bounds.size, 0, b"", 0
        self._last = time.monotonic()
        self._due = self._last + self._bounds.whole

    def _about_to_send(self, *_: object) -> int:
        """curl asks each time before it sends; a second time in one attempt would be a call without a permit."""
        self._sent += 1
        self._last = time.monotonic()
        return PREREQ_OK if self._sent == 1 else PREREQ_ABORT

    def _on_header(self, line: bytes) -> None:
        if self._head or not self._sent:  # a trailer; or the words of a proxy that makes a tunnel
            return
        if line not in _ENDS:
            self._lines.append(line)
        elif self._lines[0].split(None, 2)[1][:1] == b"1":  # 103 Early Hints and the like: the answer is still to come
            self._lines.clear()
        else:
            self._head, self._last = b"".join(self._lines), time.monotonic()
            self._due = self._last + self._bounds.whole
            self._tell_headed()

    def _on_body(self, part: bytes) -> int:
        """Keep what came. What curl is told to be taken differs from what it gave when this is to end."""
        self._last, length = time.monotonic(), len(part)
        try:
            if not self._parts and (encoding := _encoding(self._head)):
                self._unpacker = Unpacker(encoding)
            if self._unpacker is not None:
                part = self._unpacker.feed(part, room=self._room)
        except DamagedError:
            self._wrong = DAMAGED
            return -1
        self._room -= len(part)
        if self._room < 0:
            self._wrong = TOO_LARGE
            return -1
        self._parts.append(part)
        return length

    @property
    def runs_out(self) -> float:
        """When it is given up unless something comes before."""
        return min(self._due, self._last + self._bounds.silence)

    def end(self, code: int, told: str = "") -> None:
        """Give what came to the one who waits for it."""
        if self.came.done():
            return
        if code == 0 and self._unpacker is not None and not self._unpacker.is_whole:
            code = DAMAGED
        if code == 0:
            status = self.curl.getinfo(pycurl.RESPONSE_CODE)
            body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self.came.set_result(Came(0, status, self._head, body))
        else:
            self.came.set_result(self._failed(code, told))

    def _failed(self, code: int, told: str) -> Came:
        if code == pycurl.E_ABORTED_BY_CALLBACK:
            code = SENT_TWICE
        ask = self.curl.getinfo
        return Came(
            self._wrong or code,
            told=told,
            errno=ask(pycurl.OS_ERRNO),
            proxy=bool(ask(pycurl.USED_PROXY)),
            proxy_status=ask(pycurl.HTTP_CONNECTCODE),
        )


def _encoding(head: bytes) -> str:
    """The Content-Encoding, where there is one that changes anything."""
    encoding = head.lower().partition(_PACKED)[2].partition(b"\n")[0].strip().decode("ascii", "replace")
    return "" if encoding == "identity" else encoding


class Wires:
    """Lines to one site, in the running loop. Connections are kept open for the next call."""

    def __init__(self, options: Mapping[int, Any], *, connections: int, bounds: Bounds) -> None:
        self._options, self._bounds = options, bounds
        self._loop = asyncio.get_running_loop()
        self._flying: dict[pycurl.Curl, _Line] = {}
        self._free: list[_Line] = []
        self._poll, self._polled = new_poll(), set[int]()
        self._loop.add_reader(self._poll.fileno(), self._on_ready)
        self._kick: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._wake_at: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)

    async def send(self, url: bytes, *, headers: Sequence[bytes] = (), headed: Callable[[], None]) -> Came:
        """One attempt; `headed` is called when its headers have come. Cancelled, it is taken off the wire."""
        line = self._free.pop() if self._free else _Line(self._options, self._bounds)
        line.begin(self._loop.create_future(), headed)
        curl = line.curl
        curl.setopt(pycurl.URL, url)
        if headers or line.has_own_headers:
            curl.setopt(pycurl.HTTPHEADER, [*self._options[pycurl.HTTPHEADER], *headers])
            line.has_own_headers = bool(headers)
        self._flying[curl] = line
        self._multi.add_handle(curl)
        if self._watch is None:
            self._watch = self._loop.call_later(min(self._bounds.silence, self._bounds.whole), self._look_round)
        try:
            return await line.came
        finally:
            if self._flying.pop(curl, None):
                self._multi.remove_handle(curl)
            self._free.append(line)

    def close(self) -> None:
        """Hang up; what is still in flight comes to nothing."""
        for handle in (self._kick, self._timer, self._watch):
            if handle is not None:
                handle.cancel()
        for curl, line in self._flying.items():
            self._multi.remove_handle(curl)
            line.came.cancel()
        self._flying.clear()
        self._loop.remove_reader(self._poll.fileno())
        self._multi.close()
        for line in self._free:
            line.curl.close()
        self._poll.close()

    def _on_socket(self, what: int, fd: int, *_: object) -> None:
        """What curl waits for at a socket, from now on."""
        if what in _MASKS and fd not in self._polled:
            self._polled.add(fd)
            self._poll.register(fd, _MASKS[what])
        elif what in _MASKS:
            self._poll.modify(fd, _MASKS[what])
        elif fd in self._polled:
            self._polled.discard(fd)
            with suppress(OSError):  # closed already
                self._poll.unregister(fd)

    def _on_ready(self) -> None:
        act = self._multi.socket_action
        for fd, mask in self._poll.poll(0):
            # An error or the other side's end makes it both readable and writable: curl finds out which.
            act(fd, pycurl.CSELECT_IN * bool(mask & ~OUT) | pycurl.CSELECT_OUT * bool(mask & ~IN))
        self._settle()

    def _on_timer(self, milliseconds: int) -> None:
        """When curl wants to be called though nothing has come; none before if negative."""
        if milliseconds == 0:
            self._kick = self._kick or self._loop.call_soon(self._go_on)
            return
        self._wake_at = self._loop.time() + milliseconds / 1000 if milliseconds > 0 else None
        # A timer that goes off too early is cheaper than one that is set anew for each call.
        if self._wake_at is not None and (self._timer is None or self._timer.when() > self._wake_at):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._wake_at, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self._wake_at is not None and self._loop.time() < self._wake_at:
            self._timer = self._loop.call_at(self._wake_at, self._on_time)
        elif self._wake_at is not None:
            self._go_on()

    def _go_on(self) -> None:
        self._kick = self._wake_at = None
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._settle()

    def _settle(self) -> None:
        """Give out what has come to its end."""
        more = 1
        while more:
            more, good, bad = self._multi.info_read()
            for curl in good:
                self._take_off(curl).end(0)
            for curl, code, told in bad:
                self._take_off(curl).end(code, told)

    def _take_off(self, curl: pycurl.Curl) -> _Line:
        self._multi.remove_handle(curl)
        return self._flying.pop(curl)

    def _look_round(self) -> None:
        """Give up what has taken too long; one timer for all, since those that set out first run out first."""
        now, self._watch = time.monotonic(), None
        for curl, line in list(self._flying.items()):
            if line.runs_out <= now:
                self._take_off(curl).end(LATE)
        if self._flying:
            soonest = min(line.runs_out for line in self._flying.values())
            self._watch = self._loop.call_later(soonest - now, self._look_round)
