"""The frame of a plot: takes the ends of its values, gives its lines and labels, and where a value stands; pure.

Places across are in percent of the plot, so that it fits any screen and its text keeps its size; those down are in
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ladle_server.pages.charts.scales import Tick, number_label, ticks

TOP = 10.0
HEIGHT = 240.0
LABELS = 24.0
"""Room for the labels below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A plot with a scale of numbers down its side; `across` are the labels below."""

    low: float
    high: float
    height: float
    down: tuple[Tick, ...]
    across: tuple[Tick, ...]

    @property
    def bottom(self) -> float:
        """Where the plot ends."""
        return TOP + self.height

    @property
    def label_y(self) -> float:
        """Where the labels below stand."""
        return self.bottom + 18

    @property
    def total(self) -> float:
        """The height with the labels."""
        return self.bottom + LABELS

    def y(self, value: float) -> float:
        """Where a value stands."""
        return place(value, self.low, self.high, height=self.height)


def place(value: float, low: float, high: float, *, height: float) -> float:
    """How far down a value of a scale stands."""
    return round(TOP + height * (1 - (value - low) / (high - low)), 1)


def frame(
    values: Sequence[float], *, across: Sequence[Tick], from_zero: bool, whole: bool, height: float = HEIGHT
) -> Frame:
    """A frame that holds all values; `from_zero`: and 0, as bars need it. `whole`: of whole numbers alone."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    marks = ticks(low, high, most=5 if height > 150 else 3, whole=whole)
    bounds = {"low": marks[0], "high": marks[-1]}
    down = tuple(
        Tick(place(mark, *bounds.values(), height=height), number_label(mark, step=marks[1] - marks[0]))
        for mark in marks
    )
    return Frame(**bounds, height=height, down=down, across=tuple(across))
