"""Round edges of bins: takes the smallest and the largest number, gives equal steps that cover both; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ladle.explore.bins import Broken

_TIMES = (1, 2, 5)
_FINEST = 1e-12
"""Of the largest number: below that, numbers of 53 bits can't tell bins apart."""
_LEAST_POWER, _MOST_POWER = -290, 290


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`count` of the bins, one after another, from edge 0 to edge `count`; each has its lower edge, not its upper."""

    bins: Broken
    first: int
    """The number of the first."""
    count: int

    @property
    def width(self) -> float:
        """Of one bin."""
        return self.bins.edge(1)

    def edge(self, place: int) -> float:
        """Where bin `place` begins, and the one before it ends."""
        return self.bins.edge(self.first + place)

    def place(self, x: float) -> int:
        """The bin that `x` is in."""
        return int(self.bins.place(x)) - self.first

    def sql(self, x: str) -> str:
        """The place of the bin of `x`, a DOUBLE."""
        return f"CAST({self.bins.sql(x)} - {float(self.first)!r}::DOUBLE AS INTEGER)"


def round_steps(low: float, high: float, *, most: int, whole: bool = False) -> Steps:
    """The finest round steps of which `most` cover `low` to `high`; `whole` ones are of 1 at least.

    >>> steps = round_steps(66, 264, most=12)
    >>> steps.edge(0), steps.edge(1), steps.edge(steps.count), steps.count
    (60.0, 80.0, 280.0, 11)
    """
    wanted = max(high / most - low / most, max(abs(low), abs(high)) * _FINEST)
    if wanted == 0 or (high == low and abs(high) < 1 / _FINEST):
        wanted = 1.0
    power = min(max(math.floor(math.log10(wanted)), _LEAST_POWER), _MOST_POWER)
    while True:
        for times in _TIMES:
            width = (bins := Broken(times, power)).edge(1)
            if width < wanted * (1 - 1e-9) or (whole and width < 1):
                continue
            if (steps := covering(low, high, bins)).count <= most:
                return steps
        power += 1


def covering(low: float, high: float, bins: Broken) -> Steps:
    """Those of the bins that `low` to `high` lie in."""
    first, last = (int(bins.place(each)) for each in (low, high))
    return Steps(bins=bins, first=first, count=last - first + 1)
