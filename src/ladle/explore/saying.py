"""A view in words: takes it, gives "where height at least 150, sorted by mass, descending"; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ladle.explore.filters import DATED
from ladle.explore.reading import read
from ladle.explore.view import WHOLE, Filter, Sort, View, number_of
from ladle.snapshots.manifest import TableColumn
from ladle.sources.source import ColumnType

WORDS: Mapping[str, str] = {
    "exact": "is",
    "not": "is not",
    "contains": "contains",
    "notcontains": "does not contain",
    "startswith": "begins with",
    "endswith": "ends with",
    "gt": "above",
    "gte": "at least",
    "lt": "below",
    "lte": "at most",
    "in": "is one of",
    "notin": "is none of",
    "like": "is like",
    "notlike": "is not like",
    "glob": "matches",
    "isnull": "is missing",
    "notnull": "is not missing",
    "isblank": "is blank",
    "notblank": "is not blank",
    "date": "is on",
}
_IN_TIME = {"gt": "after", "gte": "from", "lt": "before", "lte": "up to"}
_PLACES = {"gt": "after", "gte": "at or after", "lt": "before", "lte": "at or before"}
_IN_ORDER = {op: f"is, in the order of texts, {place}" for op, place in _PLACES.items()}


def operator_words(op: str, type_: ColumnType) -> str:
    """What an operator is called; of texts and times, which are not more or less, it is said what is compared.

    >>> operator_words("gte", "number"), operator_words("gte", "date"), operator_words("gte", "text")
    ('at least', 'from', 'is, in the order of texts, at or after')
    """
    own = _IN_TIME if type_ in DATED else _IN_ORDER if type_ == "text" else {}
    return own.get(op, WORDS[op])


def filter_words(wanted: Filter, columns: Sequence[TableColumn], *, view: View = WHOLE) -> str:
    """One filter of a view: `height at least 150`, `mass (as a number) at least 150`."""
    words = operator_words(wanted.op, read(view, columns)[number_of(wanted.column, columns)].type)
    name = column_words(wanted.column, columns, view=view)
    if wanted.op in ("isnull", "notnull", "isblank", "notblank"):
        return f"{name} {words}"
    several = isinstance(wanted.value, list | tuple | set | frozenset)
    value = ", ".join(map(str, wanted.value)) if several else str(wanted.value)
    return f"{name} {words} {value}" if value.strip() else f'{name} {words} "{value}"'


def sort_words(sort: Sort, columns: Sequence[TableColumn], *, view: View = WHOLE) -> str:
    """One column that is sorted by: `mass, descending`."""
    name = column_words(sort.column, columns, view=view)
    return f"{name}, descending" if sort.descending else name


def column_words(name: str, columns: Sequence[TableColumn], *, view: View) -> str:
    """A column as a view reads it: `mass (as a number)`."""
    number = number_of(name, columns)
    told = name if name.strip() else f'"{name}"'
    return f"{told} (as a number)" if read(view, columns)[number] is not columns[number] else told


def view_words(view: View, columns: Sequence[TableColumn]) -> str:
    """What is asked of the rows; of the whole table, nothing."""
    parts = [filter_words(each, columns, view=view) for each in view.filters]
    where = f"where {' and '.join(parts)}" if parts else ""
    found = f'with "{" ".join(view.search.split())}"' if view.search.strip() else ""
    by = ", then by ".join(sort_words(each, columns, view=view) for each in view.sort)
    order = f"sorted by {by}" if by else ""
    return ", ".join(part for part in (" ".join(part for part in (found, where) if part), order) if part)
