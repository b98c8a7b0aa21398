"""Can the site work? Takes what it needs, tries each within two seconds, gives what can't be reached.

A trial that hangs (a network file system, a database behind a dead line) is not begun a second time: each has one
thread, and the next who asks is told that it still hangs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.db import connection

import ladle
from ladle_server.catalog import offers, runs

log = logging.getLogger(__name__)
PATIENCE = 2.0
"""Seconds that all of them may take."""
GOOD, AWAY, SLOW = "good", "can't be reached", f"did not answer within {PATIENCE:.0f} seconds"


class Health:
    """What is needed, by its name, each a call that raises where it can't be used."""

    def __init__(self, needed: Mapping[str, Callable[[], object]], *, patience: float = PATIENCE) -> None:
        self._needed, self._patience = needed, patience
        self._threads = {name: ThreadPoolExecutor(1, thread_name_prefix=f"health-{name}") for name in needed}
        self._trials: dict[str, Future[str]] = {}
        self._told: dict[str, str] = {}

    async def __call__(self) -> dict[str, str]:
        """Each with what is to be said of it. No error's own words are given: they may hold addresses and passwords."""
        trials = {name: self._begun(name) for name in self._needed}
        await asyncio.wait([asyncio.wrap_future(each) for each in trials.values()], timeout=self._patience)
        told = {name: trial.result() if trial.done() else SLOW for name, trial in trials.items()}
        self._note(told)
        return told

    def _begun(self, name: str) -> Future[str]:
        known = self._trials.get(name)
        if known is None or known.done():
            known = self._trials[name] = self._threads[name].submit(_tried, name, self._needed[name])
        return known

    def _note(self, told: Mapping[str, str]) -> None:
        """Log what has changed, once."""
        for name, state in told.items():
            if state != self._told.get(name, GOOD):
                log.warning("Of what the site needs, the %s %s.", name, "is good again" if state == GOOD else state)
        self._told = dict(told)


def _tried(name: str, needed: Callable[[], object]) -> str:
    try:
        needed()
    except Exception as error:
        log.info("The %s was tried: %s", name, error)
        return AWAY
    return GOOD


def database() -> None:
    """Ask the database for nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()  # the next trial begins anew
        raise


def home() -> None:
    """Write a file into the home, which is gone again at once; ask S3 for it, where it is there."""
    ladle.check_home(runs.home())


def ledger() -> None:
    """Read the quotas of one source, from Redis where they are there."""
    ladle.quotas_left([ladle.source("swapi")], home=runs.home())


def broker() -> None:
    """Ask how many offers wait in its queue."""
    offers.the_broker().queued()


def needed(*, with_broker: bool) -> dict[str, Callable[[], object]]:
    """What this site needs, by its name."""
    always: dict[str, Callable[[], object]] = {"database": database, "home": home, "quota ledger": ledger}
    return {**always, "broker": broker} if with_broker else always


HEALTH = Health(needed(with_broker=bool(settings.LADLE_BROKER_URL)))
