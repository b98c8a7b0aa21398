"""Scales: takes the ends of numbers or times, gives round ticks with their labels and places in percent; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_TIMES = (1, 2, 5, 10)
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A label and its place; one that is not `kept` is left out where there is little room."""

    at: float
    text: str
    kept: bool = True


def ticks(low: float, high: float, *, most: int = 5, whole: bool = False) -> list[float]:
    """Round numbers, equally apart, of which the first is at most `low` and the last at least `high`.

    At most `most` steps; `whole` ones are of 1 at least.

    >>> ticks(3, 97), ticks(0, 1), ticks(5, 5, most=2)
    ([0.0, 20.0, 40.0, 60.0, 80.0, 100.0], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [5.0, 5.5, 6.0])
    """
    if not high > low:
        high = low + max(1.0, abs(low) * 1e-6)
    wanted = max(high / most - low / most, max(abs(low), abs(high)) * 1e-12, 1.0 if whole else 0.0, 1e-290)
    power = math.floor(math.log10(wanted))
    while True:
        for times in _TIMES:
            width = _at(1, times, power)
            if width < wanted * (1 - 1e-9) or (whole and width < 1):
                continue
            first = math.floor(low / width + 1e-9)
            last = max(first + 1, math.ceil(high / width - 1e-9))  # ends nearer than can be told apart
            if last - first <= most:
                return [_at(place, times, power) for place in range(first, last + 1)]
        power += 1


def number_label(value: float, *, step: float = 0.0) -> str:
    """A tick's number in few characters, with as many decimals as the step has.

    >>> number_label(1500), number_label(0.30000000000000004, step=0.1), number_label(2_500_000), number_label(-20)
    ('1,500', '0.3', '2.5M', '−20')
    """
    for size, unit in _UNITS:
        if abs(value) >= size and max(step, size / 100) <= abs(value):
            text = f"{value / size:,.3f}".rstrip("0").rstrip(".") + unit if abs(value) < 1e15 else f"{value:.3g}"
            return text.replace("-", "−")
    text = f"{value:.3g}" if 0 < abs(value) < 1e-4 else f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def percent(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, as percent with two decimals.

    >>> percent(5, 0, 20)
    25.0
    """
    span = high - low
    return round(100 * (value - low) / span, 2) if span else 50.0


def thinned(found: Sequence[Tick]) -> list[Tick]:
    """Every second one kept, where there are more than a narrow screen holds."""
    return [Tick(tick.at, tick.text, len(found) <= 5 or place % 2 == 0) for place, tick in enumerate(found)]


_STEPS: tuple[tuple[str, int, float], ...] = (
    *(("minute", number, 60.0 * number) for number in (1, 5, 15, 30)),
    *(("hour", number, 3600.0 * number) for number in (1, 3, 6, 12)),
    *(("day", number, 86_400.0 * number) for number in (1, 2, 7, 14)),
    *(("month", number, 2_629_746.0 * number) for number in (1, 3, 6)),
    *(("year", number, 31_556_952.0 * number) for number in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)),
)

_SPOKEN = {"week": "day", "quarter": "month"}


def time_ticks(low: datetime, high: datetime, *, most: int = 10, least: str = "minute") -> list[Tick]:
    """Round times from `low` to `high`, `most` at most, placed in percent between them; the first one tells the year.

    None is of a smaller unit than `least`: what is told of each day says nothing of its hours.

    >>> [(tick.at, tick.text) for tick in time_ticks(datetime(2014, 1, 1), datetime(2015, 1, 1), most=3)]
    [(0.0, 'Jan 2014'), (49.59, 'Jul 2014'), (100.0, 'Jan 2015')]
    >>> [tick.text for tick in time_ticks(datetime(2026, 11, 21), datetime(2026, 11, 22), least="day")]
    ['21 Nov 2026', '22 Nov']
    """
    low, high = low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)
    seconds = (high - low).total_seconds()
    steps = _STEPS[next(place for place, step in enumerate(_STEPS) if step[0] == _SPOKEN.get(least, least)) :]
    unit, number, _ = next((step for step in steps if seconds / step[2] <= most), steps[-1])
    found: list[Tick] = []
    then = _begin(low, unit, number)
    while then <= high and len(found) <= 2 * most:
        if then >= low:
            at = percent(then.timestamp(), low.timestamp(), high.timestamp())
            found.append(Tick(at, _label(then, unit, first=not found)))
        following = _after(then, unit, number)
        if following <= then:
            break
        then = following
    return thinned(found)


def _begin(then: datetime, unit: str, number: int) -> datetime:
    """The last round time before, or at, a moment."""
    day = then.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "year":
        return datetime(max(1, then.year // number * number), 1, 1, tzinfo=UTC)
    if unit == "month":
        return datetime(then.year, (then.month - 1) // number * number + 1, 1, tzinfo=UTC)
    if unit == "day":
        return day - timedelta(days=(day.toordinal() - 1) % number if day.toordinal() > number else 0)
    seconds = number * (60 if unit == "minute" else 3600)
    return day + timedelta(seconds=(then - day).total_seconds() // seconds * seconds)


def _after(then: datetime, unit: str, number: int) -> datetime:
    if unit in ("minute", "hour", "day"):
        return then + timedelta(**{f"{unit}s": number})
    if unit == "month":
        return datetime(then.year + (then.month - 1 + number) // 12, (then.month - 1 + number) % 12 + 1, 1, tzinfo=UTC)
    year = then.year // number * number + number
    return datetime(min(year, 9999), 1, 1, tzinfo=UTC)


def _label(then: datetime, unit: str, *, first: bool) -> str:
    if unit == "year":
        return f"{then.year}"
    if unit == "month":
        return f"{then:%b} {then.year}"
    day = f"{then.day} {then:%b}" + (f" {then.year}" if first else "")
    if unit == "day" or (then.hour, then.minute) == (0, 0):
        return day
    return f"{day}, {then:%H:%M}" if first else f"{then:%H:%M}"


def _at(number: int, times: int, power: int) -> float:
    """So many steps; over a power of ten, so that 3 · 0.1 is 0.3."""
    return float(number * times) * 10.0**power if power >= 0 else float(number * times) / 10.0**-power
