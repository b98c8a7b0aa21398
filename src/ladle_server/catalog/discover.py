"""What lies in the home and is not in the catalog yet: takes the home's folders, gives rows for what others made there.

Runs and snapshots of the command line, of notebooks and of other machines' backups appear in the site's lists this way.
Only names are read for what is known already; a manifest is opened once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import ladle
from ladle.errors import LadleError
from ladle_server.catalog.models import RequestedBy, Run, Snapshot
from ladle_server.catalog.runs import home

log = logging.getLogger(__name__)


def discover() -> None:
    """Bring the catalog up to date with the home: new snapshots and runs, snapshots that are gone, foreign runs."""
    here = home()
    _discover_snapshots(here)
    _discover_runs(here)


def add_snapshot(manifest: ladle.Manifest) -> None:
    """A snapshot's row, from its manifest; harmless when it is there already."""
    Snapshot.objects.bulk_create([_row(manifest)], ignore_conflicts=True)


def _discover_snapshots(here: ladle.Home) -> None:
    there = {
        path.parent.name for path in here.snapshots.glob("*/*/*/manifest.json") if not path.parent.name.startswith(".")
    }
    known = set(Snapshot.objects.order_by().values_list("pk", flat=True))
    for snapshot_id in sorted(there - known):
        try:
            add_snapshot(ladle.snapshot(snapshot_id, home=here).manifest)
        except LadleError as error:
            log.warning("The snapshot %s is left out of the lists: %s", snapshot_id, error)
    Snapshot.objects.filter(pk__in=known - there).delete()


def _row(manifest: ladle.Manifest) -> Snapshot:
    return Snapshot(
        id=manifest.id,
        source=manifest.source,
        dataset=manifest.dataset,
        taken_at=manifest.finished,
        rows=manifest.rows,
        columns=len(manifest.columns),
        requests=manifest.requests,
        complete=manifest.complete,
        size_csv=manifest.files["data.csv"].size,
    )


def _discover_runs(here: ladle.Home) -> None:
    known = dict(Run.objects.order_by().values_list("pk", "ended_at"))
    new = [
        _foreign(run)
        for run in _runs(
            here,
            {path.parent.name for path in here.runs.glob("*/run.json")} - set(known),
        )
    ]
    Run.objects.bulk_create(new, ignore_conflicts=True)
    foreign = Run.objects.filter(requested_by=RequestedBy.COMMAND_LINE, ended_at=None)
    for row in foreign.exclude(pk__in=[each.pk for each in new]):
        for run in _runs(here, {row.pk}):
            _copy(run.progress(), row)
            row.save()


def _runs(here: ladle.Home, ids: set[str]) -> Iterator[ladle.Run]:
    for run_id in sorted(ids):
        try:
            yield ladle.open_run(here, run_id)
        except LadleError as error:
            log.warning("The run %s is left out of the lists: %s", run_id, error)


def _foreign(run: ladle.Run) -> Run:
    row = Run(
        id=run.id,
        dataset=run.dataset,
        created_at=run.created,
        requested_by=RequestedBy.COMMAND_LINE,
    )
    _copy(run.progress(), row)
    return row


def _copy(progress: ladle.Progress, row: Run) -> None:
    row.state = progress.state
    row.started_at = moment(progress.started)
    row.wake_at = moment(progress.wake_at)
    row.ended_at = moment(progress.ended or progress.updated) if progress.is_over else None
    row.reason, row.snapshot = progress.reason, progress.snapshot or ""


def moment(seconds: float | None) -> datetime | None:
    """A time in seconds since 1970 as Django keeps it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
