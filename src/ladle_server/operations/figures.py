"""What the runs of a home came to: takes the catalog and progress files, gives numbers, the same in every process.

Nothing is counted as it happens, so nothing is lost with a process: a run that has ended is read once and remembered
in the database, one that goes on is read each time. Whatever there is, a look takes a few questions to the database and
a few hundred small files at most.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db.models import Count, Exists, Max, Min, OuterRef, Sum

import ladle
from ladle_server.catalog import discover, runs
from ladle_server.catalog.free import source_of
from ladle_server.catalog.models import Run, Snapshot, State
from ladle_server.operations.models import Counted
from ladle_server.operations.patience import HOME

MOST = 500
"""Runs whose files are read at once: those that have ended are caught up with at the next look."""
MOST_DATASETS = 1000
AT_ONCE = 8
"""Progress files that are read at the same time: on S3 each may take 20 ms."""
OTHERS_EVERY, MOST_OTHERS = 60.0, 20
"""Seconds between two looks for runs of command lines, and how many of them are opened at once."""


@dataclass(slots=True)
class Came:
    """What all runs of a source came to."""

    requests: int = 0
    refused: int = 0
    builds: int = 0
    building: float = 0.0
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One look at everything."""

    states: dict[str, dict[str, int]]
    """By source, how many runs are in each state."""
    queued: int
    """Runs that could go on, had anybody time for them."""
    queued_since: datetime | None
    came: dict[str, Came]
    """By source."""
    snapshots: dict[bool, int]
    """Complete ones, and others."""
    latest: dict[str, datetime] = field(default_factory=dict)
    """When a dataset's latest complete snapshot was taken."""


def look() -> Figures:
    """Everything as it stands now."""
    _others.look()
    queue = runs.live().filter(ours=True, state=State.QUEUED, lease_until=None).order_by()
    queued = queue.aggregate(number=Count("pk"), since=Min("created_at"))
    return Figures(
        states=_states(),
        queued=queued["number"],
        queued_since=queued["since"],
        came=_came(),
        snapshots={True: 0, False: 0} | dict(Snapshot.objects.order_by().values_list("complete").annotate(Count("pk"))),
        latest=_latest(),
    )


def _states() -> dict[str, dict[str, int]]:
    """Of each source that has a run, every state, so that a state that nothing is in any more is told as 0."""
    found: dict[str, dict[str, int]] = {}
    for dataset, state, number in Run.objects.order_by().values_list("dataset", "state").annotate(Count("pk")):
        found.setdefault(source_of(dataset), dict.fromkeys(State.values, 0))[state] += number
    return found


def _latest() -> dict[str, datetime]:
    found = Snapshot.objects.filter(complete=True).order_by().values_list("source", "dataset")
    newest = found.annotate(at=Max("taken_at")).order_by("-at")[:MOST_DATASETS]
    return {f"{source}/{dataset}": at for source, dataset, at in newest}


def _came() -> dict[str, Came]:
    """Of runs that have ended as they were counted, and of those that go on what came since."""
    count_ended()
    came: defaultdict[str, Came] = defaultdict(Came)
    sums = (
        Counted.objects.order_by()
        .values("source")
        .annotate(
            requests_made=Sum("requests"), refusals=Sum("refused"), builds=Count("built_in"), building=Sum("built_in")
        )
    )
    for each in sums:
        came[each["source"]] = Came(each["requests_made"], each["refusals"], each["builds"], each["building"] or 0.0)
    live = runs.live().filter(started_at__isnull=False).order_by("created_at", "pk")
    datasets = dict(live.values_list("pk", "dataset")[:MOST])
    counted = Counted.objects.in_bulk(list(datasets))
    for run, progress in _progress_of(datasets).items():
        before = counted.get(run)
        if progress is not None:
            of_source = came[source_of(datasets[run])]
            of_source.requests += max(0, progress.requests - (before.requests if before else 0))
            of_source.refused += max(0, progress.refused - (before.refused if before else 0))
    return dict(came)


def count_ended() -> int:
    """Remember what runs came to that have ended since the last look; how many there were."""
    same = Counted.objects.filter(pk=OuterRef("pk"), ended_at=OuterRef("ended_at"))
    ended = Run.objects.filter(~Exists(same), ended_at__isnull=False).order_by("ended_at")
    found = {run: (dataset, at) for run, dataset, at in ended.values_list("pk", "dataset", "ended_at")[:MOST] if at}
    rows = [_counted(run, progress, *found[run]) for run, progress in _progress_of(found).items()]
    Counted.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["run"],
        update_fields=["source", "requests", "refused", "built_in", "ended_at"],
    )
    return len(rows)


def _progress_of(ids: Collection[str]) -> dict[str, ladle.Progress | None]:
    """How far each run is, None where it has not said; one that can't be asked now is left out."""
    here = runs.home()

    def ask(run: str) -> list[ladle.Progress | None]:
        return HOME.ask(lambda: [ladle.progress_of(here, run)], [])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(ask, ids)
        return {run: told for run, answer in zip(ids, answers, strict=True) for told in answer}


def _counted(run: str, progress: ladle.Progress | None, dataset: str, ended_at: datetime) -> Counted:
    return Counted(
        run=run,
        source=source_of(dataset),
        requests=progress.requests if progress else 0,
        refused=progress.refused if progress else 0,
        built_in=progress.built_in if progress else None,
        ended_at=ended_at,
    )


class _Others:
    """Runs of command lines and scripts, looked for now and then."""

    def __init__(self) -> None:
        self._at: tuple[Path, float] | None = None

    def look(self) -> None:
        here, now = runs.home().path, time.monotonic()
        if self._at is None or self._at[0] != here or now - self._at[1] >= OTHERS_EVERY:
            self._at = here, now
            HOME.ask(lambda: discover.follow_others(most=MOST_OTHERS), None)


_others = _Others()


def seconds_since(moment: datetime | None) -> float:
    """How long ago that was; 0 where there is none."""
    return 0.0 if moment is None else max(0.0, (datetime.now(UTC) - moment).total_seconds())
