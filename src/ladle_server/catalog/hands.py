"""More hands for a run that is driven here: takes its row, gives `ladle.drive` a way to other workers, by the broker.

A message to the broker calls for help and no more: who may work on which share, the database says. Where nobody comes,
the driver takes back what it gave.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from django.conf import settings

import ladle
from ladle.errors import Unreachable
from ladle_server.catalog import offers, shares
from ladle_server.catalog.clerk import Clerk, Closed
from ladle_server.catalog.models import Run

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
AGAIN = 5.0
"""Seconds after which a call for help that nobody heard is made again; nobody hears it any more by then."""
LOOK_EVERY = 0.1
"""Seconds between two looks whether those who helped an earlier driver have stopped."""


def hands_for(run: Run, opened: ladle.Run, clerk: Clerk) -> ladle.Hands | None:
    """The way to other workers; None where there is no broker to call them by, or the source wants one alone."""
    wanted = opened.source.workers > 1 and settings.LADLE_BROKER_URL
    return Calling(run, clerk, most=opened.source.workers - 1, broker=offers.the_broker()) if wanted else None


class Calling:
    """Of one slice of one run, for `most` helpers."""

    def __init__(self, run: Run, clerk: Clerk, *, most: int, broker: offers.Broker) -> None:
        self._run, self._clerk, self._most, self._broker = run, clerk, most, broker
        self._called: list[float] = []
        """When help was called for that has not come."""
        self._known: set[str] = set()
        """Helpers that work at this moment."""
        self._calling: asyncio.Task[None] | None = None

    async def clear(self) -> None:
        """Wait until nobody works for an earlier driver."""
        while await self._ask(shares.clear, self._run):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(LOOK_EVERY)

    async def give(self, share: ladle.Share) -> None:
        """Write it down and call for help."""
        await self._ask(shares.give, self._run, share)
        self._call()

    async def look(self) -> Mapping[int, ladle.Standing]:
        """How the shares stand; while any waits, others are called for."""
        standing = await self._ask(shares.standing, self._run)
        working = {each.worker for each in standing.values() if each.worker and not each.over}
        self._called = self._called[len(working - self._known) :]
        self._known = working
        if any(not each.worker and not each.over for each in standing.values()):
            self._call()
        return standing

    async def take_back(self, numbers: Sequence[int]) -> None:
        """Call them back."""
        await self._ask(shares.take_back, self._run, numbers)

    async def forget(self, numbers: Sequence[int]) -> None:
        """They are over."""
        await self._ask(shares.forget, self._run, numbers)

    def _call(self) -> None:
        """As many as lack and were not called for a moment ago; nobody waits for the broker."""
        now = time.monotonic()
        self._called = [at for at in self._called if now - at < AGAIN]
        number = self._most - len(self._known) - len(self._called)
        if number > 0 and (self._calling is None or self._calling.done()):
            self._called += [now] * number
            self._calling = asyncio.create_task(asyncio.to_thread(self._send, number))

    def _send(self, number: int) -> None:
        try:
            for _ in range(number):
                self._broker.call_for_help(self._run.pk, self._run.dataset, within=AGAIN)
        except offers.BrokerAway as error:
            log.debug("Nobody can be called for help: %s", error)

    async def _ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._clerk.ask(call, *args, **kwargs)
        except Closed as error:
            raise Unreachable("The database is away.", hint="Ladle goes on when it is back.") from error
