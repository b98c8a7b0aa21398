"""Bins of time: takes the first and the last second, gives the unit that divides them well, and its bins; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ladle.errors import BadInput, unknown
from ladle.explore.values import at_second

SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 2_629_746,
    "quarter": 3 * 2_629_746,
    "year": 31_556_952,
    "decade": 315_569_520,
}
"""Units by the names that DuckDB has for them, each with about as many seconds as it has."""
MOST = 1000
FIRST, LAST = -62_135_596_800, 253_370_764_799
"""The years 1 to 9998: what a datetime holds, and the end of its bin too."""


@dataclass(frozen=True, slots=True)
class Span:
    """A unit's bin: from `low` on, before `high`; both in UTC."""

    low: datetime
    high: datetime


def unit_for(low: float, high: float, *, most: int, days: bool, wanted: str = "") -> str:
    """The unit whose bins are the finest of which at most `most` lie between; `days`: none finer than a day.

    `wanted` is taken as it is; raises BadInput where it is none, or would give more than 1,000 bins.
    """
    units = [unit for unit in SECONDS if not days or SECONDS[unit] >= SECONDS["day"]]
    if wanted and wanted not in units:
        raise BadInput(unknown("unit of time", wanted, units))
    fitting = [unit for unit in units if (high - low) / SECONDS[unit] + 1 <= (MOST if wanted else most)]
    if wanted and wanted not in fitting:
        count = int((high - low) / SECONDS[wanted]) + 1
        raise BadInput(f'By "{wanted}" there are about {count:,} bins.', hint=f"Take {fitting[0]}, or narrow the rows.")
    return wanted or (fitting or units[-1:])[0]


def spans(low: float, high: float, *, unit: str) -> Iterator[Span]:
    """Every bin of the unit from the one that has `low` to the one that has `high`, the empty ones too."""
    begin, last = floor(at_second(int(low // 1)), unit=unit), at_second(int(high // 1))
    while begin <= last:
        end = following(begin, unit=unit)
        yield Span(begin, end)
        begin = end


def floor(then: datetime, *, unit: str) -> datetime:
    """The beginning of the bin that a moment is in; a week begins on Monday."""
    if unit == "minute":
        return then.replace(second=0, microsecond=0)
    if unit == "hour":
        return then.replace(minute=0, second=0, microsecond=0)
    day = then.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    months = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1}
    years = {"decade": max(1, day.year // 10 * 10)}
    return day if unit == "day" else datetime(years.get(unit, day.year), months.get(unit, 1), 1, tzinfo=UTC)


def following(begin: datetime, *, unit: str) -> datetime:
    """The beginning of the next bin."""
    if unit in ("minute", "hour", "day", "week"):
        return begin + timedelta(seconds=SECONDS[unit])
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120 - begin.year % 10 * 12}[unit]
    years, month = divmod(begin.month - 1 + months, 12)
    return datetime(min(begin.year + years, 9999), month + 1, 1, tzinfo=UTC)


def begins(x: str, *, unit: str) -> str:
    """In SQL, the second at which the bin begins that `x` is in, itself in seconds."""
    return f"CAST(epoch(date_trunc('{unit}', make_timestamp(({x}) * 1000000))) AS BIGINT)"


def named(begin: datetime, *, unit: str) -> str:
    """A bin as people say it.

    >>> named(datetime(2014, 10, 1, tzinfo=UTC), unit="quarter"), named(datetime(2014, 12, 9, 7, 5), unit="hour")
    ('2014 Q4', '2014-12-09 07:00')
    """
    year = f"{begin.year:04}"
    if unit == "decade":
        return f"{year}s"
    if unit == "quarter":
        return f"{year} Q{(begin.month + 2) // 3}"
    forms = {"year": "", "month": "-%m", "day": "-%m-%d", "hour": "-%m-%d %H:00", "minute": "-%m-%d %H:%M"}
    return (
        f"week of {year}{begin:-%m-%d}" if unit == "week" else f"{year}{begin:{forms[unit]}}" if forms[unit] else year
    )
