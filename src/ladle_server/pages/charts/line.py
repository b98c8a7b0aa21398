"""A line over time: takes values at places across, some of them missing, gives its path, area and dots; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ladle_server.pages.charts.plot import HEIGHT, TOP, Frame, frame
from ladle_server.pages.charts.scales import Tick

SCALE = 10.0
"""The path's units in one percent: it is stretched to the plot's width."""
_MOST_DOTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A value that is there: `x` in percent, `y` in pixels."""

    place: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The path is broken where values lack. `dots` are all values, `dotted` says whether they are to be drawn."""

    frame: Frame
    path: str
    area: str
    dots: tuple[Dot, ...]
    dotted: bool
    width: float = 100 * SCALE
    top: float = TOP


def line(
    values: Sequence[float | None],
    *,
    at: Sequence[float],
    across: Sequence[Tick],
    from_zero: bool,
    whole: bool = False,
    height: float = HEIGHT,
) -> Line:
    """`at` says in percent where each value stands; `from_zero`: the scale holds 0, and the area below is filled."""
    present = [value for value in values if value is not None]
    shown = frame(present, across=across, from_zero=from_zero, whole=whole, height=height)
    dots = [Dot(place=place, x=at[place], y=shown.y(value)) for place, value in enumerate(values) if value is not None]
    parts = _parts(dots)
    path = " ".join("M" + "L".join(f"{dot.x * SCALE:.1f} {dot.y - TOP:.1f}" for dot in part) for part in parts)
    foot = shown.y(max(0.0, shown.low)) - TOP
    area = " ".join(
        f"M{part[0].x * SCALE:.1f} {foot:.1f}L"
        + "L".join(f"{dot.x * SCALE:.1f} {dot.y - TOP:.1f}" for dot in part)
        + f"L{part[-1].x * SCALE:.1f} {foot:.1f}Z"
        for part in parts
    )
    alone = any(len(part) == 1 for part in parts)
    return Line(
        frame=shown,
        path=path,
        area=area if from_zero else "",
        dots=tuple(dots),
        dotted=alone or len(dots) <= _MOST_DOTS,
    )


def _parts(dots: Sequence[Dot]) -> list[list[Dot]]:
    """Runs of values that follow one on another."""
    parts: list[list[Dot]] = []
    for dot in dots:
        if parts and parts[-1][-1].place == dot.place - 1:
            parts[-1].append(dot)
        else:
            parts.append([dot])
    return parts
