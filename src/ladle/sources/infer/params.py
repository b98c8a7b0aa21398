"""What parameters are for: takes their names and an API's links, tells pages, offsets, sizes and cursors apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from ladle.sources.infer.addresses import params_of
from ladle.sources.infer.envelope import simple
from ladle.sources.spelling import plain_path

PAGE = frozenset("page p pg pageno pagenumber pagenum pageindex currentpage _page pagina pageid".split())
OFFSET = frozenset("offset skip start startindex startrecord from startat pageoffset resultoffset first_result".split())
SIZE = frozenset(
    "limit perpage pagesize pagelimit size count rows top take max maxresults num n results itemsperpage hitsperpage"
    " resultsperpage first maxrecords resultrecordcount amount".split()
)
CURSOR = frozenset(
    "cursor startingafter pagetoken nextpagetoken nextcursor nexttoken continuationtoken scrollid pagecursor".split()
)
OFFSETS_OF_SIZE: Mapping[str, tuple[str, ...]] = {
    "limit": ("offset", "skip", "start"),
    "_limit": ("_start",),
    "$top": ("$skip",),
    "$limit": ("$offset",),
    "top": ("skip",),
    "take": ("skip",),
    "rows": ("start",),
    "maxResults": ("startAt", "startIndex"),
    "page[limit]": ("page[offset]",),
    "resultRecordCount": ("resultOffset",),
    "count": ("offset", "start"),
}
PAGES_OF_SIZE: Mapping[str, tuple[str, ...]] = {
    "pageSize": ("page", "pageNumber"),
    "page_size": ("page",),
    "per_page": ("page",),
    "perPage": ("page",),
    "page[size]": ("page[number]",),
    "_limit": ("_page",),
    "size": ("page",),
}
"""Which parameters go with one that says how many."""


class Step(NamedTuple):
    """How a next address differs from this one: by one number."""

    kind: Literal["page", "offset"]
    param: str
    first: int
    size_param: str | None
    size: int | None


def step_between(url: str, following: str, *, records: int) -> Step | None:
    """The one number in which the next address differs from this one; None where it is opaque.

    >>> step_between("https://a.org/x", "https://a.org/x?offset=20&limit=20", records=20)
    Step(kind='offset', param='offset', first=0, size_param='limit', size=20)
    """
    try:
        absolute = urljoin(url, following)
        paths = [plain_path(urlsplit(each).path) for each in (url, absolute)]
        now, then = params_of(url), params_of(absolute)
    except ValueError:
        return None
    changed = {name: value for name, value in then.items() if now.get(name) != value}
    if paths[0] != paths[1] or any(name not in then for name in now) or not all(map(_is_number, changed.values())):
        return None
    sizes = [name for name in then if is_size(name) and _is_number(then[name])]
    moving = [name for name in changed if name not in sizes]
    if len(moving) != 1 or any(name in now for name in changed if name in sizes):
        return None
    return _step(moving[0], now.get(moving[0]), int(then[moving[0]]), sizes, then, records)


def _step(
    name: str, before: str | None, value: int, sizes: list[str], then: Mapping[str, str], records: int
) -> Step | None:
    size = int(then[sizes[0]]) if sizes else None
    known = size is not None and size >= records
    told = (sizes[0], size) if known else (None, None)
    if is_page(name):
        if before is not None and _is_number(before):
            first = min(int(before), 1)
            return Step("page", name, first, *told) if value == int(before) + 1 else None
        return Step("page", name, value - 1, *told) if value in (1, 2) else None
    if is_offset(name) and value > 0:
        start = int(before) if before is not None and _is_number(before) else 0
        steps = {records, size or records}
        if value - start in steps:
            return Step("offset", name, start if start in (0, 1) else 0, *told)
        return Step("offset", name, 1, *told) if value - 1 in steps and before is None else None
    return None


def is_page(name: str) -> bool:
    """Whether a parameter looks as if it took a page's number."""
    return simple(name) in PAGE or simple(name) == "page" or name == "page[number]"


def is_offset(name: str) -> bool:
    """Whether it looks as if it took the number of records to skip."""
    return simple(name) in OFFSET


def is_size(name: str) -> bool:
    """Whether it looks as if it took the number of records in a page."""
    return simple(name) in SIZE or simple(name) == "limit"


def is_cursor(name: str) -> bool:
    """Whether it looks as if it took a token."""
    return simple(name) in CURSOR


def size_in(params: Mapping[str, str]) -> tuple[str, int] | None:
    """The parameter that says how many, and how many."""
    return next(
        (
            (name, int(value))
            for name, value in params.items()
            if is_size(name) and _is_number(value) and int(value) > 0
        ),
        None,
    )


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 12
