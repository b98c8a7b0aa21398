"""The door that every call passes: takes a ledger and a source's quotas, gives permits, first come, first served.

    async with gate.permit():
        ... one attempt on the wire ...

One dispenser asks the ledger for all who wait, so a hundred waiters cost one ask. It lives only while somebody waits
or an answer is still to be written down; between asks it sleeps as long as the ledger said, or until an answer comes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import takewhile
from math import inf
from types import TracebackType
from typing import TypeVar

from ladle.collect.ledger import Asked, Clock, Ledger, Settled, Told
from ladle.collect.limits import read
from ladle.collect.outlook import Prospect
from ladle.collect.quota import QuotaUse, closing
from ladle.collect.waiters import QuotaWait, Waiters
from ladle.sources.source import Pace, Quota

__all__ = ["RECENT", "Gate", "Permit", "QuotaWait"]

LOOK_EVERY = 0.25
"""Seconds for which a gate without quotas believes that nobody has closed it: a look at the ledger takes a while."""

RECENT, REMEMBERED = 300.0, 2000
"""Seconds, and calls, by which it is told how many of the calls that pass the gates are this one's."""

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class Gate:
    """One source's gate in this process; other gates of the same ledger and name, in any process, share its quotas.

    Without quotas permits cost microseconds, for the ledger is asked four times a second only: whether a refusal, or
    what the API told of its limits, holds everybody back. `clock` must be the ledger's.
    """

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        *,
        quotas: Sequence[Quota],
        pace: Pace,
        clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._name = name
        self._quotas = tuple(quotas)
        self._pace: Pace = pace
        self._clock = clock
        self._sleep = sleep
        self._waiters = Waiters()
        self._settled: list[Settled] = []
        self._told: list[Told] = []
        self._refusals: list[float | None] = []
        self._free_until = self._closed_until = 0.0
        self._flying = 0
        self._mine: deque[float] = deque([clock()], maxlen=REMEMBERED)
        self._next_at: float | None = None
        self._news = asyncio.Event()
        self._dispenser: asyncio.Task[None] | None = None

    def permit(self, *, give_up_after: float | None = None) -> Permit:
        """`async with` it around one attempt on the wire, time-out below 70 seconds: by then it counts as answered.

        QuotaWait as soon as it is certain that no permit comes within `give_up_after` seconds.
        """
        return Permit(self, inf if give_up_after is None else self._clock() + give_up_after)

    def closed_by(self, retry_after: float | None) -> None:
        """The API answered 429: nobody passes for so many seconds, then everyone is `safe` for a while.

        None or 0: for the shortest window.
        """
        now = self._clock()
        until = now + retry_after if retry_after and 0 < retry_after < inf else None
        self._closed_until = max(self._closed_until, closing(quotas=self._quotas, now=now, until=until)[0])
        self._refusals.append(until)
        self._work()

    def told(self, status: int | None, headers: Mapping[str, str], *, started: float | None = None) -> None:
        """What an answer's headers say of limits holds for all gates from now on: it only ever tightens.

        `headers` have names in small letters; `started`: when the call left. Retry-After is `closed_by`'s.
        """
        now = self._clock()
        limits = read(headers, now=now)
        if status is not None and (limits.left or limits.policies):
            since = now if started is None else started
            # Without quotas the ledger knows of no calls; as there, the answered one itself is among them.
            unnamed = 0 if self._quotas else self._flying + max(1, self._mine_since(since))
            self._told.append(Told(limits, since, now, unnamed))
            self._free_until = 0.0
            self._work()

    def left(self, calls: int, *, latency: float, concurrency: int) -> float:
        """Seconds until so many calls have been made, those under way too. Up to about 5 ms."""
        since = max(self._mine[0], self._clock() - RECENT)
        prospect = Prospect(
            calls=calls - self._flying,
            quotas=self._quotas,
            pace=self._pace,
            latency=latency,
            concurrency=concurrency,
            mine=self._mine_since(since),
            since=since,
        )
        return max(self._ledger.outlook(self._name, prospect), latency / 2 if calls > 0 else 0.0)

    def _mine_since(self, since: float) -> int:
        return sum(1 for _ in takewhile(lambda at: at >= since, reversed(self._mine)))

    def use(self) -> list[QuotaUse]:
        """How much of each quota is spent, over all processes. With SQLite about 0.1 ms: for displays."""
        return self._ledger.use(self._name, quotas=self._quotas)

    def next_in(self) -> float | None:
        """Seconds until those who wait can expect the next permit; None while nobody has to wait."""
        return max(0.0, self._next_at - self._clock()) if self._waiters and self._next_at is not None else None

    @property
    def now(self) -> float:
        """The clock's time."""
        return self._clock()

    @property
    def waiting(self) -> int:
        """How many wait for a permit."""
        return self._waiters.open

    async def aclose(self) -> None:
        """Turn those who wait away and write down what is settled. Forgotten, permits count for 70 seconds more."""
        self._waiters.cancel()
        self._news.set()
        if self._dispenser and not self._dispenser.cancelled():
            await self._dispenser

    async def enter(self, deadline: float) -> str:
        """A permit's name, when it is this caller's turn."""
        while True:
            permit = await self._enter(deadline)
            if self._clock() >= self._closed_until:
                self._flying += 1
                return permit
            self.leave(permit, used=False)  # closed in the moment between the permit and its call

    async def _enter(self, deadline: float) -> str:
        if not self._quotas and self._closed_until <= self._clock() < self._free_until and not self._waiters:
            return ""
        if self._next_at is not None and self._next_at > deadline:
            raise QuotaWait(self._next_at)
        waiter = self._waiters.join(deadline)
        if self._next_at is None:  # else it is known that asking sooner is of no use
            self._work()
        try:
            return await waiter.permit
        except asyncio.CancelledError:
            if not waiter.permit.cancelled() and waiter.permit.done() and not waiter.permit.exception():
                self.leave(waiter.permit.result(), used=False)  # it came in the same moment: for the next one
            self._news.set()
            raise

    def leave(self, permit: str, *, used: bool, sent: float | None = None) -> None:
        """The call is over; or was never made, and the permit is the next one's. `sent`: when an answered one left."""
        if used:
            self._flying -= 1
            self._mine.append(self._clock())
        if permit:
            self._settled.append(Settled(permit, self._clock() if used else None, sent))
            self._work()

    def _work(self) -> None:
        self._news.set()
        if self._dispenser is None or self._dispenser.done():
            self._dispenser = asyncio.get_running_loop().create_task(self._dispense())

    async def _dispense(self) -> None:
        try:
            while self._waiters or self._settled or self._told or self._refusals:
                self._news.clear()
                await self._record_refusals()
                await self._serve()
                if self._waiters and self._next_at is not None:
                    await self._pause(self._next_at - self._clock())
        except Exception as error:
            if not self._waiters.fail(error):
                raise  # for `aclose` to tell
        finally:
            self._next_at = None

    async def _record_refusals(self) -> None:
        while self._refusals:
            until = self._refusals[0]
            await self._call(partial(self._ledger.close, self._name, quotas=self._quotas, until=until))
            self._refusals.pop(0)

    async def _serve(self) -> None:
        """One ask for everyone."""
        self._waiters.forget_the_gone()
        settled, told, wanted = self._settled[:], self._told[:], len(self._waiters)
        if not wanted and not settled and not told:
            return
        asked = await self._ask(wanted, settled, told)
        del self._settled[: len(settled)], self._told[: len(told)]
        # A 429 that came while the ledger was asked holds back what it gave; so does a waiter who left meanwhile.
        closed = self._clock() < self._closed_until
        for permit in asked.permits if closed else self._waiters.hand_out(asked.permits):
            self.leave(permit, used=False)
        self._next_at = None if asked.wait is None else self._clock() + asked.wait
        self._waiters.turn_away(self._next_at)

    async def _ask(self, wanted: int, settled: list[Settled], told: list[Told]) -> Asked:
        closed_for = self._closed_until - self._clock()
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


class Permit:
    """The right to make one call, from entering until leaving."""

    __slots__ = ("_deadline", "_gate", "_inside", "_sent", "name")

    def __init__(self, gate: Gate, deadline: float) -> None:
        self._gate = gate
        self._deadline = deadline
        self._inside = False
        self._sent: float | None = None
        self.name = ""

    def leaves(self) -> None:
        """The connection stands, and the call is about to go out."""
        self._sent = self._gate.now

    def answered(self) -> None:
        """Earlier than the block ends, from within it: the headers have come, so the API has counted the call."""
        self._leave(self._sent)

    def _leave(self, sent: float | None) -> None:
        if self._inside:
            self._inside = False
            self._gate.leave(self.name, used=True, sent=sent)

    async def __aenter__(self) -> Permit:
        self.name = await self._gate.enter(self._deadline)
        self._inside = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(None)  # without an answer nobody knows how long it was on its way
