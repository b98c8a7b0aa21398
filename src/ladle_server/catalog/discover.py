"""What lies in the home and is not in the catalog yet: takes the home's folders, gives rows for what others made there.

Runs and snapshots of the command line, of notebooks and of other machines' backups appear in the site's lists this way.
Only names are read for what is known already; a manifest is opened once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

import ladle
from ladle.errors import Damaged, LadleError, NotFound
from ladle_server.catalog.hooks import outbox
from ladle_server.catalog.models import RequestedBy, Run, Snapshot, State
from ladle_server.catalog.reaching import storable
from ladle_server.catalog.runs import home

log = logging.getLogger(__name__)
SLACK = 2.0
"""Seconds between a run's end and the last word on it in its folder, at most."""


def discover() -> None:
    """Bring the catalog up to date with the home: new snapshots and runs, snapshots that are gone, foreign runs."""
    here = home()
    _discover_snapshots(here)
    _discover_runs(here)


def add_snapshot(manifest: ladle.Manifest) -> None:
    """A snapshot's row, from its manifest; harmless when it is there already."""
    Snapshot.objects.bulk_create([_row(manifest)], ignore_conflicts=True)


def add_made(progress: ladle.Progress) -> None:
    """The row of a run's snapshot, where there is one: room may have been made since the run ended."""
    if progress.snapshot:
        with suppress(NotFound, Damaged):
            add_snapshot(ladle.snapshot(progress.snapshot, home=home()).manifest)


def _discover_snapshots(here: ladle.Home) -> None:
    # In this order: a snapshot that is made in between is there, and known a moment later.
    known = set(Snapshot.objects.order_by().values_list("pk", flat=True))
    there = ladle.snapshot_ids(home=here)
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
    known = Run.objects.order_by().values_list("pk", flat=True)
    new = [
        _foreign(run)
        for run in _runs(
            here,
            ladle.run_ids(home=here) - set(known),
        )
    ]
    _add_runs(new)
    for row in _maybe_changed(here).exclude(pk__in=[each.pk for each in new]):
        follow(row)


def follow_others(*, most: int) -> None:
    """Bring so many runs at most of those that others drive up to date, and add so many that are new: never long."""
    here = home()
    known = set(Run.objects.order_by().values_list("pk", flat=True))
    new = sorted(ladle.run_ids(home=here) - known, reverse=True)
    for row in Run.objects.filter(ours=False, ended_at=None)[:most]:
        follow(row)
    _add_runs([_foreign(run) for run in _runs(here, set(new[:most]))])


def _add_runs(rows: list[Run]) -> None:
    """Runs that others made, and who is to be told of those that have ended already."""
    with transaction.atomic():
        Run.objects.bulk_create(rows, ignore_conflicts=True)
        outbox.put(rows)


def _maybe_changed(here: ladle.Home) -> QuerySet[Run]:
    """Runs that nobody here drives, and with which a command line or a script may do what it likes."""
    ended = Run.objects.filter(state=State.FAILED).values_list("pk", "ended_at")
    again = [run_id for run_id, at in ended if at and _written(here, run_id) > at.timestamp() + SLACK]
    return Run.objects.filter(Q(ended_at=None) | Q(pk__in=again), lease_until=None)


def _written(here: ladle.Home, run_id: str) -> float:
    """When a run's progress was written last: to open every run that ever failed would take long.

    Of a home on S3 what was done on this machine alone: a failed run that goes on elsewhere is seen when it is opened.
    """
    try:
        return (here.runs / run_id / "progress.json").stat().st_mtime
    except OSError:
        return 0.0


def follow_paused() -> None:
    """Take up what was done elsewhere with runs that are paused here."""
    for row in Run.objects.filter(state=State.PAUSED):
        follow(row)


def follow(row: Run) -> None:
    """Bring one row up to date with its run."""
    for run in _runs(home(), {row.pk}):
        refresh(row, run.progress())


def find(run_id: str, *, hint: str) -> Run:
    """The run of that id, also one that the command line has just made, up to date with what others did with it.

    Raises NotFound, with the hint.
    """
    known = Run.objects.filter(pk=run_id) if run_id == storable(run_id) else Run.objects.none()
    found = known.first()
    if found is None:
        discover()
        found = known.all().first()
    if found is None:
        raise NotFound(f'There is no run "{run_id}".', hint=hint)
    if found.lease_until is None and not found.snapshot:
        follow(found)
    return found


def refresh(row: Run, progress: ladle.Progress) -> None:
    """Write down what became of a run that others paused, cancelled, resumed or drove to its end.

    Harmless at any time: a worker that drives it all the same is not heard any more when the run has stopped.
    """
    stopped = progress.is_over or progress.state == "paused"
    if stopped:
        add_made(progress)
    with transaction.atomic():
        row.refresh_from_db(from_queryset=Run.objects.select_for_update())
        if row.ours and not stopped and row.state not in (State.PAUSED, State.FAILED):
            return  # the worker's own business
        if row.ours and row.state == progress.state:
            return
        _copy(progress, row)
        if row.ours and not stopped:
            row.state = State.QUEUED
        row.worker, row.lease_until, row.fence = "", None, row.fence + 1
        row.save()
        outbox.put([row])


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
        ours=False,
    )
    _copy(run.progress(), row)
    return row


def _copy(progress: ladle.Progress, row: Run) -> None:
    row.state = progress.state
    row.started_at = moment(progress.started)
    row.wake_at = moment(progress.wake_at)
    row.ended_at = moment(progress.ended or progress.updated) if progress.is_over else None
    row.reason, row.snapshot = storable(progress.reason), progress.snapshot or ""


def moment(seconds: float | None) -> datetime | None:
    """A time in seconds since 1970 as Django keeps it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
