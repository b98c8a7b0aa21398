"""A run's life in the catalog: takes what faces and worker ask, gives rows of `Run`, each driven by one worker at most.

    start → queued → claim → running ─┬→ finish → complete, incomplete, failed or cancelled
                        ↑             └→ put_down → queued, waiting (wake_at) or paused
                        └───────────────┘  or the lease ran out

Whoever claims gets the next fence number and says it with everything after; what an earlier claimant still says is
ignored. Times are arguments, so that a lease can run out without anybody waiting for it. A run that is paused is
claimed when it has been resumed (`catalog.control`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

import ladle
from ladle_server.catalog import offers
from ladle_server.catalog.free import free_at, live
from ladle_server.catalog.hooks import outbox
from ladle_server.catalog.models import Run, State
from ladle_server.catalog.reaching import storable

__all__ = ["live"]
LEASE = timedelta(seconds=settings.LADLE_LEASE)
SIGN = " "
"""What stands before the sign of life at the end of a worker's name."""


def home() -> ladle.Home:
    """The home that this site serves. Its folders are made where they lack, but not looked for at each request."""
    return _opened(settings.LADLE_HOME)


@lru_cache(maxsize=1)
def _opened(path: Path | str) -> ladle.Home:
    return ladle.Home.open(path)


Settings = Mapping[str, str | int | float | bool]
"""Parameters of a source by name."""
NOTHING: Mapping[str, str] = {}


def start(
    dataset: str,
    *,
    requested_by: str,
    parameters: Settings = NOTHING,
    files: Mapping[str, str] = NOTHING,
    afresh: bool = False,
) -> Run:
    """A new run of `swapi/people`, queued for the worker.

    `parameters` are set for the run, `files` are the texts of those that are lists.

    Raises NotFound for an unknown dataset, SettingError for a missing key. Nothing is written in those cases.
    """
    with transaction.atomic():
        run = ladle.start(home(), dataset, parameters=parameters, files=files, afresh=afresh, trusted=False)
        return keep(run, requested_by=requested_by)


def keep(run: ladle.Run, *, requested_by: str) -> Run:
    """The row of a run that was just started, for a worker to drive.

    Its folder is there already: who looked through the home meanwhile may have taken it for a command line's.
    """
    facts = {"dataset": run.dataset, "created_at": run.created, "requested_by": requested_by, "ours": True}
    row, _ = Run.objects.update_or_create(pk=run.id, defaults={**facts, "state": State.QUEUED})
    offers.tell()
    return row


def any_live() -> bool:
    """Whether there are any. Each page asks: to put the question into SQL anew took twenty times longer than SQLite."""
    with connection.cursor() as cursor:
        cursor.execute(*_any_live())
        return cursor.fetchone() is not None


@cache
def _any_live() -> tuple[str, Any]:
    return live().order_by().values("pk")[:1].query.sql_with_params()


def live_ids() -> set[str]:
    """Ids of the runs that have not ended."""
    return set(live().order_by().values_list("pk", flat=True))


def claim(worker: str, *, only: str | None = None, now: datetime | None = None) -> Run | None:
    """The oldest run that nobody drives and that need not wait, now driven by `worker`; None when there is none.

    `only`: the run of that id or none. Workers that claim at the same time get different runs.
    """
    now = now or datetime.now(UTC)
    with transaction.atomic():
        free = free_at(now) if only is None else free_at(now).filter(pk=only)
        # Whoever has a row at this moment takes it: PostgreSQL passes over it, SQLite has one writer at a time.
        run = free.select_for_update(skip_locked=True).first()
        if run is None:
            return None
        run.worker, run.lease_until, run.fence, run.offered_at = worker, now + LEASE, run.fence + 1, None
        run.state, run.started_at, run.wake_at = (
            State.RUNNING,
            run.started_at or now,
            None,
        )
        run.save()
        return run


def _mine(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk, fence=run.fence, ended_at=None)


def renew(run: Run, *, now: datetime | None = None) -> bool:
    """Hold the run for another lease; False when it is not ours any more (then let go of it)."""
    now = now or datetime.now(UTC)
    return _mine(run).update(lease_until=now + LEASE) == 1


def note(run: Run, state: str, *, wake_at: datetime | None = None) -> bool:
    """Write down where the run stands while it is driven; False when it is not ours any more."""
    return _mine(run).update(state=state, wake_at=wake_at) == 1


def put_down(run: Run, *, state: str = State.QUEUED, wake_at: datetime | None = None, reason: str = "") -> bool:
    """Hand the run back unfinished, to be taken up at `wake_at` (None: as soon as a worker is free)."""
    return _mine(run).update(state=state, wake_at=wake_at, reason=storable(reason), lease_until=None, worker="") == 1


def finish(
    run: Run,
    *,
    state: str,
    reason: str = "",
    snapshot: str = "",
    now: datetime | None = None,
) -> bool:
    """The run's end, with the reason in words, and who is to be told of it; False when it is not ours any more."""
    ended = now or datetime.now(UTC)
    end = {"state": state, "reason": storable(reason), "snapshot": snapshot, "ended_at": ended}
    with transaction.atomic():
        ours = _mine(run).update(**end, lease_until=None, worker="", wake_at=None) == 1
        if ours:
            outbox.put(Run.objects.filter(pk=run.pk))
    return ours


def free_dead(*, now: datetime | None = None) -> int:
    """Take runs from workers of this machine that have certainly ended, sooner than their leases do; their number."""
    held = live().filter(lease_until__gt=now or datetime.now(UTC))
    workers = {worker.rpartition(SIGN)[2]: worker for worker in held.order_by().values_list("worker", flat=True)}
    dead = [workers[sign] for sign in ladle.dead_among(home().alive, workers)]
    return _take(held.filter(worker__in=dead)) if dead else 0


def free_all() -> int:
    """Take every run from its worker: for the one process that holds the home's worker lock, when it starts."""
    return _take(live().filter(lease_until__isnull=False))


def _take(held: QuerySet[Run]) -> int:
    """The fence grows too: should a worker that was thought dead still speak, it is not heard."""
    return held.update(lease_until=None, worker="", state=State.QUEUED, fence=F("fence") + 1)
