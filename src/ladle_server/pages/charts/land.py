"""The outline of land: takes a frame in degrees, gives the rings of the land within it; reads one file, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

Ring = list[tuple[float, float]]
"""Longitude and latitude of each corner; the last is joined with the first."""


def within(west: float, south: float, east: float, north: float) -> list[Ring]:
    """The land's rings, cut at the frame."""
    found = (
        clipped(ring, west=west, south=south, east=east, north=north)
        for ring, (left, low, right, high) in _land()
        if left <= east and right >= west and low <= north and high >= south
    )
    return [ring for ring in found if len(ring) > 2]


def clipped(ring: Ring, *, west: float, south: float, east: float, north: float) -> Ring:
    """What of a ring lies in a frame, after Sutherland and Hodgman: one side after the other.

    >>> clipped([(0, 0), (4, 0), (4, 4), (0, 4)], west=2, south=-1, east=9, north=2)
    [(2.0, 2), (2, 0.0), (4, 0), (4.0, 2)]
    """
    for axis, bound, inside in (
        (0, west, lambda value: value >= west),
        (0, east, lambda value: value <= east),
        (1, south, lambda value: value >= south),
        (1, north, lambda value: value <= north),
    ):
        ring = _cut(ring, axis, bound, inside)
    return ring


def _cut(ring: Ring, axis: int, bound: float, inside: Callable[[float], bool]) -> Ring:
    kept: Ring = []
    for place, here in enumerate(ring):
        before = ring[place - 1]
        if inside(before[axis]) != inside(here[axis]):
            part = (bound - before[axis]) / (here[axis] - before[axis])
            other = before[1 - axis] + part * (here[1 - axis] - before[1 - axis])
            kept.append((bound, other) if axis == 0 else (other, bound))
        if inside(here[axis]):
            kept.append(here)
    return kept


@lru_cache(maxsize=1)
def _land() -> list[tuple[Ring, tuple[float, float, float, float]]]:
    """Every ring with its ends; land.txt beside the file says whence it is and how it is written."""
    rings = [_ring(steps) for steps in json.loads((Path(__file__).parent / "land.json").read_text("ascii"))]
    return [(ring, (*map(min, zip(*ring, strict=True)), *map(max, zip(*ring, strict=True)))) for ring in rings]


def _ring(steps: Sequence[int]) -> Ring:
    across, up = accumulate(steps[::2]), accumulate(steps[1::2])
    return [(x / 10, y / 10) for x, y in zip(across, up, strict=True)]
