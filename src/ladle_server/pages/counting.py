"""Takes what is counted by, gives what the page of counts says of it: each term with its bins, the view, the orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.http import urlencode

import ladle
from ladle_server.pages.chips import Chip, narrowing
from ladle_server.pages.columns import Described, Head
from ladle_server.pages.viewing import counts_pairs, names_of, short_query

ORDERS: Mapping[str, str] = {"count": "Largest first", "first": "Order as first seen", "value": "Order by value"}
_UNITS = {"date": ("year", "quarter", "month", "day"), "timestamp": ("year", "quarter", "month", "day", "hour")}
_NUMERIC = ("integer", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One chosen term, and the query without it."""

    term: str
    column: str
    without: str
    options: tuple[tuple[str, str], ...]
    """Terms of the same column, each with what it is called; none where there is only the column itself."""
    readable: bool
    """Whether it is text that can be read as numbers."""
    as_number: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    by: tuple[str, ...]
    order: str
    view: ladle.View

    def query(self, snapshot: ladle.Snapshot, **changes: Any) -> str:
        """The query of an address that asks for this, or for something else in a part."""
        asked = replace(self, **changes)
        order = [] if asked.order == "count" else [("_order", asked.order)]
        return urlencode([*(("by", term) for term in asked.by), *order, *counts_pairs(snapshot, asked.view)])


def column_of(term: str, names: Sequence[str]) -> str:
    """The column of a term; a name that is a column's is that column first."""
    return term if term in names or ":" not in term else term.rpartition(":")[0]


def heads(asked: Asked, columns: Mapping[str, Described]) -> list[Head]:
    """The heads of the table: values are numbers where they are not put together in bins."""
    return [
        Head(term, "number" if term in columns and (columns[term].numeric or term in asked.view.numbers) else "text")
        for term in asked.by
    ]


def chosen(snapshot: ladle.Snapshot, asked: Asked, columns: Mapping[str, Described]) -> list[Chosen]:
    """The terms of the address, each with what else its column can be counted by."""
    told = {column["name"]: column for column in snapshot.profile()["columns"]}
    found = []
    for term in asked.by:
        name = column_of(term, list(columns))
        others = tuple(each for each in asked.by if each != term)
        as_number = name in asked.view.numbers
        found.append(
            Chosen(
                term=term,
                column=name,
                without=asked.query(snapshot, by=others),
                options=_options(term, name, columns[name].type, told[name], as_number=as_number),
                readable=columns[name].type == "text" and (as_number or "numbers" in told[name]),
                as_number=as_number,
            )
        )
    return found


def removable(snapshot: ladle.Snapshot, asked: Asked) -> list[Chip]:
    """The parts of the view that decide which rows are counted."""
    return narrowing(snapshot, asked.view, lambda left: asked.query(snapshot, view=left))


def rows_query(snapshot: ladle.Snapshot, asked: Asked, values: Sequence[object]) -> str:
    """What asks for the rows of a combination; empty where a value is too long for an address."""
    names = names_of(snapshot)
    more = [
        each for term, value in zip(asked.by, values, strict=True) for each in _filters(column_of(term, names), value)
    ]
    view = ladle.View(filters=(*asked.view.filters, *more), search=asked.view.search, numbers=asked.view.numbers)
    return short_query(snapshot, view)


def _filters(name: str, value: object) -> Iterable[ladle.Filter]:
    if value is None:
        return [ladle.Filter(name, "isnull", "1")]
    if not isinstance(value, ladle.Bin):
        return [ladle.Filter(name, "exact", ladle.text_of(value))]
    edges = (("gte", value.low), ("lt", value.high))
    return [ladle.Filter(name, op, _edge(edge)) for op, edge in edges if edge is not None]


def _edge(edge: object) -> str:
    """An edge in an address; midnight as its day."""
    if isinstance(edge, datetime):
        plain = edge.replace(tzinfo=None)
        return edge.date().isoformat() if edge.time() == time() else f"{plain.isoformat(timespec='seconds')}Z"
    return edge.isoformat() if isinstance(edge, date) else ladle.text_of(edge)


def _options(
    term: str, name: str, kind: str, told: Mapping[str, Any], *, as_number: bool
) -> tuple[tuple[str, str], ...]:
    """What the column can be counted by, the term itself among them."""
    if kind in _UNITS:
        bins = {unit: f"by {unit}" for unit in _UNITS[kind]}
    elif kind in _NUMERIC or as_number:
        bins = {width: f"in steps of {width}" for width in _widths(told.get("numbers", told), whole=kind == "integer")}
    else:
        return ()
    own = term.removeprefix(f"{name}:")
    bins |= {own: f"in steps of {own}"} if term != name and own != "auto" and own not in bins else {}
    found = {name: "each value", f"{name}:auto": "in bins"}
    return tuple((found | {f"{name}:{bin_}": words for bin_, words in bins.items()}).items())


def _widths(told: Mapping[str, Any], *, whole: bool) -> list[str]:
    """Three round widths that make about a hundred, ten and four bins."""
    low, high = told.get("min"), told.get("max")
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low == high:
        return []
    found = []
    for parts in (100, 10, 4):
        exact = (Decimal(high) - Decimal(low)) / parts
        size = Decimal(1).scaleb(exact.adjusted())
        width = next(size * first for first in (1, 2, 5, 10) if size * first >= exact)
        found.append(max(width, Decimal(1)) if whole else width)
    return list(dict.fromkeys(ladle.text_of(float(width)) for width in found))
