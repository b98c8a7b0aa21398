"""How a column's numbers are spread: takes a view's rows, gives round bins and how many rows each has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ladle.errors import BadInput
from ladle.explore.charting.asked import Asked
from ladle.explore.charting.slots import Counted, number_slot
from ladle.explore.charting.steps import Steps, round_steps

MOST_BINS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Bins of equal width, the empty ones too. Their counts and `missing` add up to `total`, the view's rows."""

    column: str
    total: int
    missing: int
    """Rows without a number: null, or none that is finite."""
    width: float
    bins: tuple[Counted, ...]


def histogram(asked: Asked, column: str, *, bins: int | None) -> Histogram:
    """At most `bins` bins, or 10 to 40 as there are rows. Raises BadInput for a column without numbers."""
    if bins is not None and (type(bins) is not int or not 1 < bins <= MOST_BINS):
        raise BadInput(f"bins is {bins!r}.", hint=f"Take 2 to {MOST_BINS}.")
    (x, ends), whole = asked.numbers(column, for_what="drawn as a histogram"), asked.whole(column)
    if not ends.present:
        return Histogram(column=column, total=ends.rows, missing=ends.rows, width=0.0, bins=())
    steps = round_steps(ends.low, ends.high, most=bins or _enough(ends.present), whole=whole)
    counts = _counts(asked, x, steps)
    return Histogram(
        column=column,
        total=ends.rows,
        missing=ends.rows - ends.present,
        width=steps.width,
        bins=tuple(
            Counted(number_slot(column, steps.edge(place), steps.edge(place + 1), whole=whole), counts.get(place, 0))
            for place in range(steps.count)
        ),
    )


def _enough(rows: int) -> int:
    """Twice the cube root of the rows, after Rice: more bins than that show chance."""
    return min(40, max(10, math.ceil(2 * math.cbrt(rows))))


def _counts(asked: Asked, x: str, steps: Steps) -> dict[int, int]:
    sql = f"WITH r AS ({asked.rows(x=x)}) SELECT {steps.sql('x')}, count(*) FROM r WHERE x IS NOT NULL GROUP BY ALL"  # noqa: S608 - as in Asked.rows
    return dict(asked.ask(sql))
