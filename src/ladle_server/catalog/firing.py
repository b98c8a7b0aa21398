"""Starting what is due: takes the time, has one worker start the run of each schedule that is due, or say why not.

Every worker looks once a second, on whatever machine. A schedule is claimed, told of, moved on to its next time and its
run started in one transaction: of two who look at once one passes over it, and what a worker left that died in the
middle is due as before. So no process is the only one of its kind.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import transaction

import ladle
from ladle.errors import Damaged, LadleError, NotFound, Unreachable
from ladle_server.catalog import runs
from ladle_server.catalog.discover import discover
from ladle_server.catalog.due import due
from ladle_server.catalog.free import live, source_of
from ladle_server.catalog.models import Missed, Occasion, Outcome, RequestedBy, Run, Schedule
from ladle_server.catalog.reaching import AWAY, one_at_a_time, storable
from ladle_server.catalog.schedules import cron_of

log = logging.getLogger(__name__)
KEPT = 100
"""Occasions of a schedule that are kept."""
AT_ONCE = 20
"""Schedules that one look starts at most."""
UNSEEN = "Nothing that starts runs was there."
INSTEAD = "In place of what was missed."
FAULT = "Ladle failed; the reason is in the log of its worker. Please report it."


def fire(*, now: datetime | None = None) -> int:
    """See to everything that is due; the number of schedules that were. Raises Unreachable, and one of AWAY."""
    now = now or datetime.now(UTC)
    # Asked outside of a transaction first: one of SQLite's keeps all others from writing.
    if not Schedule.objects.filter(next_at__lte=now).exists():
        return 0
    _look_around()
    return next((done for done in range(AT_ONCE) if not _fire_one(now)), AT_ONCE)


def _look_around() -> None:
    """See the runs of command lines, too: one of them may be going, or have ended."""
    try:
        discover()
    except (Unreachable, *AWAY):
        raise
    except Exception:
        log.exception("The runs of others could not be looked for")


def _fire_one(now: datetime) -> bool:
    claimed: Schedule | None = None
    try:
        with transaction.atomic():
            claimed = _claim(now)
            if claimed is not None:
                _see_to(claimed, now)
    except (Unreachable, *AWAY):
        raise  # it is as due as it was, for the next look
    except Exception:
        if claimed is None:
            raise
        log.exception("The schedule %s met an error that nobody foresaw", claimed.pk)
        _pass_over(claimed.pk, now)
    return claimed is not None


def _claim(now: datetime) -> Schedule | None:
    free = Schedule.objects.filter(next_at__lte=now).order_by("next_at", "id")
    return free.select_for_update(skip_locked=True).first()


def _see_to(row: Schedule, now: datetime) -> None:
    """Tell what was missed, start what is due, and move on to the next time."""
    found = due(cron_of(row), next_at=row.next_at or now, now=now)
    row.next_at = found.next_at
    row.save(update_fields=["next_at"])
    if found.first_missed is not None:
        _tell(row, Outcome.MISSED, due_at=found.first_missed, times=found.missed, now=now, reason=UNSEEN)
        log.warning("The schedule %s of %s missed %d time(s).", row.pk, row.dataset, found.missed)
    if found.on_time is not None:
        _start(row, due_at=found.on_time, now=now)
    elif found.missed and row.missed == Missed.RUN:
        _start(row, due_at=now, now=now, reason=INSTEAD)
    _forget(row)


def _start(row: Schedule, *, due_at: datetime, now: datetime, reason: str = "") -> None:
    """Start its run, unless one of the same dataset and parameters is still going."""
    one_at_a_time(f"schedules of {row.dataset}")
    try:
        going = _going(row)
        run = going or runs.start(
            row.dataset, requested_by=RequestedBy.SCHEDULE, parameters=row.parameters, files=row.files
        )
    except Unreachable:
        raise
    except LadleError as error:
        _tell(row, Outcome.FAILED, due_at=due_at, now=now, reason=str(error))
        log.warning("The schedule %s of %s could start no run: %s", row.pk, row.dataset, error)
        return
    outcome = Outcome.SKIPPED if going else Outcome.RUN
    still = f"A run of it was still {going.state}." if going else ""
    _tell(row, outcome, due_at=due_at, now=now, run=run, reason=" ".join(filter(None, (reason, still))))


def _going(row: Schedule) -> Run | None:
    """A run of the same dataset and parameters that has not ended; one whose command line was killed does not count."""
    source = ladle.source(source_of(row.dataset), home=runs.home())
    values = {**source.values, **row.parameters}
    found = (each for each in live().filter(dataset=row.dataset) if _is_going(each, values))
    return next(found, None)


def _is_going(run: Run, values: Mapping[str, str]) -> bool:
    try:
        opened = ladle.open_run(runs.home(), run.pk)
        return dict(opened.source.values) == values and (run.ours or not opened.was_left)
    except (NotFound, Damaged):
        return False  # its own page tells of it


def _tell(
    row: Schedule,
    outcome: Outcome,
    *,
    due_at: datetime,
    now: datetime,
    times: int = 1,
    run: Run | None = None,
    reason: str = "",
) -> None:
    facts = {"due_at": due_at, "times": times, "told_at": now, "run": run, "reason": storable(reason)}
    Occasion.objects.create(schedule=row, outcome=outcome, **facts)


def _pass_over(number: int, now: datetime) -> None:
    """After an error that nobody foresaw: told, and not tried again before its next time."""
    with transaction.atomic():
        row = Schedule.objects.select_for_update().filter(pk=number, next_at__lte=now).first()
        if row is None or row.next_at is None:
            return
        _tell(row, Outcome.FAILED, due_at=row.next_at, now=now, reason=FAULT)
        row.next_at = cron_of(row).next(now)
        row.save(update_fields=["next_at"])


def _forget(row: Schedule) -> None:
    old = row.occasions.order_by("-id").values_list("pk", flat=True)[KEPT : KEPT + 1].first()
    if old is not None:
        row.occasions.filter(pk__lte=old).delete()
