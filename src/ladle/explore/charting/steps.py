"""Round edges of bins: takes the smallest and the largest number, gives equal steps that cover both; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

_TIMES = (1, 2, 5)
_FINEST = 1e-12
"""Of the largest number: below that, numbers of 53 bits can't tell bins apart."""
_LEAST_POWER, _MOST_POWER = -290, 290


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`count` bins of `times` · 10^`power`, from edge 0 to edge `count`; a bin has its lower edge and not its upper.

    Edge i is a whole number, times or over a power of ten: the same arithmetic gives the same edges in SQL.
    """

    first: int
    times: int
    power: int
    count: int

    @property
    def width(self) -> float:
        """Of one bin."""
        return _edge(1, self.times, self.power)

    def edge(self, place: int) -> float:
        """Where bin `place` begins, and the one before it ends."""
        return _edge(self.first + place, self.times, self.power)

    def place(self, x: float) -> int:
        """The bin that `x` is in."""
        return _place(x, self.times, self.power) - self.first

    def sql(self, x: str) -> str:
        """The place of the bin of `x`, a DOUBLE: by division, put right at the edges by comparison with them."""
        guess = f"floor({x} / {_double(self.width)})"
        below = f"CAST({x} < {self._edge_sql(guess)} AS INTEGER)"
        above = f"CAST({x} >= {self._edge_sql(f'({guess} + 1)')} AS INTEGER)"
        return f"CAST({guess} - {below} + {above} - {_double(float(self.first))} AS INTEGER)"

    def _edge_sql(self, number: str) -> str:
        sign, power = ("*", self.power) if self.power >= 0 else ("/", -self.power)
        return f"({number} * {self.times} {sign} {_double(10.0**power)})"


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
            width = _edge(1, times, power)
            if width < wanted * (1 - 1e-9) or (whole and width < 1):
                continue
            first, last = (_place(each, times, power) for each in (low, high))
            if last - first + 1 <= most:
                return Steps(first=first, times=times, power=power, count=last - first + 1)
        power += 1


def _place(x: float, times: int, power: int) -> int:
    """The bin that `x` is in, counted from that of 0."""
    place = math.floor(x / _edge(1, times, power))
    return place - (x < _edge(place, times, power)) + (x >= _edge(place + 1, times, power))


def _edge(number: int, times: int, power: int) -> float:
    return float(number) * times * 10.0**power if power >= 0 else float(number) * times / 10.0**-power


def _double(value: float) -> str:
    """A number in SQL, where `0.5` would be a decimal."""
    return f"CAST('{value!r}' AS DOUBLE)"
