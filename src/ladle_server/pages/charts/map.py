"""A map of points: takes places in degrees with their rows and values, gives land, lines of the grid and dots; pure.

Equirectangular, with the scale true in the middle of what is shown. Its units are thousandths of the width.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ladle_server.pages.charts.land import within
from ladle_server.pages.charts.scales import Tick, number_label, percent, thinned, ticks

WIDTH = 1000.0
TONES = 5
_LEAST_SPAN = 6.0
_MARGIN = 0.12
_ROOM = 7.0
"""Percent of a narrow screen's map that a parallel's word takes above it; one nearer to the top would be cut."""
_WORLD = 200.0
"""Degrees of longitude: what spans more is shown on the whole world."""
_NARROWEST, _WIDEST = 1.65, 2.15
_FAR = 20
"""One in so many values, at either end, may lie beyond the marks."""
_STEPS = (1, 2, 5, 10, 15, 30, 45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is shown of the world, in degrees; `height` is the map's, in its units."""

    west: float
    south: float
    east: float
    north: float
    height: float

    def x(self, lon: float) -> float:
        """Where a longitude stands."""
        return round((lon - self.west) / (self.east - self.west) * WIDTH, 1)

    def y(self, lat: float) -> float:
        """Where a latitude stands."""
        return round((self.north - lat) / (self.north - self.south) * self.height, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A place; `size` is 1 to 4 by its rows, `tone` 1 to 5 by its value, or 0 where it has none."""

    x: float
    y: float
    size: int
    tone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """The land as one path, the lines of latitude and longitude with their labels in percent, and the dots."""

    window: Window
    land: str
    grid: str
    parallels: tuple[Tick, ...]
    meridians: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    legend: tuple[tuple[int, str], ...]
    """The tones and the values that they stand for."""


def drawn(places: Sequence[tuple[float, float]], *, counts: Sequence[int], values: Sequence[float | None]) -> Map:
    """`places` are latitude and longitude."""
    window = window_of(places)
    marks = _marks([value for value in values if value is not None])
    largest = max(counts, default=1)
    dots = tuple(
        Dot(x=window.x(lon), y=window.y(lat), size=size_of(count, largest), tone=tone_of(value, marks))
        for (lat, lon), count, value in zip(places, counts, values, strict=True)
    )
    down, across = _lines(window.south, window.north, most=5), _lines(window.west, window.east, most=9)
    return Map(
        window=window,
        land=_land(window),
        grid=_grid(window, down, across),
        parallels=tuple(
            Tick(at, _degrees(lat, "N", "S"))
            for lat in down
            if (at := percent(lat, window.north, window.south)) > _ROOM
        ),
        meridians=tuple(
            thinned([Tick(percent(lon, window.west, window.east), _degrees(lon, "E", "W")) for lon in across])
        ),
        dots=dots,
        legend=tuple(_legend(marks, values)),
    )


def window_of(places: Sequence[tuple[float, float]]) -> Window:
    """What shows all places with a margin: the whole world where they are far apart."""
    lats, lons = [lat for lat, _ in places] or [0.0], [lon for _, lon in places] or [0.0]
    if max(lons) - min(lons) > _WORLD or not places:
        south, north = (-90.0 if min(lats) < -58 else -60.0), (90.0 if max(lats) > 82 else 84.0)
        return _window(-180.0, south, 180.0, north, true=35.0)
    true = (min(lats) + max(lats)) / 2
    squeeze = _squeeze(true)
    high = max(_LEAST_SPAN, (max(lats) - min(lats)) * (1 + 2 * _MARGIN))
    wide = max(_LEAST_SPAN, (max(lons) - min(lons)) * (1 + 2 * _MARGIN) * squeeze)
    wide, high = max(wide, high * _NARROWEST), max(high, wide / _WIDEST)
    west, east = _held((min(lons) + max(lons)) / 2, wide / squeeze, bound=180.0)
    south, north = _held(true, high, bound=90.0)
    return _window(west, south, east, north, true=true)


def _held(middle: float, span: float, *, bound: float) -> tuple[float, float]:
    """The ends of a span, moved or cut so that they are within the bound."""
    low = max(-bound, min(middle - span / 2, bound - span))
    return low, min(bound, low + span)


def _window(west: float, south: float, east: float, north: float, *, true: float) -> Window:
    height = round(WIDTH * (north - south) / ((east - west) * _squeeze(true)), 1)
    return Window(west=west, south=south, east=east, north=north, height=min(height, WIDTH))


def _squeeze(lat: float) -> float:
    """How much shorter a degree of longitude is there than one of latitude."""
    return max(0.25, math.cos(math.radians(lat)))


def size_of(count: int, largest: int) -> int:
    """1 to 4: the more rows beside the most that any place has, the larger.

    >>> [size_of(count, 1000) for count in (1, 10, 100, 1000)], size_of(3, 3)
    ([1, 2, 3, 4], 2)
    """
    if count <= 1 or largest <= 1:
        return 1
    most = 2 if largest < 10 else 3 if largest < 100 else 4
    return 1 + math.ceil((most - 1) * math.log(count) / math.log(largest) - 1e-9)


def tone_of(value: float | None, marks: Sequence[float]) -> int:
    """1 to 5 between round marks; 0 where there is no value.

    >>> tone_of(None, [0, 10, 20]), tone_of(3, [0, 10, 20]), tone_of(20, [0, 10, 20])
    (0, 1, 2)
    """
    if value is None or len(marks) < 2:
        return 0
    return next((place for place, mark in enumerate(marks[1:], start=1) if value < mark), len(marks) - 1)


def _marks(values: Sequence[float]) -> list[float]:
    """Round marks over what most values lie between: a few far ones would leave one tone for all others."""
    if not values:
        return []
    known = sorted(values)
    beyond = len(known) // _FAR
    return ticks(known[beyond], known[-1 - beyond], most=TONES)


def _legend(marks: Sequence[float], values: Sequence[float | None]) -> Iterator[tuple[int, str]]:
    """The tones in words; the first and the last hold what lies beyond them too."""
    known = [value for value in values if value is not None]
    for number, (low, high) in enumerate(pairwise(marks), start=1):
        words = f"{number_label(low)} to {number_label(high)}"
        if number == 1 and min(known) < low:
            words = f"below {number_label(high)}"
        elif number == len(marks) - 1 and max(known) > high:
            words = f"{number_label(low)} and more"
        yield number, words
    if known and len(known) < len(values):
        yield 0, "no value"


def _lines(low: float, high: float, *, most: int) -> list[float]:
    """Round degrees between two, without the ends."""
    step = next((step for step in _STEPS if (high - low) / step <= most), 60)
    first = math.floor(low / step) + 1
    return [float(place * step) for place in range(first, math.ceil(high / step))]


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):g}°{positive if value > 0 else negative if value < 0 else ''}"


def _land(window: Window) -> str:
    """The land in the window, and a little beyond: its cut edges are not to be seen."""
    beyond = (window.east - window.west) * 0.02
    rings = within(window.west - beyond, window.south - beyond, window.east + beyond, window.north + beyond)
    return "".join("M" + "L".join(f"{window.x(lon):g} {window.y(lat):g}" for lon, lat in ring) + "Z" for ring in rings)


def _grid(window: Window, down: Sequence[float], across: Sequence[float]) -> str:
    return "".join(
        [f"M0 {window.y(lat):g}H{WIDTH:g}" for lat in down]
        + [f"M{window.x(lon):g} 0V{window.height:g}" for lon in across]
    )
