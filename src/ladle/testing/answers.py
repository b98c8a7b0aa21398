"""Takes what an answer should be or how it should go wrong, gives it as data for a `ScriptedApi`."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Fault = Literal["none", "truncated", "cut", "miscounted", "reset", "hang", "drip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: its status, headers and bytes, and what goes wrong on the way."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: Fault = "none"
    kept: int = 0
    """Of a truncated or cut answer: how many bytes are sent before the connection ends. Of a miscounted one: how many
    its Content-Length tells of."""
    chunk: int = 1
    """Of a dripping answer: bytes at a time."""
    pause: float = 0.0
    """Of a dripping answer: seconds before each chunk."""


def answer(body: object = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Bytes and text go out as they are, anything else as JSON; the headers given win over `Content-Type`."""
    raw, kind = _encoded(body)
    return Answer(status=status, headers={"Content-Type": kind, **(headers or {})}, body=raw)


def later(*, status: int = 429, after: float | str | None = None, body: object = "Too many requests") -> Answer:
    """Refused for now; `after` goes into Retry-After: seconds, a date as HTTP writes it, or None for no such header."""
    return answer(body, status=status, headers={} if after is None else {"Retry-After": f"{after}"})


def redirect(to: str, *, status: int = 302) -> Answer:
    """To another address; a path stays on this server."""
    return answer(b"", status=status, headers={"Location": to})


def truncated(body: object, *, kept: int) -> Answer:
    """A 200 whose Content-Length promises the whole body, and a connection that ends after `kept` bytes of it."""
    raw, kind = _encoded(body)
    return Answer(headers={"Content-Type": kind}, body=raw, fault="truncated", kept=kept)


def cut(body: object, *, kept: int) -> Answer:
    """A 200 in chunks, without a Content-Length, and a connection that ends after `kept` bytes: no last chunk comes."""
    raw, kind = _encoded(body)
    return Answer(headers={"Content-Type": kind}, body=raw, fault="cut", kept=kept)


def miscounted(body: object, *, told: int) -> Answer:
    """A 200 whose Content-Length tells of only `told` bytes, although the whole body comes."""
    raw, kind = _encoded(body)
    return Answer(headers={"Content-Type": kind}, body=raw, fault="miscounted", kept=told)


def gzipped(body: object, *, kept: int | None = None) -> Answer:
    """A 200 in gzip; with `kept`, a complete answer with only so many bytes of it, as from a broken cache."""
    raw, kind = _encoded(body)
    packed = gzip.compress(raw, mtime=0)
    return Answer(headers={"Content-Type": kind, "Content-Encoding": "gzip"}, body=packed[:kept])


def bad_gzip(body: object) -> Answer:
    """A 200 that says gzip and is complete, but whose compressed bytes are damaged."""
    raw, kind = _encoded(body)
    packed = bytearray(gzip.compress(raw, mtime=0))
    # The first byte after gzip's header of ten: 7 means a kind of block that does not exist, so no reader gets past it.
    packed[10] = 7
    return Answer(headers={"Content-Type": kind, "Content-Encoding": "gzip"}, body=bytes(packed))


def reset() -> Answer:
    """No answer: the connection is reset once the request has been read."""
    return Answer(fault="reset")


def hang(body: object = b"") -> Answer:
    """No answer until `ScriptedApi.release()`, then a 200 with this body."""
    raw, kind = _encoded(body)
    return Answer(headers={"Content-Type": kind}, body=raw, fault="hang")


def html(words: str = "Internal Server Error", *, status: int = 500) -> Answer:
    """A page for people where data should be: from a proxy in front of the API, or from a login."""
    page = f"<!doctype html><html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>"
    return answer(page, status=status, headers={"Content-Type": "text/html; charset=utf-8"})


def drip(body: object, *, chunk: int = 1, pause: float = 0.01) -> Answer:
    """A 200 whose body comes `chunk` bytes at a time, with `pause` seconds before each."""
    raw, kind = _encoded(body)
    return Answer(headers={"Content-Type": kind}, body=raw, fault="drip", chunk=chunk, pause=pause)


def _encoded(body: object) -> tuple[bytes, str]:
    match body:
        case bytes():
            return body, "application/octet-stream"
        case str():
            return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"
