"""Counts by a server: takes how to ask it, gives combinations page by page, and a part of them as a home's Counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ladle.explore.counts import CountRow, Counts, Rest, check_part
from ladle.remote.door import Pairs
from ladle.remote.reading import count_row
from ladle.remote.values import Types

Ask = Callable[[Pairs], Any]
_PAGE = 1000


def count(ask: Ask, asked: Sequence[tuple[str, str]], types: Types, *, limit: int | None, offset: int) -> Counts:
    """A part of the combinations, all from `offset` on without a limit."""
    check_part(limit=limit, offset=offset)
    told: list[Any] = []
    rows: list[CountRow] = []
    while not told or (len(rows) != limit and told[-1]["results"] and offset + len(rows) < told[-1]["count"]):
        size = _PAGE if limit is None else min(limit - len(rows), _PAGE)
        told.append(ask(_page(asked, offset + len(rows), size)))
        rows += [count_row(row, types) for row in told[-1]["results"]]
    first = told[0] if offset == 0 else ask(_page(asked, 0, 1))
    return Counts(
        columns=tuple(told[0]["columns"]),
        total_rows=told[0]["total_rows"],
        combinations=told[0]["count"],
        rows=rows,
        rest=Rest(**told[-1]["rest"]),
        largest=next((row["count"] for row in first["results"]), 0),
    )


def every(ask: Ask, asked: Sequence[tuple[str, str]], types: Types) -> Iterator[CountRow]:
    """All combinations."""
    offset, count = 0, 1
    while offset < count:
        told = ask(_page(asked, offset, _PAGE))
        yield from (count_row(row, types) for row in told["results"])
        offset, count = offset + _PAGE, told["count"]


def _page(asked: Sequence[tuple[str, str]], offset: int, limit: int) -> Pairs:
    return [*asked, ("_offset", str(offset)), ("_limit", str(limit))]
