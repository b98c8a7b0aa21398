"""One of curl's handles: takes settings and a call, gives what came through it, or by which number it failed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import pycurl

from ladle.collect.unpack import DamagedError, Unpacker

LATE, TOO_LARGE, DAMAGED, SENT_TWICE, NOT_ALLOWED = -1, -2, -3, -4, -5
"""Our own ways to fail, beside curl's numbers; SENT_TWICE: curl was about to, since a kept connection had died."""
PREREQ_OK: int = pycurl.PREREQFUNC_OK
PREREQ_ABORT: int = pycurl.PREREQFUNC_ABORT
LISTS = frozenset({"link", "ratelimit", "ratelimit-policy", "ratelimit-limit"})
"""Headers that may come on several lines (RFC 9110, 5.3): the next page, or the tightest limit, is on any of them."""
_STATUS = slice(len(b"HTTP/1.1 "), len(b"HTTP/1.1 ") + 1)
"""The status's first digit."""
_PACKED = b"\ncontent-encoding:"
_ENDS = (b"\r\n", b"\n")


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

    def headers(self) -> dict[str, str]:
        """By their names in small letters. They may hold any byte; what is no UTF-8 could not be written down."""
        found: dict[str, str] = {}
        for line in self.head.decode("utf-8", "replace").split("\n")[1:-1]:  # the first is the status
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            found[name] = f"{found[name]}, {value}" if name in LISTS and name in found else value
        return found


def options(*, host: str, headers: Sequence[bytes], bounds: Bounds, direct: bool = False) -> dict[int, Any]:
    """What holds for every call to one site; `direct`: by no proxy, which would reach what may not be reached."""
    trusted = ssl.get_default_verify_paths()  # as Python finds them: SSL_CERT_FILE and SSL_CERT_DIR are heeded
    chosen: dict[int, Any] = {
        # The last takes a header away: curl would ask whether a large body may be sent, and wait a second for that.
        pycurl.HTTPHEADER: [*headers, b"Expect:"],
        # Under HTTP/2 a server may refuse a stream after the fact, and one lost connection loses every call in flight.
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
    if direct or is_here(host):
        chosen[pycurl.PROXY] = ""  # no proxy can reach what this machine calls itself
    return chosen


def is_here(host: str) -> bool:
    """Whether a host is what this machine calls itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Line:
    """One of curl's handles with what is coming through it; used for one call after another."""

    def __init__(self, options: Mapping[int, Any], bounds: Bounds, allows: Callable[[str], bool] | None) -> None:
        self.curl, self._bounds = pycurl.Curl(), bounds
        if allows is not None:
            self._allows = allows
            self.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        self.has_own_headers = self.has_body = False
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

    def carry(self, body: bytes | None) -> None:
        """Take a body along, by POST; or none again, by GET."""
        if body is None:
            self.curl.setopt(pycurl.HTTPGET, 1)
        else:
            self.curl.setopt(pycurl.POSTFIELDS, body)
        self.has_body = body is not None

    def _open_socket(self, _purpose: int, to: tuple[int, int, int, Any]) -> socket.socket | int:
        """The last look: this is the address that would be connected to, by whatever way it was come by."""
        family, kind, protocol, address = to
        if family in (socket.AF_INET, socket.AF_INET6) and self._allows(address[0]):
            return socket.socket(family, kind, protocol)
        self._wrong = NOT_ALLOWED
        refused: int = pycurl.SOCKET_BAD
        return refused

    def _about_to_send(self, *_: object) -> int:
        """curl asks each time before it sends; a second time in one attempt would be a call without a permit."""
        self._sent += 1
        self._last = time.monotonic()
        return PREREQ_OK if self._sent == 1 else PREREQ_ABORT

    def _on_header(self, line: bytes) -> None:
        """One of the lines of a head, which end with an empty one: there are ten of them to an answer."""
        self._last = time.monotonic()
        if line in _ENDS:
            self._on_head()
        else:
            self._lines.append(line)

    def _on_head(self) -> None:
        head, self._lines = b"".join(self._lines), []
        if self._head or not self._sent:  # a trailer; or the words of a proxy that makes a tunnel
            return
        if head[_STATUS] != b"1":  # 103 Early Hints and the like: the answer is still to come
            self._head, self._due = head, self._last + self._bounds.whole
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
        """Give what came to the one who waits for it, and keep nothing of it."""
        parts, self._parts = self._parts, []
        if self.came.done():
            return
        if code == 0 and self._unpacker is not None and not self._unpacker.is_whole:
            code = DAMAGED
        if code == 0:
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self.came.set_result(Came(0, self.curl.getinfo(pycurl.RESPONSE_CODE), self._head, body))
        else:
            self.came.set_result(self._failed(code, told))

    def _failed(self, code: int, told: str) -> Came:
        if code == pycurl.E_ABORTED_BY_CALLBACK:
            code = SENT_TWICE
        ask = self.curl.getinfo
        return Came(
            self._wrong or code,
            # A body that nobody wants whole doesn't make its status unknown.
            status=ask(pycurl.RESPONSE_CODE) if self._wrong == TOO_LARGE else 0,
            told=told,
            errno=ask(pycurl.OS_ERRNO),
            proxy=bool(ask(pycurl.USED_PROXY)),
            proxy_status=ask(pycurl.HTTP_CONNECTCODE),
        )


def _encoding(head: bytes) -> str:
    """The Content-Encoding, where there is one that changes anything."""
    lowered = head.lower()
    if _PACKED not in lowered:
        return ""
    encoding = lowered.partition(_PACKED)[2].partition(b"\n")[0].strip().decode("ascii", "replace")
    return "" if encoding == "identity" else encoding
