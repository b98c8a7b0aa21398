"""Takes records, made ahead or made up when asked for, gives an API's collection of them in pages, at any size."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from math import ceil
from typing import Literal, overload
from urllib.parse import urlencode

from ladle.testing.answers import Answer, answer
from ladle.testing.routes import Request

MISSING = {"detail": "Not found"}


class Numbered(Sequence[object]):
    """So many records, each made when it is looked at: a million cost no memory.

    >>> Numbered(3)[2]
    {'id': 3, 'name': 'record 3'}
    """

    def __init__(self, total: int, make: Callable[[int], object] | None = None) -> None:
        self._numbers = range(1, total + 1)
        self._make = make or (lambda number: {"id": number, "name": f"record {number}"})

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> object: ...
    @overload
    def __getitem__(self, index: slice) -> list[object]: ...
    def __getitem__(self, index: int | slice) -> object:
        if isinstance(index, slice):
            return [self._make(number) for number in self._numbers[index]]
        return self._make(self._numbers[index])


def paged(
    records: Sequence[object], page_size: int = 10, *, style: Literal["page", "link"] = "page", param: str = "page"
) -> Callable[[Request], Answer]:
    """A route for `ScriptedApi`.

    `page`: `?page=N` from 1, answers `{"count", "next", "previous", "results"}`. `link`: answers `{"next", "results"}`
    without a count, and only `next` (`?after=<opaque>`) leads on. `next` is absolute, on the host that was asked, and
    null at the end; past the end is a 404. The records are read anew for each request, so that a list may change while
    it is being collected.
    """
    if page_size < 1:
        raise ValueError(f"A page of {page_size} records holds nothing; take 1 or more.")
    if style == "link":
        return lambda request: _linked(request, records, page_size)
    return lambda request: _page(request, records, page_size, param)


def _page(request: Request, records: Sequence[object], size: int, param: str) -> Answer:
    last = max(1, ceil(len(records) / size))
    asked = request.query.get(param, "1")
    number = int(asked) if asked.isascii() and asked.isdigit() else 0
    if not 1 <= number <= last:
        return answer(MISSING, status=404)

    def address(page: int) -> str:
        return _address(request, {**request.query, param: f"{page}"})

    return answer(
        {
            "count": len(records),
            "next": address(number + 1) if number < last else None,
            "previous": address(number - 1) if number > 1 else None,
            "results": records[(number - 1) * size : number * size],
        }
    )


def _linked(request: Request, records: Sequence[object], size: int) -> Answer:
    try:
        start = int(urlsafe_b64decode(request.query.get("after", "")) or b"0")
    except (NotBase64, ValueError):
        return answer(MISSING, status=404)
    if start >= max(1, len(records)):
        return answer(MISSING, status=404)
    end = start + size
    cursor = urlsafe_b64encode(f"{end}".encode()).decode()
    following = _address(request, {**request.query, "after": cursor}) if end < len(records) else None
    return answer({"next": following, "results": records[start:end]})


def _address(request: Request, query: dict[str, str]) -> str:
    return f"http://{request.headers['Host']}{request.path}?{urlencode(query)}"
