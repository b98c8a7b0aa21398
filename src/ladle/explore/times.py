"""Bins of dates and times: takes a unit, gives the year, quarter, month, day or hour of a value, and the same in SQL.

Pure. Times are in UTC, as all of a snapshot; DuckDB would want a library for time zones, so seconds are counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ladle.explore.bins import Bin

UNITS = ("year", "quarter", "month", "day", "hour")
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_SQL = {"year": "year({d})", "quarter": "(year({d}) * 4 + quarter({d}))", "month": "(year({d}) * 12 + month({d}))"}
_DAY = 86_400
_AUTO = (("year", 4 * 366), ("quarter", 2 * 366), ("month", 90), ("day", 3))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Bins of one unit, of dates or of times."""

    unit: str
    timed: bool
    """Whether the column's values are times, which are datetimes in UTC."""

    def bin_of(self, value: date) -> Bin:
        """The bin that a date or a time lies in; the last ones before the end of time have no high edge."""
        day = value.date() if isinstance(value, datetime) else value
        if self.unit in _MONTHS:
            first, following = _months(day, _MONTHS[self.unit])
            return Bin(self._edge(first), following and self._edge(following), _words(self.unit, first))
        if self.unit == "hour" and isinstance(value, datetime):
            low = value.replace(minute=0, second=0, microsecond=0)
            return Bin(low, _after(low, timedelta(hours=1)), f"{day} {low:%H}:00")
        return Bin(self._edge(day), _after(self._edge(day), timedelta(days=1)), _words("day", day))

    def sql(self, expression: str) -> str:
        """A number or a date for each bin, in the order of the bins."""
        if self.unit == "hour":
            return f"floor(epoch({expression}) / 3600)"
        day = (
            f"(DATE '1970-01-01' + CAST(floor(epoch({expression}) / {_DAY}) AS INTEGER))" if self.timed else expression
        )
        return _SQL.get(self.unit, "{d}").format(d=day)

    def _edge(self, day: date) -> Any:
        return datetime.combine(day, time(), UTC) if self.timed else day


def auto(low: date, high: date, *, timed: bool) -> Calendar:
    """The unit that makes neither too few bins from `low` to `high` nor too many."""
    days = (high - low).days
    found = next((unit for unit, least in _AUTO if days >= least), "hour" if timed else "day")
    return Calendar(found, timed)


def _months(day: date, size: int) -> tuple[date, date | None]:
    """The first day of the span of months that a day lies in, and of the following one."""
    place = (day.year * 12 + day.month - 1) // size * size
    ends = place + size
    return date(place // 12, place % 12 + 1, 1), date(ends // 12, ends % 12 + 1, 1) if ends // 12 <= 9999 else None


def _after(low: Any, span: timedelta) -> Any:
    try:
        return low + span
    except OverflowError:
        return None


def _words(unit: str, day: date) -> str:
    year = f"{day.year:04}"
    if unit == "quarter":
        return f"{year} Q{(day.month + 2) // 3}"
    return {"year": year, "month": f"{year}-{day.month:02}"}.get(unit, day.isoformat())
