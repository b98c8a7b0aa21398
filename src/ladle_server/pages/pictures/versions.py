"""One snapshot after another: takes a dataset and a column, gives lines of its rows and of what the profiles say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ladle
from ladle.errors import BadInput, Damaged, unknown
from ladle_server.pages.charts.line import Line, line
from ladle_server.pages.charts.scales import Tick, thinned
from ladle_server.pages.words import figure

MOST = 200
"""Snapshots that are drawn, the latest."""
_HEIGHT = 96.0
_LABELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A snapshot and what it says of the column; None where it has no such column, or no numbers in it."""

    id: str
    taken: datetime
    complete: bool
    rows: int
    mean: float | None = None
    missing: int | None = None
    distinct: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One line: its words, and for each dot its snapshot and what it tells."""

    title: str
    shape: Line
    dots: tuple[tuple[Any, Version, str], ...]


def versions(manifests: Sequence[ladle.Manifest], *, of: str, home: ladle.Home) -> list[Version]:
    """The latest snapshots, oldest first; raises BadInput for a column that none of them has."""
    shown = [manifest for manifest in reversed(manifests[:MOST]) if manifest.finished]
    if of and not any(of in _names(manifest) for manifest in shown):
        raise BadInput(unknown("column", of, _names(shown[-1]) if shown else []))
    return [_version(manifest, _told(manifest, of, home=home) if of else {}) for manifest in shown]


def _version(manifest: ladle.Manifest, told: Mapping[str, Any]) -> Version:
    mean = told.get("mean", (told.get("numbers") or {}).get("mean"))
    facts = {"mean": mean, "missing": told.get("missing"), "distinct": told.get("distinct")}
    taken, complete = manifest.finished, manifest.complete
    return Version(id=manifest.id, taken=taken, complete=complete, rows=manifest.rows, **facts)


def _told(manifest: ladle.Manifest, of: str, *, home: ladle.Home) -> Mapping[str, Any]:
    """The column's part of a profile; one that is damaged leaves a gap in the line."""
    if of not in _names(manifest):
        return {}
    try:
        columns = ladle.snapshot(manifest.id, home=home).profile()["columns"]
    except Damaged:
        return {}
    return next((column for column in columns if column["name"] == of), {})


def panels(found: Sequence[Version], *, of: str) -> Iterator[Panel]:
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


def _dates(found: Sequence[Version]) -> list[Tick]:
    """When some of the snapshots were taken: by the clock where all are of one day."""
    day = len({version.taken.date() for version in found}) == 1
    every = -(-len(found) // _LABELS)
    return thinned(
        [
            Tick(
                round(100 * (place + 0.5) / len(found), 2),
                f"{version.taken:%H:%M}" if day else f"{version.taken.day} {version.taken:%b}",
            )
            for place, version in enumerate(found)
            if place % every == 0
        ]
    )


def _names(manifest: ladle.Manifest) -> list[str]:
    return [column.name for column in manifest.columns]
