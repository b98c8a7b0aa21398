"""Columns side by side: takes the counts of bins and their edges, gives the picture of a histogram; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ladle_server.pages.charts.plot import Frame, frame
from ladle_server.pages.charts.scales import Tick, number_label, thinned

_MOST_LABELS = 11
_LEAST = 1.5
"""Pixels that a bin with rows has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A bin: from `x`, `width` wide, in percent; down from `y`, `height` high, in pixels."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A histogram; its columns stand in the order of the bins."""

    frame: Frame
    columns: tuple[Column, ...]


def columns(counts: Sequence[int], *, edges: Sequence[float], single: bool) -> Columns:
    """`edges` are one more than the bins. `single`: each bin is one whole number, labelled in its middle."""
    step = 100 / max(1, len(counts))
    gap = min(0.35, step * 0.06)
    shown = frame(counts, across=_labels(edges, single=single), from_zero=True, whole=True)
    drawn = []
    for place, count in enumerate(counts):
        height = max(_LEAST, shown.bottom - shown.y(count)) if count else 0.0
        x, y = place * step + gap / 2, shown.bottom - height
        drawn.append(Column(x=round(x, 3), width=round(step - gap, 3), y=round(y, 1), height=round(height, 1)))
    return Columns(frame=shown, columns=tuple(drawn))


def _labels(edges: Sequence[float], *, single: bool) -> list[Tick]:
    """Some edges, at equal steps so many apart that there is room."""
    count = len(edges) - 1
    if count < 1:
        return []
    step = 100 / count
    shown = range(count) if single else range(count + 1)
    every = next(every for every in (1, 2, 5, 10, 20, 50, 100, 200) if len(shown) / every <= _MOST_LABELS)
    width = edges[1] - edges[0]
    # The round ones: every fifth edge is one whose number of steps from zero divides by five.
    first = -round(edges[0] / width) % every if width else 0
    return thinned(
        [
            Tick(round(place * step + (step / 2 if single else 0), 2), number_label(edges[place], step=width))
            for place in shown
            if place % every == first
        ]
    )
