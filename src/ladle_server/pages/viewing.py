"""Takes a snapshot's address, gives the view that it asks for and what the bar over the rows shows of it.

The address holds the view under the API's keys. A form adds to it under keys of its own (`_filter`, `_op`, `_value`,
`_by`, `_down`, `_add`), where columns are `choices`, and is sent on to the address that holds all of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

import ladle
from ladle_server.pages.chips import Chip, of_filters, of_sorts
from ladle_server.pages.choices import choice_of, named_by
from ladle_server.pages.columns import Described
from ladle_server.pages.forms import SPAN_KEYS
from ladle_server.pages.kept import kept

FORM_KEYS = frozenset({"_filter", "_op", "_value", "_by", "_down", "_add"})
RESERVED = SPAN_KEYS | FORM_KEYS | {"_row"}
MOST_SHOWN = 50
"""Columns that a table shows when none are chosen."""
MOST_LISTED = 200
"""Columns that are listed in a form; of more, the name is typed and the browser completes it."""
AS_NUMBER = "number:"
"""Begins an operator of the form that reads a text column as numbers."""
_MOST_LINKS = 10_000
"""Characters of the address that all bars over a table may repeat, before they are pictures alone."""
_LONGEST_QUERY = 4_000
"""Characters; servers take addresses of about 8,000."""
_WEIGHT = 1_000
"""Bytes that a bar takes for each column."""
_MORE_OR_LESS = ("gte", "gt", "lte", "lt")
_ORDERED = (*_MORE_OR_LESS, "exact", "not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A column's head: how it is sorted by, what a press on it asks for, and where a press on its card leads."""

    column: Described
    sorted: str
    key: str
    press: str
    other: str
    """The query that sorts it the other way, as text or as numbers; empty where that is not to be chosen."""
    as_number: bool
    to: str
    """The address to which a bar adds what it asks for; empty where bars are pictures alone."""
    asked: str
    """What is asked of the column already."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A column that can be shown."""

    name: str
    shown: bool


def asked(request: HttpRequest, snapshot: ladle.Snapshot) -> ladle.View:
    """The view that the address holds; raises BadInput for what can't be asked."""
    pairs = ((key, value) for key, values in request.GET.lists() for value in values)
    return snapshot.view(pairs, reserved=RESERVED)


def with_form(
    request: HttpRequest, snapshot: ladle.Snapshot, view: ladle.View, *, holding: Collection[str] = ()
) -> ladle.View | None:
    """The view with what a form adds, to be gone on to; None when the address holds the view as it is.

    A column that is of those `holding` numbers in its texts is sorted by as numbers, unless it is sorted by already,
    and compared as such with a number, unless it is filtered by already.
    Raises BadInput for a filter that can't be.
    """
    query = request.GET
    wanted = replace(view, columns=() if view.columns == names_of(snapshot) else view.columns)
    if typed := query.get("_filter"):
        column, op = named_by(typed), query.get("_op", "")
        added = _filter(column, op.removeprefix(AS_NUMBER), query.get("_value", ""))
        wanted = replace(wanted, filters=(*view.filters, added))
        free = column in holding and all(each.column != column for each in view.filters)
        meant = op in _MORE_OR_LESS and free and _is_number(query.get("_value", ""))
        wanted = _reading(snapshot, wanted, column) if meant or op.startswith(AS_NUMBER) else wanted
    if typed := query.get("_by"):
        by = named_by(typed)
        others = tuple(sort for sort in view.sort if sort.column != by)
        wanted = _reading(snapshot, wanted, by) if by in holding and others == view.sort else wanted
        wanted = replace(wanted, sort=(*others, ladle.Sort(by, "_down" in query)))
    if (typed := query.get("_add")) and (more := named_by(typed)) not in wanted.columns:
        wanted = replace(wanted, columns=(*wanted.columns, more))
    # A column may be called " ", so an order of spaces is one.
    bare = not query.get("_search", "x").strip() or not query.get("_sort", "x")
    wanted = tidy(wanted) if bare else wanted
    snapshot.check(wanted)
    return wanted if bare or wanted != view or FORM_KEYS & set(query) else None


