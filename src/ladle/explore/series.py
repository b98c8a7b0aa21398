"""One snapshot after another: takes a home, a dataset and a column, gives each one's rows and what its profile says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ladle.errors import BadInput, Damaged, LadleError, NotFound, unknown
from ladle.explore.finding import all_snapshots, find
from ladle.home import Home
from ladle.snapshots.manifest import Manifest

MOST = 200
"""Snapshots, the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """A snapshot, when it was taken (in UTC), and what it says of the column.

    None where no column was asked for, where it has no such column or its profile can't be read, and for the `mean` of
    what holds no numbers. Numbers that are written as text count as numbers.
    """

    id: str
    taken: datetime
    complete: bool
    rows: int
    mean: float | None = None
    missing: int | None = None
    distinct: int | None = None


def series(home: Home, dataset: str, *, of: str = "") -> list[SeriesRow]:
    """The latest 200 snapshots, oldest first.

    Raises NotFound for a dataset without snapshots, BadInput for a column that none of them has.
    """
    manifests = all_snapshots(home, dataset=dataset)
    if not manifests:
        raise _missing(home, dataset)
    shown = [manifest for manifest in reversed(manifests[:MOST]) if manifest.finished]
    if of and not any(of in _names(manifest) for manifest in shown):
        raise BadInput(unknown("column", of, _names(shown[-1]) if shown else []))
    return [_row(manifest, _told(home, manifest, of)) for manifest in shown]


def _missing(home: Home, dataset: str) -> LadleError:
    known = sorted({manifest.name for manifest in all_snapshots(home)})
    return NotFound(unknown("snapshot of", dataset, known), hint="" if known else "Collect a dataset first.")


def _row(manifest: Manifest, told: Mapping[str, Any]) -> SeriesRow:
    mean = told.get("mean", (told.get("numbers") or {}).get("mean"))
    facts = {"mean": mean, "missing": told.get("missing"), "distinct": told.get("distinct")}
    return SeriesRow(id=manifest.id, taken=manifest.finished, complete=manifest.complete, rows=manifest.rows, **facts)


def _told(home: Home, manifest: Manifest, of: str) -> Mapping[str, Any]:
    """The column's part of a profile; one that is damaged, or has just gone, leaves a gap."""
    if not of or of not in _names(manifest):
        return {}
    try:
        columns: Sequence[Mapping[str, Any]] = find(home, manifest.id).profile()["columns"]
    except (Damaged, NotFound):
        return {}
    return next((column for column in columns if column["name"] == of), {})


def _names(manifest: Manifest) -> list[str]:
    return [column.name for column in manifest.columns]
