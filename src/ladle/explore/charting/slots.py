"""Places on a chart's axis: takes bins, spans of time and values, gives each its words and the filters of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ladle.explore.charting.times import Span, named
from ladle.explore.csv_text import text_of
from ladle.explore.view import Filter


@dataclass(frozen=True, slots=True)
class Slot:
    """A value, or what lies from `low` on and before `high`; its rows are those of the view that `filters` find.

    `low` is None for the rows without a value, `high` is None for all that is no bin.
    """

    low: Any
    high: Any
    text: str
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A place on an axis and how many rows it has."""

    slot: Slot
    count: int


def number_slot(column: str, low: float, high: float, *, whole: bool) -> Slot:
    """A bin of numbers, `50 to 100`; of whole numbers that follow one on another, each by itself.

    >>> number_slot("n", 0.1, 0.2, whole=False).text, number_slot("n", 3.0, 4.0, whole=True).text
    ('0.1 to 0.2', '3')
    """
    lower, upper = neat(low), neat(high)
    single = whole and high - low == 1
    text = told(lower) if single else f"{told(lower)} to {told(upper)}"
    return Slot(lower, upper, text, (Filter(column, "gte", str(lower)), Filter(column, "lt", str(upper))))


def time_slot(column: str, span: Span, *, unit: str) -> Slot:
    """A bin of dates or times."""
    filters = (Filter(column, "gte", _moment(span.low)), Filter(column, "lt", _moment(span.high)))
    return Slot(span.low, span.high, named(span.low, unit=unit), filters)


def value_slot(column: str, value: Any) -> Slot:
    """A value by itself, typed; None is its lack."""
    if value is None:
        return Slot(None, None, "null", (Filter(column, "isnull", "1"),))
    text = text_of(value)
    return Slot(value, None, text, (Filter(column, "exact", text),))


def neat(number: float) -> int | float:
    """Whole where it is."""
    return int(number) if float(number).is_integer() and abs(number) < 1e15 else number


def told(number: float) -> str:
    """With thousands apart, as short as it can be.

    >>> told(1200), told(0.30000000000000004), told(-2.5)
    ('1,200', '0.3', '-2.5')
    """
    if isinstance(number, int):
        return f"{number:,}"
    return f"{number:,.12g}" if 1e-4 <= abs(number) < 1e15 else f"{number:.12g}"


def _moment(then: datetime) -> str:
    """As a filter takes it: a day where it begins one."""
    day = f"{then.year:04}-{then:%m-%d}"
    return day if (then.hour, then.minute, then.second) == (0, 0, 0) else f"{day}T{then:%H:%M:%S}Z"