def _reading(snapshot: ladle.Snapshot, view: ladle.View, name: str) -> ladle.View:
    """The view, which reads a text column as numbers."""
    text = all(column.type == "text" for column in snapshot.columns if column.name == name)
    return replace(view, numbers=(*view.numbers, name)) if text and name not in view.numbers else view


def _is_number(text: str) -> bool:
    """Whether a value is one that numbers are compared with.

    >>> _is_number(" 90.5"), _is_number("tall"), _is_number("nan")
    (True, False, False)
    """
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def tidy(view: ladle.View) -> ladle.View:
    """The view without columns to be read as numbers of which nothing is asked."""
    used = {each.column for each in view.filters} | {each.column for each in view.sort}
    return replace(view, numbers=tuple(name for name in view.numbers if name in used))


def query_of(snapshot: ladle.Snapshot, view: ladle.View) -> str:
    """The query of an address that holds the view; empty for the whole table."""
    return urlencode(snapshot.pairs(view))


def short_query(snapshot: ladle.Snapshot, view: ladle.View) -> str:
    """The same; empty where an address can't hold it, which is known of a value of a megabyte before it is written."""
    if any(isinstance(each.value, str) and len(each.value) > _LONGEST_QUERY for each in view.filters):
        return ""
    query = query_of(snapshot, view)
    return query if len(query) <= _LONGEST_QUERY else ""


def counts_pairs(snapshot: ladle.Snapshot, view: ladle.View) -> list[tuple[str, str]]:
    """The view in an address of counts, where `by` is no column, and order and columns mean nothing."""
    pairs = snapshot.pairs(replace(view, sort=(), columns=()))
    return [("by__exact" if key == "by" else key, value) for key, value in pairs]


def shown_names(snapshot: ladle.Snapshot, view: ladle.View) -> tuple[str, ...]:
    """The columns that a table shows: those chosen, else the first 50."""
    return view.columns or names_of(snapshot)[:MOST_SHOWN]


def bar(
    request: HttpRequest, snapshot: ladle.Snapshot, view: ladle.View, columns: Sequence[Described], *, holding: bool
) -> dict[str, Any]:
    """What the bar, the headers and the links below the rows show; `columns` are the shown ones.

    `holding`: a text column of the table holds numbers.
    """
    query = query_of(snapshot, view)
    weight = _WEIGHT * (len(snapshot.columns) + len(columns))
    same = kept(
        snapshot, ("bar", query), lambda: _bar(snapshot, view, columns, query=query, holding=holding), weight=weight
    )
    return {**same, "view": view, "form": {key.lstrip("_"): request.GET.get(key, "") for key in FORM_KEYS}}


def _bar(
    snapshot: ladle.Snapshot, view: ladle.View, columns: Sequence[Described], *, query: str, holding: bool
) -> dict[str, Any]:
    """What of it a view says by itself."""
    names = names_of(snapshot)
    by_name = {column.name: column for column in columns}
    shown = shown_names(snapshot, view)
    linked = len(query) * len(shown) <= _MOST_LINKS
    wide = len(names) > MOST_LISTED
    sorts = {sort.column for sort in view.sort}
    return {
        "words": snapshot.words(view),
        "query": query,
        "kept_query": f"{query}&" if query else "",
        "chips": _chips(snapshot, view),
        "carried": snapshot.pairs(replace(view, search="")),
        "carried_in_sort": snapshot.pairs(replace(view, sort=())),
        "carried_in_columns": snapshot.pairs(replace(view, columns=())),
        "carried_in_row": snapshot.pairs(view),
        "operators": ladle.OPERATORS.items(),
        "number_operators": [(f"{AS_NUMBER}{op}", ladle.OPERATORS[op]) for op in _ORDERED] if holding else [],
        "wide": wide,
        "total_columns": len(names),
        "names": names,
        "choices": [Choice(name, name in shown) for name in (shown if wide else names)],
        "headers": [_header(by_name[name], snapshot, view, linked=linked) for name in shown],
        "columns": [by_name[name] for name in shown],
        "following": _following(snapshot, view, shown),
        "unsorted": [name for name in names if name not in sorts],
    }


