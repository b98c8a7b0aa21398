"""What is counted by: takes `height:50` or a column's name and a view, gives how its values are put together; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ladle.errors import BadInput, unknown
from ladle.explore.bins import Broken, Whole, auto_broken, auto_whole, broken_of, whole_of
from ladle.explore.filters import DATED
from ladle.explore.reading import expression, read
from ladle.explore.texts import number_in
from ladle.explore.times import UNITS, Calendar, auto
from ladle.explore.view import View
from ladle.snapshots.manifest import TableColumn

AUTO = "auto"
Ends = Callable[[str], "tuple[Any, Any] | None"]
"""The smallest and the largest value of a column as a view reads it; None where it has none."""
_BINNED = ("integer", "number", *DATED)


@dataclass(frozen=True, slots=True)
class Term:
    """A column that is counted by: by its values, or by bins of them."""

    text: str
    """As it was asked for: `created:month`."""
    column: TableColumn
    """As the view reads it."""
    number: int
    source: str
    """The column's values in SQL, as the view reads them."""
    key: str
    """What DuckDB groups by, with `{x}` where those values go."""
    bins: Whole | Broken | Calendar | None
    reads_text: bool

    def value(self, kept: Any) -> Any:
        """What is counted, of the value that a row has."""
        return self.shown(number_in(kept) if self.reads_text and kept is not None else kept)

    def shown(self, value: Any) -> Any:
        """A value as the view reads it, or the bin that it lies in; None stays None."""
        return value if value is None or self.bins is None else self.bins.bin_of(value)


def parts(text: str, names: Sequence[str]) -> tuple[str, str]:
    """The column and the bin of a term, empty where it has none; a name that is a column's is that column first.

    Raises BadInput for a column that is not there.
    """
    column, apart, bin_ = text.rpartition(":")
    if text in names or not apart or column not in names:
        if text not in names:
            raise BadInput(unknown("column", text, names))
        return text, ""
    return column, bin_


def read_terms(texts: Sequence[str], view: View, columns: Sequence[TableColumn], *, ends: Ends) -> tuple[Term, ...]:
    """The terms; raises BadInput for none, for one that is there twice, and for a bin that does not fit its column."""
    names = [column.name for column in columns]
    if not texts:
        raise BadInput("No column is named.", hint=f"Name one or more of: {', '.join(names)}.")
    for place, text in enumerate(texts):
        if text in texts[:place]:
            raise BadInput(f'The column "{text}" is named twice.', hint="Name each column once.")
    known = read(view, columns)
    return tuple(_term(text, view, columns, known=known, ends=ends) for text in texts)


def _term(text: str, view: View, columns: Sequence[TableColumn], *, known: Sequence[TableColumn], ends: Ends) -> Term:
    name, bin_ = parts(text, [column.name for column in columns])
    number = [column.name for column in columns].index(name)
    bins = _bins(known[number], bin_, ends=ends) if name != text else None
    source, key = expression(number, view, columns), _key(bins, name, ends=ends)
    return Term(text, known[number], number, source, key, bins, reads_text=known[number] is not columns[number])


def _bins(column: TableColumn, bin_: str, *, ends: Ends) -> Whole | Broken | Calendar:
    if column.type not in _BINNED:
        what = f'"{column.name}:{bin_}" can\'t be counted: the type of "{column.name}" is {column.type}.'
        hint = "Bins are of numbers, dates and times; _number (--number) reads numbers that are written as text."
        raise BadInput(what, hint=hint)
    if bin_ == AUTO:
        return _AUTOS[column.type](*(ends(column.name) or _NOTHING[column.type]))
    if column.type in DATED:
        return _calendar(column, bin_)
    return whole_of(bin_, name=column.name) if column.type == "integer" else broken_of(bin_, name=column.name)


def _calendar(column: TableColumn, unit: str) -> Calendar:
    units = UNITS if column.type == "timestamp" else UNITS[:-1]
    if unit not in units:
        raise BadInput(f'"{column.name}:{unit}" is no bin.', hint=f"Take one of: {', '.join(units)}, {AUTO}.")
    return Calendar(unit, column.type == "timestamp")


def _key(bins: Whole | Broken | Calendar | None, name: str, *, ends: Ends) -> str:
    if bins is None or isinstance(bins, Calendar):
        return "{x}" if bins is None else bins.sql("{x}")
    found = ends(name)
    largest = None if found is None else max(map(abs, found))
    if isinstance(bins, Whole):
        return bins.sql("{x}", largest=largest)
    bins.check(name, largest=largest or 0.0)
    return bins.sql("{x}")


_START = date(1970, 1, 1)
_NOTHING: Mapping[str, tuple[Any, Any]] = {
    "integer": (0, 0),
    "number": (0.0, 0.0),
    "date": (_START, _START),
    "timestamp": (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),
}
_AUTOS: Mapping[str, Callable[[Any, Any], Whole | Broken | Calendar]] = {
    "integer": auto_whole,
    "number": auto_broken,
    "date": lambda low, high: auto(low, high, timed=False),
    "timestamp": lambda low, high: auto(low, high, timed=True),
}
