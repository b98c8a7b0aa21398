"""Offering runs: takes those that nobody drives and that need not wait, gives each to the broker, once.

    a run is started, resumed, retried ─┐
    a slice is over ────────────────────┼→ offer ─→ the broker's queue ─→ a worker ─→ claim ─→ drive a slice
    its lease or its wait is over ──────┘ (every worker looks, once a second)

An offer is a word, not a right: only who claims a run in the database drives it. So a message that comes twice, late or
not at all does no harm; what the broker lost is offered again.
"""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ladle_server.catalog.free import SHARE, free_at, live, source_of
from ladle_server.catalog.models import Run
from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
AGAIN = timedelta(seconds=10)
"""How long an offer may stay untaken before the broker is asked whether it still has it."""


class BrokerAway(Exception):
    """The broker can't be reached."""


class Broker(Protocol):
    """Where offers wait for workers."""

    def send(self, run_id: str, dataset: str) -> None:
        """Put an offer into the queue; raises BrokerAway."""

    def call_for_help(self, run_id: str, dataset: str, *, within: float) -> None:
        """Have a worker help with the run; raises BrokerAway. Nobody does so after `within` seconds."""

    def queued(self) -> int:
        """How many offers are in the queue; raises BrokerAway."""


def offer(broker: Broker, *, now: datetime | None = None) -> int:
    """Offer what can be driven and was not offered yet, and what the broker has lost. Gives their number.

    Raises BrokerAway; what could not be offered then is offered by the next call.
    """
    now = now or datetime.now(UTC)
    _forget_lost(broker, now)
    chosen = _mark(now)
    for number, (run_id, dataset) in enumerate(chosen):
        try:
            broker.send(run_id, dataset)
        except BrokerAway:
            Run.objects.filter(pk__in=[each for each, _ in chosen[number:]], offered_at=now).update(offered_at=None)
            raise
    return len(chosen)


def _mark(now: datetime) -> list[tuple[str, str]]:
    """Ids and datasets of the runs to be offered now, written down as offered: before a worker can hear of it.

    No more of a source than may be driven, or a worker would only decline them.
    """
    with transaction.atomic():
        offered = Counter(map(source_of, _offered().values_list("dataset", flat=True)))
        chosen = []
        for run in free_at(now).filter(offered_at=None).select_for_update(skip_locked=True):
            if offered[source_of(run.dataset)] < SHARE:
                offered[source_of(run.dataset)] += 1
                chosen.append((run.pk, run.dataset))
        Run.objects.filter(pk__in=[run_id for run_id, _ in chosen]).update(offered_at=now)
    return chosen


def _offered() -> QuerySet[Run]:
    return live().filter(offered_at__isnull=False)


def _forget_lost(broker: Broker, now: datetime) -> None:
    """Where the queue is shorter than the offers that nobody took, some are lost: all that are old are forgotten."""
    old = live().filter(offered_at__lte=now - AGAIN)
    if old.exists() and broker.queued() < _offered().count():
        lost = old.update(offered_at=None)
        log.warning("The broker lost offers; %d run(s) are offered again.", lost)


def decline(run_id: str) -> None:
    """A worker could not claim the run: it is driven, ended, or must wait. It is offered again when it can be."""
    Run.objects.filter(pk=run_id).update(offered_at=None)


def tell() -> None:
    """Offer what can be driven when the transaction is over, without waiting for it; nothing where no broker is set.

    Nobody's request waits for the broker, or fails for it: where it is away, the workers' own looks find the run.
    """
    if settings.LADLE_BROKER_URL:
        transaction.on_commit(lambda: _telling().submit(_offer_now))


def _offer_now() -> None:
    try:
        fresh(offer, the_broker())
    except (BrokerAway, *AWAY) as error:
        log.warning("A run could not be offered yet: %s", error)


@cache
def _telling() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="offers")


@cache
def the_broker() -> Broker:
    """Celery, which is imported only where a broker is set: it is an extra."""
    door: type[Broker] = import_module("ladle_server.catalog.broker").Celery
    return door()
