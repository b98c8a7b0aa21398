"""What petl says: takes rows and a view or columns, gives the numbers of the view's rows in order, or counts.

petl means something else here and there; where it does, its tables are made so that it means the same:

- a null is less than anything for petl, and unequal to anything: here it satisfies no comparison, so rows without a
  value are left out first;
- petl sorts nulls first, or last when descending: here they are last either way, so they are put behind by themselves;
- petl sorts several columns in one direction: here each has its own, so petl sorts by one after another, last first;
- `search` looks through all values, None as "None", and by regular expression: here through texts alone, for words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import petl

from ladle.explore.view import Filter, View
from tests.explore.plain import Row, folded, glob, like, python_value, read

NUMBER = "\0number"
"""The field that a row's number is in."""
_COMPARED = {
    "exact": petl.selecteq,
    "not": petl.selectne,
    "gt": petl.selectgt,
    "gte": petl.selectge,
    "lt": petl.selectlt,
    "lte": petl.selectle,
    "in": petl.selectin,
    "notin": petl.selectnotin,
}


def numbers(rows: Sequence[Row], view: View, kinds: dict[str, str]) -> list[int]:
    """The rows of the view by their numbers, from 0."""
    whole, table = (petl.addrownumbers(_table(each), field=NUMBER, start=0) for each in (rows, read(rows, view)))
    hits = _searched(whole, view.search, [name for name, kind in kinds.items() if kind == "text"])
    table = petl.selectin(table, NUMBER, set(petl.values(hits, NUMBER)))
    of = {**kinds, **dict.fromkeys(view.numbers, "number")}
    for wanted in view.filters:
        table = _filtered(table, wanted, of[wanted.column])
    for sort in reversed(view.sort):
        there = petl.sort(petl.selectnotnone(table, sort.column), sort.column, reverse=sort.descending)
        table = petl.stack(there, petl.selectnone(table, sort.column))
    return list(petl.values(table, NUMBER))


def counts(rows: Sequence[Row], *columns: str) -> list[tuple[tuple[Any, ...], int, float]]:
    """Combinations, how often they occur, and their share; most frequent first, ties by first appearance."""
    return [(tuple(row[:-2]), row[-2], row[-1]) for row in petl.data(petl.valuecounts(_table(rows), *columns))]


def _table(rows: Sequence[Row]) -> Any:
    return petl.wrap([tuple(rows[0] if rows else ()), *(tuple(row.values()) for row in rows)])


def _filtered(table: Any, wanted: Filter, kind: str) -> Any:
    name, op = wanted.column, wanted.op
    if op in ("isnull", "notnull"):
        return (petl.selectnone if op == "isnull" else petl.selectnotnone)(table, name)
    if op in ("isblank", "notblank"):
        return (petl.selectin if op == "isblank" else petl.selectnotin)(table, name, (None, ""))
    table = petl.selectnotnone(table, name)
    if op in ("in", "notin"):
        return _COMPARED[op](table, name, [python_value(value, kind) for value in wanted.value])
    if op in _COMPARED:
        return _COMPARED[op](table, name, python_value(wanted.value, kind))
    if op == "date":
        day = python_value(wanted.value, "date")
        return petl.select(table, name, lambda value: (value.date() if isinstance(value, datetime) else value) == day)
    return petl.select(table, name, _of_text(op, wanted.value))


def _of_text(op: str, value: str) -> Any:
    """Whether a text is like that; petl has words for equality and regular expressions alone."""
    part = folded(value)
    return {
        "contains": lambda text: part in folded(text),
        "notcontains": lambda text: part not in folded(text),
        "startswith": lambda text: folded(text).startswith(part),
        "endswith": lambda text: folded(text).endswith(part),
        "like": lambda text: like(value, text),
        "notlike": lambda text: not like(value, text),
        "glob": lambda text: glob(value, text),
    }[op]


def _searched(table: Any, search: str, texts: Sequence[str]) -> Any:
    for word in search.split():
        if not texts:
            return petl.head(table, 0)
        plain = petl.convert(table, dict.fromkeys(texts, lambda text: "" if text is None else folded(text)))
        found = set(
            petl.values(petl.search(plain, texts if len(texts) > 1 else texts[0], re.escape(folded(word))), NUMBER)
        )
        table = petl.selectin(table, NUMBER, found)
    return table
