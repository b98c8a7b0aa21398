"""A column over time: takes a view's rows, gives counts or a number's mean, sum or ends for each bin of time."""

from __future__ import annotations

from dataclasses import dataclass

from ladle.errors import BadInput, unknown
from ladle.explore.charting.asked import Asked, told
from ladle.explore.charting.bars import epoch
from ladle.explore.charting.slots import Slot, time_slot
from ladle.explore.charting.times import begins, spans, unit_for

MOST_POINTS = 100
HOWS = {"count": "count(*)", "mean": "avg(v)", "min": "min(v)", "max": "max(v)", "sum": "sum(v)"}
"""What is told of each bin, in SQL."""


@dataclass(frozen=True, slots=True)
class LinePoint:
    """A bin of time, its rows, and what is told of it; None where no row has a number, or it is beyond 1e300."""

    slot: Slot
    count: int
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Every bin from the first to the last, the empty ones too. Their counts and `missing` add up to `total`."""

    column: str
    unit: str
    how: str
    value: str
    """The column of numbers; empty for counts."""
    total: int
    missing: int
    """Rows without a time."""
    points: tuple[LinePoint, ...]


def line(asked: Asked, column: str, *, value: str, how: str, unit: str) -> Line:
    """Raises BadInput for a column without times or without numbers, and for a unit or a way that is none."""
    how = how or ("mean" if value else "count")
    if how not in HOWS:
        raise BadInput(unknown("way to sum up", how, HOWS))
    if (how == "count") == bool(value):
        what = f'"{how}" takes no column' if value else f'"{how}" is of no column'
        raise BadInput(f"{what}.", hint="Name a column of numbers with mean, min, max or sum, none with count.")
    x, v = asked.seconds(column), asked.double(value, for_what=f"told as {how}") if value else "NULL"
    ends = asked.ends(x)
    days = asked.column(column).type == "date"
    unit = unit_for(ends.low, ends.high, most=MOST_POINTS, days=days, wanted=unit)
    sql = (
        f"WITH r AS ({asked.rows(x=x, v=v)}) SELECT {begins('x', unit=unit)} AS b, count(*), {told(HOWS[how])} "  # noqa: S608 - as in Asked.rows
        f"FROM r WHERE x IS NOT NULL GROUP BY b"
    )
    found = {begin: (count, number) for begin, count, number in asked.ask(sql)} if ends.present else {}
    empty = (0, 0 if how == "count" else None)
    points = tuple(
        LinePoint(time_slot(column, span, unit=unit), *found.get(epoch(span.low), empty))
        for span in (spans(ends.low, ends.high, unit=unit) if ends.present else ())
    )
    missing = ends.rows - ends.present
    return Line(column=column, unit=unit, how=how, value=value, total=ends.rows, missing=missing, points=points)
