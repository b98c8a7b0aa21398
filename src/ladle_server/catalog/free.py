"""Which runs may be driven now: takes the time, gives those that nobody drives and that need not wait."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Q, QuerySet

from ladle_server.catalog.models import Run, State

SHARE = 4
"""At most so many runs of one source at once: they share one quota, and other sources should not queue behind them."""


def live() -> QuerySet[Run]:
    """Runs that have not ended, newest first."""
    return Run.objects.filter(ended_at__isnull=True)


def free_at(now: datetime) -> QuerySet[Run]:
    """Runs that a worker may take up, the oldest first: none of a source of which SHARE are driven."""
    ours = live().filter(ours=True).exclude(state=State.PAUSED)
    driven = Counter(source_of(name) for name in ours.filter(lease_until__gt=now).values_list("dataset", flat=True))
    free = ours.filter(
        Q(lease_until=None) | Q(lease_until__lte=now),
        Q(wake_at=None) | Q(wake_at__lte=now),
    )
    for source in {source_of(name) for name in free.order_by().values_list("dataset", flat=True).distinct()}:
        if driven[source] >= SHARE:
            free = free.exclude(dataset__startswith=f"{source}/")
    return free.order_by("created_at", "id")


def source_of(dataset: str) -> str:
    """`swapi` of `swapi/people`."""
    return dataset.partition("/")[0]
