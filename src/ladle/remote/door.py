"""The one way to a server: takes what is asked, gives the answer's document or bytes; asks again where that is safe."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from ladle.errors import Busy, LadleError, Unreachable
from ladle.remote.refusal import Shape, away, not_json, other_version, refusal
from ladle.remote.server import Server
from ladle.remote.wire import AwayError, Head, Request, Transfer, sent
from ladle.version import VERSION

Pairs = Iterable[tuple[str, str]]
_PAUSES = (0.2, 0.6, 1.5)
"""Seconds before each further attempt, where the server does not say how long."""
_LONGEST = 60.0
"""Of the seconds that it says."""
_MOST = 1 << 28
"""Bytes of a document: rows of 32 million characters, and a profile of thousands of columns, are less."""
_PASSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, 504)
Answer = tuple[Head, bytes]


def place(*parts: str) -> str:
    """The path of what is asked for, its parts quoted.

    >>> place("sources", "swapi", "datasets", "a b")
    '/api/v1/sources/swapi/datasets/a%20b'
    """
    return "/".join(("/api/v1", *(quote(part, safe="~") for part in parts)))


def get(server: Server, path: str, pairs: Pairs = ()) -> Any:
    """The document at a path; raises the error that the server tells, Unreachable, or one about its address."""
    _, document = get_either(server, path, pairs)
    return document


def get_either(server: Server, path: str, pairs: Pairs = ()) -> tuple[int, Any]:
    """The same with its status, which is 202 where the answer is still being worked on."""
    head, body = _answer(server, Request(method="GET", url=_url(server, path, pairs), headers=_headers(server)))
    return head.status, _document(server, head, body)


def post(server: Server, path: str, value: object = None, *, pairs: Pairs = (), once: bool = False) -> Any:
    """What comes of a POST. `once`: it goes under a key by which the server knows it again, and so is repeated."""
    return change(server, "POST", path, value, pairs=pairs, once=once)


def change(
    server: Server, method: str, path: str, value: object = None, *, pairs: Pairs = (), once: bool = False
) -> Any:
    """What comes of a request that may change something; None where the answer is empty."""
    body = b"" if value is None else orjson.dumps(value)
    kind = "Content-Type: application/json" if body else "Content-Type:"
    key = [f"Idempotency-Key: {secrets.token_hex(16)}"] if once else []
    request = Request(method=method, url=_url(server, path, pairs), headers=[*_headers(server), kind, *key], body=body)
    head, told = _answer(server, request, safe=once)
    return _document(server, head, told) if told else None


def moved_to(server: Server, path: str) -> str:
    """The last part of the path that the server sends on to; it is not asked for."""
    request = Request(method="GET", url=_url(server, path, ()), headers=_headers(server))
    head, body = _again(server, request, safe=True)
    if head.status != HTTPStatus.TEMPORARY_REDIRECT:
        raise _wrong(server, head, body)
    return head.headers.get("location", "").rstrip("/").rpartition("/")[2]


def pieces(server: Server, path: str, pairs: Pairs = (), *, part: tuple[int, int] | None = None) -> Iterator[bytes]:
    """The bytes at a path, as they come; `part`: from the first up to the second, which is not among them.

    What can be refused is raised before the first piece. An answer that breaks off is Unreachable: nothing that is cut
    short is taken for whole.
    """
    found = _pieces(server, path, pairs, part)
    return chain([next(found, b"")], found)


def _pieces(server: Server, path: str, pairs: Pairs, part: tuple[int, int] | None) -> Iterator[bytes]:
    ranged = [f"Range: bytes={part[0]}-{part[1] - 1}"] if part else []
    request = Request(method="GET", url=_url(server, path, pairs), headers=[*_headers(server), *ranged])
    with sent(request, host=server.host, alone=True) as transfer:
        try:
            head = transfer.head()
            if head.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise _wrong(server, head, _read(transfer))
            if part and head.status != HTTPStatus.PARTIAL_CONTENT:
                raise other_version(server, "gives no parts of files")
            yield from transfer.pieces()
        except AwayError as error:
            raise away(server, str(error)) from None


def pages(server: Server, path: str, pairs: Pairs = (), *, size: int = 1000) -> Iterator[Any]:
    """Every result of a list, however many pages it has."""
    offset, count = 0, 1
    while offset < count:
        told = get(server, path, [*pairs, ("limit", str(size)), ("offset", str(offset))])
        results, count = told["results"], told["count"]
        yield from (Shape(each) if isinstance(each, dict) else each for each in results)
        offset += max(1, len(results))


def _url(server: Server, path: str, pairs: Pairs) -> str:
    query = urlencode(list(pairs))
    return f"{server.address}{path}{f'?{query}' if query else ''}"


def _headers(server: Server) -> list[str]:
    shown = [f"Authorization: Bearer {server.token}"] if server.token else []
    return ["Accept: application/json", f"User-Agent: ladle/{VERSION}", *shown]


def _answer(server: Server, request: Request, *, safe: bool = True) -> Answer:
    """An answer that is good; raises the error that any other stands for."""
    head, body = _again(server, request, safe=safe)
    if HTTPStatus.OK <= head.status < HTTPStatus.MULTIPLE_CHOICES:
        return head, body
    raise _wrong(server, head, body)


def _again(server: Server, request: Request, *, safe: bool) -> Answer:
    """The answer; one that is not there, or that says to come again, is asked for again where that does no harm."""
    for pause in _PAUSES if safe else ():
        try:
            head, body = _once(request, server)
        except AwayError as error:
            if error.lasting:
                break
            time.sleep(pause)
            continue
        if head.status not in _PASSING:
            return head, body
        time.sleep(_told_pause(head, pause))
    try:
        return _once(request, server)
    except AwayError as error:
        raise away(server, str(error)) from None


def _once(request: Request, server: Server) -> Answer:
    with sent(request, host=server.host) as transfer:
        return transfer.head(), _read(transfer)


def _read(transfer: Transfer) -> bytes:
    found, room = [], _MOST
    for piece in transfer.pieces():
        found.append(piece)
        room -= len(piece)
        if room < 0:
            raise Unreachable(f"An answer has more than {_MOST >> 20} MB.", hint="Ask for fewer rows or columns.")
    return b"".join(found)


def _told_pause(head: Head, otherwise: float) -> float:
    told = head.headers.get("retry-after", "")
    return min(float(told), _LONGEST) if told.isdecimal() and told.isascii() else otherwise


def _document(server: Server, head: Head, body: bytes) -> Any:
    if head.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise not_json(server, head)
    try:
        told = orjson.loads(body)
        return Shape(told) if isinstance(told, dict) else told
    except orjson.JSONDecodeError:
        raise not_json(server, head) from None


def _wrong(server: Server, head: Head, body: bytes) -> LadleError:
    error = refusal(server, head, body)
    if isinstance(error, Busy) and not error.hint and (after := head.headers.get("retry-after")):
        return Busy(error.message, hint="" if "again" in error.message.lower() else f"Ask again in {after} seconds.")
    return error
