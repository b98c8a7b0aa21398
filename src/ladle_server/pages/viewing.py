"""Takes a snapshot's address, gives the view that it asks for and what the bar over the rows shows of it.

The address holds the view under the API's keys. A form adds to it under keys of its own (`_filter`, `_op`, `_value`,
`_by`, `_down`), and is sent on to the address that holds all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

import ladle
from ladle_server.pages.forms import SPAN_KEYS

FORM_KEYS = frozenset({"_filter", "_op", "_value", "_by", "_down"})
RESERVED = SPAN_KEYS | FORM_KEYS | {"_row"}
PATIENCE = 2.0
"""Seconds that a page waits for a view's rows before it says that they are being looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A part of the view, in words, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A column as header and lists show it: how it is sorted by, and what a press on it asks for."""

    column: Any
    sorted: str
    press: str
    shown: bool


def asked(request: HttpRequest, snapshot: ladle.Snapshot) -> ladle.View:
    """The view that the address holds; raises BadInput for what can't be asked."""
    pairs = ((key, value) for key, values in request.GET.lists() for value in values)
    return snapshot.view(pairs, reserved=RESERVED)


def with_form(request: HttpRequest, snapshot: ladle.Snapshot, view: ladle.View) -> ladle.View | None:
    """The view with what a form adds, to be gone on to; None when the address holds the view as it is.

    Raises BadInput for a filter that can't be.
    """
    query = request.GET
    wanted = replace(view, columns=() if view.columns == _names(snapshot) else view.columns)
    if column := query.get("_filter"):
        wanted = replace(
            wanted, filters=(*view.filters, _filter(column, query.get("_op", ""), query.get("_value", "")))
        )
    if by := query.get("_by"):
        others = tuple(sort for sort in view.sort if sort.column != by)
        wanted = replace(wanted, sort=(*others, ladle.Sort(by, "_down" in query)))
    snapshot.check(wanted)
    bare = any(key in query and not query[key].strip() for key in ("_search", "_sort"))
    return wanted if bare or wanted != view or FORM_KEYS & set(query) else None


def query_of(snapshot: ladle.Snapshot, view: ladle.View) -> str:
    """The query of an address that holds the view; empty for the whole table."""
    return urlencode(snapshot.pairs(view))


def known_by_now(snapshot: ladle.Snapshot, view: ladle.View) -> int | None:
    """How many rows the view has; None while that is still being worked out."""
    work = snapshot.prepare(view)
    return work.result() if done_by_now(work) else None


def counts_pairs(snapshot: ladle.Snapshot, view: ladle.View) -> list[tuple[str, str]]:
    """The view in an address of counts, where `by` is no column, and order and columns mean nothing."""
    pairs = snapshot.pairs(replace(view, sort=(), columns=()))
    return [("by__exact" if key == "by" else key, value) for key, value in pairs]


def done_by_now(work: ladle.Work[int]) -> bool:
    """Whether a question is answered, after a while at most; raises what it failed with."""
    try:
        work.result(timeout=PATIENCE)
    except NotYet:
        return False
    return True


def percent(work: ladle.Work[int]) -> int | None:
    """How far a question is, in whole percent; None as long as that is not known."""
    return None if (share := work.progress) is None else int(share * 100)


def bar(request: HttpRequest, snapshot: ladle.Snapshot, view: ladle.View, columns: Sequence[Any]) -> dict[str, Any]:
    """What the bar, the headers and the links below the rows show."""
    query = query_of(snapshot, view)
    choices = [_choice(column, snapshot, view) for column in columns]
    by_name = {choice.column.name: choice for choice in choices}
    typed = {key.lstrip("_"): request.GET.get(key, "") for key in FORM_KEYS}
    shown = [by_name[name] for name in view.columns] or choices
    return {
        "view": view,
        "words": snapshot.words(view),
        "query": query,
        "kept_query": f"{query}&" if query else "",
        "counts_query": urlencode(counts_pairs(snapshot, view)),
        "chips": _chips(snapshot, view),
        "carried": snapshot.pairs(replace(view, search="")),
        "carried_in_sort": snapshot.pairs(replace(view, sort=())),
        "carried_in_columns": snapshot.pairs(replace(view, columns=())),
        "carried_in_row": snapshot.pairs(view),
        "operators": ladle.OPERATORS.items(),
        "choices": choices,
        "headers": shown,
        "columns": [choice.column for choice in shown],
        "unsorted": [choice.column for choice in choices if not choice.sorted],
        "form": typed,
    }


def rows_where(snapshot: ladle.Snapshot, values: Iterable[tuple[str, object]]) -> str:
    """The query of the rows that have these values, given as the CSV has them or None."""
    filters = [ladle.Filter(name, *(("isnull", "1") if value is None else ("exact", value))) for name, value in values]
    return query_of(snapshot, ladle.View(filters=tuple(filters)))


def _names(snapshot: ladle.Snapshot) -> tuple[str, ...]:
    return tuple(column.name for column in snapshot.columns)


def _filter(column: str, op: str, value: str) -> ladle.Filter:
    return ladle.Filter(column, op or "exact", "1" if op in ("isnull", "notnull", "isblank", "notblank") else value)


def _chips(snapshot: ladle.Snapshot, view: ladle.View) -> list[Chip]:
    """The view's filters and sorts."""
    found = []
    for place, each in enumerate(view.filters):
        words = snapshot.words(ladle.View(filters=(each,), numbers=view.numbers)).removeprefix("where ")
        left = view.filters[:place] + view.filters[place + 1 :]
        found.append(Chip(text=words, without=query_of(snapshot, replace(view, filters=left))))
    for place, sort in enumerate(view.sort):
        words = snapshot.words(ladle.View(sort=(sort,), numbers=view.numbers))
        rest = view.sort[:place] + view.sort[place + 1 :]
        found.append(Chip(text=words, without=query_of(snapshot, replace(view, sort=rest))))
    return found


def _choice(column: Any, snapshot: ladle.Snapshot, view: ladle.View) -> Choice:
    """A press sorts by the column alone; pressed again, the other way; a third time, not at all."""
    place = next((place for place, sort in enumerate(view.sort) if sort.column == column.name), None)
    way = "" if place is None else "descending" if view.sort[place].descending else "ascending"
    down = bool(way == "ascending" and place == 0)
    wanted = () if way == "descending" and place == 0 else (ladle.Sort(column.name, down),)
    press = dict(snapshot.pairs(ladle.View(sort=wanted))).get("_sort", "")
    return Choice(column=column, sorted=way, press=press, shown=not view.columns or column.name in view.columns)
