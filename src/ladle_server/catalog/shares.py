"""Shares of runs in the catalog: takes what a driver gives and what helpers say, gives each share one helper at most.

    give → waiting → take → taken ─┬──────────────────────────────→ over (done, or its lease ran out) → forget
              └────────────────────┴→ take_back → called back ─────→ over

A driver says its fence with everything, a helper its name. Once a run is claimed by another driver its fence is
another, and nobody holds or takes a share of the earlier one's any more. Times are arguments, as in `runs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

import ladle
from ladle_server.catalog.free import live
from ladle_server.catalog.models import Run, Share, ShareState
from ladle_server.catalog.reaching import one_at_a_time
from ladle_server.catalog.runs import LEASE as OF_RUNS

LEASE = min(OF_RUNS, timedelta(seconds=6))
"""A helper holds a share so long without a word: who waits for it is the driver of a whole run."""
RUNS_FIRST = timedelta(seconds=1)
"""A run that was offered so long ago and that nobody took finds no free process: helpers leave theirs."""
HELD = (ShareState.TAKEN, ShareState.CALLED_BACK)


def give(run: Run, share: ladle.Share) -> None:
    """Offer a share of the run that is driven with this fence."""
    Share.objects.create(
        run_id=run.pk, fence=run.fence, journal=share.fence, number=share.number, requests=share.to_json()
    )


def standing(run: Run, *, now: datetime | None = None) -> dict[int, ladle.Standing]:
    """How the shares of this driver stand, by number."""
    _end_lapsed(_of(run), now)
    rows = _of(run).values_list("number", "worker", "state")
    return {number: ladle.Standing(worker=worker, over=state == ShareState.OVER) for number, worker, state in rows}


def take_back(run: Run, numbers: Sequence[int]) -> None:
    """What waits is over at once; what is worked on, when its helper has heard of it."""
    called = _of(run).filter(number__in=numbers)
    called.filter(state=ShareState.WAITING).update(state=ShareState.OVER)
    called.filter(state=ShareState.TAKEN).update(state=ShareState.CALLED_BACK)


def forget(run: Run, numbers: Sequence[int]) -> None:
    """What came of these is in the journal."""
    _of(run).filter(number__in=numbers, state=ShareState.OVER).delete()


def clear(run: Run, *, now: datetime | None = None) -> int:
    """Call back what earlier drivers gave; how many shares are still held by a helper that has not said it stopped."""
    earlier = Share.objects.filter(run_id=run.pk, fence__lt=run.fence)
    _end_lapsed(earlier, now)
    earlier.filter(state=ShareState.TAKEN).update(state=ShareState.CALLED_BACK)
    earlier.exclude(state__in=HELD).delete()
    return earlier.count()


def sweep(run: Run, *, all_of_them: bool) -> None:
    """A slice is over: its shares are gone, or all of them where the run is."""
    gone = Share.objects.filter(run_id=run.pk)
    (gone if all_of_them else gone.exclude(state__in=HELD)).delete()


def any_waiting(run_id: str) -> bool:
    """Whether the run wants help."""
    return Share.objects.filter(run_id=run_id, state=ShareState.WAITING).exists()


def runs_wait(*, now: datetime | None = None) -> bool:
    """Whether a run finds no process that drives it."""
    return live().filter(offered_at__lte=(now or datetime.now(UTC)) - RUNS_FIRST).exists()


def take(run_id: str, worker: str, *, most: int, fence: int | None = None, now: datetime | None = None) -> Share | None:
    """The first share of the run that waits, now `worker`'s; None where there is none, or enough others help.

    At most `most` help at once. `fence`: of the driver whose shares the helper works on already.
    """
    now = now or datetime.now(UTC)
    with transaction.atomic():
        one_at_a_time(f"shares of {run_id}")
        run = Run.objects.filter(pk=run_id, ended_at=None, lease_until__gt=now).first()
        if run is None or fence not in (None, run.fence):
            return None
        held = Share.objects.filter(run_id=run_id, fence=run.fence, state__in=HELD, lease_until__gt=now)
        others = set(held.order_by().values_list("worker", flat=True)) - {worker}
        waiting = Share.objects.filter(run_id=run_id, fence=run.fence, state=ShareState.WAITING)
        share = waiting.select_for_update(skip_locked=True).first() if len(others) < most else None
        if share is not None:
            share.state, share.worker, share.lease_until = ShareState.TAKEN, worker, now + LEASE
            share.save(update_fields=["state", "worker", "lease_until"])
        return share


def hold(ids: Sequence[int], worker: str, *, now: datetime | None = None) -> bool:
    """Hold shares for another lease; False when one of them is not this helper's any more (then stop)."""
    now = now or datetime.now(UTC)
    mine = Share.objects.filter(pk__in=ids, worker=worker, state=ShareState.TAKEN, run__ended_at=None)
    driven = [pk for pk, fence, runs in mine.values_list("pk", "fence", "run__fence") if fence == runs]
    return Share.objects.filter(pk__in=driven, state=ShareState.TAKEN).update(lease_until=now + LEASE) == len(ids)


def done(ids: Sequence[int], worker: str) -> None:
    """The helper has written down what came of these, and works on them no more."""
    Share.objects.filter(pk__in=ids, worker=worker, state__in=HELD).update(state=ShareState.OVER)


def _of(run: Run) -> QuerySet[Share]:
    return Share.objects.filter(run_id=run.pk, fence=run.fence)


def _end_lapsed(shares: QuerySet[Share], now: datetime | None) -> None:
    """Who held them is dead, or can't reach the database and has stopped."""
    shares.filter(state__in=HELD, lease_until__lte=now or datetime.now(UTC)).update(state=ShareState.OVER)