def rows_where(snapshot: ladle.Snapshot, values: Iterable[tuple[str, object]]) -> str:
    """The query of the rows that have these values, given as the CSV has them or None."""
    filters = [ladle.Filter(name, *(("isnull", "1") if value is None else ("exact", value))) for name, value in values]
    return query_of(snapshot, ladle.View(filters=tuple(filters)))


def names_of(snapshot: ladle.Snapshot) -> tuple[str, ...]:
    """Its columns' names, in the table's order."""
    return tuple(column.name for column in snapshot.columns)


def _filter(column: str, op: str, value: str) -> ladle.Filter:
    return ladle.Filter(column, op or "exact", "1" if op in ("isnull", "notnull", "isblank", "notblank") else value)


def _chips(snapshot: ladle.Snapshot, view: ladle.View) -> list[Chip]:
    """The view's filters and sorts."""

    def query(left: ladle.View) -> str:
        return query_of(snapshot, tidy(left))

    return of_filters(snapshot, view, query) + of_sorts(snapshot, view, query)


def _header(column: Described, snapshot: ladle.Snapshot, view: ladle.View, *, linked: bool) -> Header:
    """A press sorts by the column alone; pressed again, the other way; a third time, not at all."""
    name, here = column.name, reverse("pages:snapshot", args=[snapshot.id])
    place = next((place for place, sort in enumerate(view.sort) if sort.column == name), None)
    way = "" if place is None else "descending" if view.sort[place].descending else "ascending"
    down = bool(way == "ascending" and place == 0)
    wanted = () if way == "descending" and place == 0 else (ladle.Sort(name, down),)
    offered = column.holds_numbers and not way and name not in view.numbers
    base = query_of(snapshot, _without(view, name))
    own = tuple(each for each in view.filters if each.column == name)
    numbers = tuple(each for each in view.numbers if each == name)
    return Header(
        column=column,
        sorted=way,
        # As numbers where its texts are such: that is for the form to find out, which a bare _sort does not do.
        key="_by" if offered else "_sort",
        press=choice_of(name) if offered else dict(snapshot.pairs(ladle.View(sort=wanted))).get("_sort", ""),
        other=_other_order(snapshot, view, name) if column.holds_numbers and way and not own else "",
        as_number=name in view.numbers,
        to=(f"{here}?{base}&" if base else f"{here}?") if linked else "",
        asked=query_of(snapshot, ladle.View(filters=own, numbers=numbers)) if own else "",
    )


def _other_order(snapshot: ladle.Snapshot, view: ladle.View, name: str) -> str:
    """The same order of a column's numbers as texts, or of its texts as numbers."""
    others = tuple(each for each in view.numbers if each != name)
    return query_of(snapshot, replace(view, numbers=(*others, name) if others == view.numbers else others))


def _without(view: ladle.View, name: str) -> ladle.View:
    """The view without what is asked of a column: a press on its card asks something else of it."""
    left = tuple(each for each in view.filters if each.column != name)
    return replace(view, filters=left, numbers=tuple(each for each in view.numbers if each != name))


def _following(snapshot: ladle.Snapshot, view: ladle.View, shown: Sequence[str]) -> str:
    """The query of as many columns after the last one that is shown; empty where there are none, or it is too long."""
    names = names_of(snapshot)
    after = names[names.index(shown[-1]) + 1 :][:MOST_SHOWN] if shown and len(shown) < len(names) else ()
    return short_query(snapshot, replace(view, columns=after)) if after else ""
