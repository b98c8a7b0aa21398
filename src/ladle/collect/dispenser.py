"""Who asks the ledger for everyone at a gate: takes waiters, answers and refusals, gives permits as the ledger does.

One ask serves all who wait, so a hundred waiters cost one. It lives only while somebody waits or something is still to
be written down; between asks it sleeps as long as the ledger said, or until there is news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from ladle.collect.ledger import Asked, Clock, Ledger, LedgerAway, Settled, Told
from ladle.collect.quota import closing
from ladle.collect.waiters import QuotaWait, Waiters
from ladle.sources.source import Pace, Quota

LOOK_EVERY = 0.25
"""Seconds for which a gate without quotas believes that nobody has closed it: a look at the ledger takes a while."""

RETRY = 1.0
"""Seconds between two tries to reach a ledger that is away."""

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class Dispenser:
    """Of one gate in this process. `clock` must be the ledger's."""

    def __init__(
        self, ledger: Ledger, name: str, *, quotas: Sequence[Quota], pace: Pace, clock: Clock, sleep: Sleep
    ) -> None:
        self._ledger, self._name, self._clock, self._sleep = ledger, name, clock, sleep
        self._quotas = tuple(quotas)
        self._pace: Pace = pace
        self.waiters = Waiters()
        self.next_at: float | None = None
        """Before then it is of no use to ask."""
        self.away: LedgerAway | None = None
        """Why the ledger can't be asked for now: whoever waits goes on waiting until it can."""
        self.closed_until = 0.0
        self._closing = False
        self._free_until = 0.0
        self._settled: list[Settled] = []
        self._told: list[Told] = []
        self._refusals: list[float | None] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_free(self) -> bool:
        """Nothing but quotas holds anybody back, as far as was heard."""
        return self.closed_until <= self._clock() < self._free_until and not self.waiters

    async def permit(self, deadline: float) -> str:
        """A permit's name, when it is this caller's turn. Raises QuotaWait when that can't be before the deadline."""
        if self.next_at is not None and self.next_at > deadline:
            raise QuotaWait(self.next_at)
        waiter = self.waiters.join(deadline)
        if self.next_at is None:  # else it is known that asking sooner is of no use
            self._work()
        try:
            return await waiter.permit
        except asyncio.CancelledError:
            if not waiter.permit.cancelled() and waiter.permit.done() and not waiter.permit.exception():
                self.settle(waiter.permit.result(), None)  # it came in the same moment: for the next one
            self._news.set()
            raise

    def settle(self, permit: str, at: float | None) -> None:
        """Its call was answered then; None: none was made, it is the next one's. Without a name it counts nowhere."""
        if permit:
            self._settled.append((permit, at))
            self._work()

    def tell(self, told: Told) -> None:
        """What an answer said of limits holds from now on."""
        self._told.append(told)
        self._free_until = 0.0
        self._work()

    def close(self, until: float | None) -> None:
        """Nobody passes before then; None: for the shortest window."""
        now = self._clock()
        self.closed_until = max(self.closed_until, closing(quotas=self._quotas, now=now, until=until)[0])
        self._refusals.append(until)
        self._work()

    async def aclose(self) -> None:
        """Turn those who wait away, and write down what is still to be; a ledger that is away is tried once."""
        self._closing = True
        self.waiters.cancel()
        self._news.set()
        if self._task and not self._task.cancelled():
            await self._task

    def _work(self) -> None:
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._dispense())

    async def _dispense(self) -> None:
        try:
            while self.waiters or self._settled or self._told or self._refusals:
                self._news.clear()
                try:
                    await self._record_refusals()
                    await self._serve()
                    self.away = None
                except LedgerAway as away:
                    if self._closing:
                        return  # what could not be written down counts until its permits are dead
                    self._be_patient(away)
                if self.next_at is not None and (self.waiters or self.away):
                    await self._pause(self.next_at - self._clock())
        except Exception as error:
            if not self.waiters.fail(error):
                raise  # for `aclose` to tell
        finally:
            self.next_at = None

    def _be_patient(self, away: LedgerAway) -> None:
        """Nothing is forgotten and nobody passes; who has no time until the next try is told so."""
        self.away, self.next_at = away, self._clock() + RETRY
        self.waiters.turn_away(self.next_at)

    async def _record_refusals(self) -> None:
        while self._refusals:
            until = self._refusals[0]
            await self._call(partial(self._ledger.close, self._name, quotas=self._quotas, until=until))
            self._refusals.pop(0)

    async def _serve(self) -> None:
        """One ask for everyone."""
        self.waiters.forget_the_gone()
        settled, told, wanted = self._settled[:], self._told[:], len(self.waiters)
        if not wanted and not settled and not told:
            return
        asked = await self._ask(wanted, settled, told)
        del self._settled[: len(settled)], self._told[: len(told)]
        # A 429 that came while the ledger was asked holds back what it gave; so does a waiter who left meanwhile.
        closed = self._clock() < self.closed_until
        for permit in asked.permits if closed else self.waiters.hand_out(asked.permits):
            self.settle(permit, None)
        self.next_at = None if asked.wait is None else self._clock() + asked.wait
        self.waiters.turn_away(self.next_at)

    async def _ask(self, wanted: int, settled: list[Settled], told: list[Told]) -> Asked:
        closed_for = self.closed_until - self._clock()
        now_wanted = 0 if closed_for > 0 else wanted
        ask = partial(self._ledger.ask, self._name, quotas=self._quotas, pace=self._pace)
        asked = await self._call(partial(ask, wanted=now_wanted, settled=settled, told=told))
        if asked.free and not self._quotas:
            self._free_until = self._clock() + LOOK_EVERY
        return Asked([], closed_for) if closed_for > 0 else asked

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work) if self._ledger.blocking else work()

    async def _pause(self, seconds: float) -> None:
        """Sleep, or be woken by news; the end of the sleep is news too."""
        sleeping = asyncio.ensure_future(self._sleep(max(0.0, seconds)))
        sleeping.add_done_callback(lambda slept: None if slept.cancelled() else self._news.set())
        try:
            await self._news.wait()
        finally:
            sleeping.cancel()
