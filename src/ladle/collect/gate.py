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
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import inf
from types import TracebackType
from typing import TypeVar

from ladle.collect.ledger import Asked, Clock, Ledger, Settled
from ladle.collect.quota import QuotaUse, closing
from ladle.errors import LadleError
from ladle.sources.source import Pace, Quota

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class QuotaWait(LadleError):
    """The quota has no call left in time. `wake_at` (epoch seconds): no earlier than this is there a next one."""

    def __init__(self, wake_at: float) -> None:
        when = datetime.fromtimestamp(wake_at, tz=UTC)
        super().__init__(f"The quota has no call left before {when:%Y-%m-%d %H:%M:%S} UTC.")
        self.wake_at = wake_at


@dataclass(slots=True, eq=False)
class _Waiter:
    permit: asyncio.Future[str]
    deadline: float


class Gate:
    """One source's gate in this process; other gates of the same ledger and name, in any process, share its quotas.

    Without quotas permits cost microseconds and the ledger is not asked; a 429 then closes this gate only, not those of
    other processes. `clock` must be the ledger's.
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
        self._waiters: deque[_Waiter] = deque()
        self._settled: list[Settled] = []
        self._refusals: list[float | None] = []
        self._closed_until = 0.0
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
        if self._quotas:
            self._refusals.append(until)
            self._work()

    def use(self) -> list[QuotaUse]:
        """How much of each quota is spent, over all processes. With SQLite about 0.1 ms: for displays."""
        return self._ledger.use(self._name, quotas=self._quotas)

    def next_in(self) -> float | None:
        """Seconds until those who wait can expect the next permit; None while nobody has to wait."""
        return max(0.0, self._next_at - self._clock()) if self._waiters and self._next_at is not None else None

    @property
    def waiting(self) -> int:
        """How many wait for a permit."""
        return sum(not waiter.permit.done() for waiter in self._waiters)

    async def aclose(self) -> None:
        """Turn those who wait away and write down what is settled. Forgotten, permits count for 70 seconds more."""
        for waiter in self._waiters:
            waiter.permit.cancel()
        self._news.set()
        if self._dispenser and not self._dispenser.cancelled():
            await self._dispenser

    async def enter(self, deadline: float) -> str:
        """A permit's name, when it is this caller's turn."""
        if not self._quotas and self._clock() >= self._closed_until:
            return ""
        if self._next_at is not None and self._next_at > deadline:
            raise QuotaWait(self._next_at)
        waiter = _Waiter(asyncio.get_running_loop().create_future(), deadline)
        self._waiters.append(waiter)
        if self._next_at is None:  # else it is known that asking sooner is of no use
            self._work()
        try:
            return await waiter.permit
        except asyncio.CancelledError:
            if not waiter.permit.cancelled() and waiter.permit.done() and not waiter.permit.exception():
                self.leave(waiter.permit.result(), used=False)  # it came in the same moment: for the next one
            self._news.set()
            raise

    def leave(self, permit: str, *, used: bool) -> None:
        """The call is over; or was never made, and the permit is the next one's."""
        if permit:
            self._settled.append((permit, self._clock() if used else None))
            self._work()

    def _work(self) -> None:
        self._news.set()
        if self._dispenser is None or self._dispenser.done():
            self._dispenser = asyncio.get_running_loop().create_task(self._dispense())

    async def _dispense(self) -> None:
        try:
            while self._waiters or self._settled or self._refusals:
                self._news.clear()
                await self._record_refusals()
                await self._serve()
                if self._waiters and self._next_at is not None:
                    await self._pause(self._next_at - self._clock())
        except Exception as error:
            waiting = [waiter.permit for waiter in self._waiters if not waiter.permit.done()]
            self._waiters.clear()
            for permit in waiting:
                permit.set_exception(error)
            if not waiting:
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
        self._forget_the_gone()
        settled, wanted = self._settled[:], len(self._waiters)
        if not wanted and not settled:
            return
        asked = await self._ask(wanted, settled)
        del self._settled[: len(settled)]
        self._hand_out(asked.permits)
        self._next_at = None if asked.wait is None else self._clock() + asked.wait
        self._turn_away()

    async def _ask(self, wanted: int, settled: list[Settled]) -> Asked:
        closed_for = self._closed_until - self._clock()
        if not self._quotas:
            return Asked([], closed_for) if closed_for > 0 else Asked([""] * wanted, None)
        now_wanted = 0 if closed_for > 0 else wanted
        ask = partial(self._ledger.ask, self._name, quotas=self._quotas, pace=self._pace)
        asked = await self._call(partial(ask, wanted=now_wanted, settled=settled))
        return Asked([], closed_for) if closed_for > 0 else asked

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work) if self._ledger.blocking else work()

    def _hand_out(self, permits: list[str]) -> None:
        # A 429 that came while the ledger was asked holds back what it gave; so does a waiter who left meanwhile.
        closed = self._clock() < self._closed_until
        for permit in permits:
            while self._waiters and self._waiters[0].permit.done():
                self._waiters.popleft()
            if self._waiters and not closed:
                self._waiters.popleft().permit.set_result(permit)
            else:
                self.leave(permit, used=False)

    def _turn_away(self) -> None:
        """Those whose deadline passes before the next permit can come need not wait for it."""
        for waiter in self._waiters:
            if self._next_at is not None and self._next_at > waiter.deadline and not waiter.permit.done():
                waiter.permit.set_exception(QuotaWait(self._next_at))
        self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        self._waiters = deque(waiter for waiter in self._waiters if not waiter.permit.done())

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

    __slots__ = ("_deadline", "_gate", "name")

    def __init__(self, gate: Gate, deadline: float) -> None:
        self._gate = gate
        self._deadline = deadline
        self.name = ""

    def leave(self) -> None:
        """Earlier than the block ends, from within it: the API has counted the call."""
        name, self.name = self.name, ""
        self._gate.leave(name, used=True)

    async def __aenter__(self) -> Permit:
        self.name = await self._gate.enter(self._deadline)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
