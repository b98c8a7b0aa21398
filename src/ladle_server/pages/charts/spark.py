"""Takes the profile of a column, gives the geometry of its picture as numbers for SVG attributes; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 140.0
HEIGHT = 34.0
_LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in a picture of `WIDTH` by `HEIGHT`, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    text: str


def histogram(counts: Sequence[int], *, labels: Sequence[str]) -> list[Bar]:
    """Bars from the bottom up, the tallest as high as the picture; a bin that is not empty is always to be seen.

    >>> [(bar.x, bar.y, bar.height) for bar in histogram([0, 1, 4], labels=["", "", ""])]
    [(0.5, 34.0, 0.0), (47.2, 25.5, 8.5), (93.8, 0.0, 34.0)]
    """
    tallest = max(counts, default=0)
    step = WIDTH / max(1, len(counts))
    bars = []
    for place, (count, label) in enumerate(zip(counts, labels, strict=True)):
        height = max(_LEAST, HEIGHT * count / tallest) if count else 0.0
        x = place * step + 0.5
        bars.append(Bar(round(x, 1), round(HEIGHT - height, 1), round(step - 1, 1), round(height, 1), label))
    return bars


def widths(counts: Sequence[int], *, largest: int) -> list[float]:
    """Lengths of bars in percent of the largest.

    >>> widths([11, 10, 5], largest=11)
    [100.0, 90.9, 45.5]
    """
    return [round(100 * count / largest, 1) if largest else 0.0 for count in counts]
