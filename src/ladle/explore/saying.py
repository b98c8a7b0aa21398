"""A view in words: takes it, gives "where height at least 150, sorted by mass, descending"; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ladle.explore.filters import DATED
from ladle.explore.view import Filter, Sort, View, number_of
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
_IN_ORDER = {"gt": "sorts after", "gte": "sorts from", "lt": "sorts before", "lte": "sorts up to"}


def operator_words(op: str, type_: ColumnType) -> str:
    """What an operator is called; of texts and times, which are not more or less, it is said what is compared.

    >>> operator_words("gte", "number"), operator_words("gte", "date"), operator_words("gte", "text")
    ('at least', 'from', 'sorts from')
    """
    own = _IN_TIME if type_ in DATED else _IN_ORDER if type_ == "text" else {}
    return own.get(op, WORDS[op])


def filter_words(wanted: Filter, columns: Sequence[TableColumn]) -> str:
    """One filter: `height at least 150`."""
    words = operator_words(wanted.op, columns[number_of(wanted.column, columns)].type)
    if wanted.op in ("isnull", "notnull", "isblank", "notblank"):
        return f"{wanted.column} {words}"
    several = isinstance(wanted.value, list | tuple | set | frozenset)
    value = ", ".join(map(str, wanted.value)) if several else str(wanted.value)
    return f"{wanted.column} {words} {value}" if value.strip() else f'{wanted.column} {words} "{value}"'


def sort_words(sort: Sort) -> str:
    """One column that is sorted by: `mass, descending`."""
    return f"{sort.column}, descending" if sort.descending else sort.column


def view_words(view: View, columns: Sequence[TableColumn]) -> str:
    """What is asked of the rows; of the whole table, nothing."""
    parts = [filter_words(each, columns) for each in view.filters]
    where = f"where {' and '.join(parts)}" if parts else ""
    found = f'with "{" ".join(view.search.split())}"' if view.search.strip() else ""
    order = f"sorted by {', then by '.join(map(sort_words, view.sort))}" if view.sort else ""
    return ", ".join(part for part in (" ".join(part for part in (found, where) if part), order) if part)
