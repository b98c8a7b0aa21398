"""One snapshot after another: takes a dataset's series, gives lines of its rows and of what the profiles say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ladle
from ladle_server.pages.charts.line import Line, line
from ladle_server.pages.charts.scales import Tick, thinned
from ladle_server.pages.words import figure, of_one_minute

_HEIGHT = 96.0
_LABELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One line: its words, and for each dot its snapshot and what it tells."""

    title: str
    shape: Line
    dots: tuple[tuple[Any, ladle.SeriesRow, str], ...]


def panels(found: Sequence[ladle.SeriesRow], *, of: str) -> Iterator[Panel]:
    """A line for the rows, and for each thing that is told of the column."""
    told: dict[str, list[float | None]] = {"Rows": [version.rows for version in found]}
    if of:
        told |= {
            f"Mean of {of}": [version.mean for version in found],
            f"Missing in {of}": [version.missing for version in found],
            f"Distinct in {of}": [version.distinct for version in found],
        }
    across = _dates(found)
    at = [round(100 * (place + 0.5) / len(found), 2) for place in range(len(found))]
    for title, values in told.items():
        if any(value is not None for value in values):
            whole = not title.startswith("Mean")
            shape = line(values, at=at, across=across, from_zero=False, whole=whole, height=_HEIGHT)
            dots = tuple((dot, found[dot.place], figure(values[dot.place] or 0)) for dot in shape.dots)
            yield Panel(title=title, shape=shape, dots=dots)


def _dates(found: Sequence[ladle.SeriesRow]) -> list[Tick]:
    """When some of the snapshots were taken: by the clock where all are of one day, to the second in one minute."""
    day = len({version.taken.date() for version in found}) == 1
    clock = "%H:%M:%S" if of_one_minute(version.taken for version in found) else "%H:%M"
    every = -(-len(found) // _LABELS)
    return thinned(
        [
            Tick(
                round(100 * (place + 0.5) / len(found), 2),
                version.taken.strftime(clock) if day else f"{version.taken.day} {version.taken:%b}",
            )
            for place, version in enumerate(found)
            if place % every == 0
        ]
    )
