"""Plan → quota → fetch → journal, and nothing else: takes planner and journal, gives the journal all it lacks.

A few workers take requests from one queue. What is asked for next is the planner's to say, when it goes the queue's,
what follows from an answer the intake's; the permit is taken by the fetcher for every attempt on the wire.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from ladle.collect.elsewhere import Elsewhere
from ladle.collect.fetch import Fetcher
from ladle.collect.gate import Gate, QuotaWait
from ladle.collect.given import Follows
from ladle.collect.hands import Hands
from ladle.collect.intake import Intake
from ladle.collect.journal import Entry, Journal
from ladle.collect.keeper import Keeper
from ladle.collect.kept import NOTHING, Kept, condition, renewed
from ladle.collect.queue import Due, Queue
from ladle.collect.sharing import Sharing
from ladle.collect.uptake import Uptake
from ladle.errors import UpstreamError
from ladle.sources.paging import Page

NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How it ended: `done` (every request answered or given up), `waiting` for quota, or `stopped` when asked to."""

    state: Literal["done", "waiting", "stopped"]
    wake_at: float | None = None
    """When the quota allows the next call, while waiting."""


class Collector:
    """Drives one run's requests. `changed` is called after every change that is worth showing.

    `patience` gives the seconds that are left; what can't be asked for in that time makes the run wait. What the API
    answered before, `earlier`, is not sent again where it says that nothing has changed. `kept` is told of each answer
    that was put into the journal, with what was read in it. What the journal holds of before `since` (seconds since
    1970) is another run's, which this one continues.
    """

    def __init__(
        self,
        planner: Follows,
        *,
        journal: Journal,
        fetcher: Fetcher,
        gate: Gate,
        changed: Callable[[], None],
        earlier: Kept = NOTHING,
        kept: Callable[[Entry, Page], None] = lambda entry, page: None,
        patience: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        since: float = 0.0,
    ) -> None:
        self._keeper = Keeper(journal, kept=kept)
        self.planner, self.tally = planner, self._keeper.tally
        self.queue = Queue(self._keeper.held)
        self._journal, self._uptake = journal, Uptake(journal, clock=clock)
        self._intake = Intake(
            planner, queue=self.queue, keeper=self._keeper, gate=gate, clock=clock, chance=chance, since=since
        )
        self._fetcher, self._gate, self._earlier = fetcher, gate, earlier
        self._changed, self._patience, self._clock = changed, patience, clock
        self._idle: list[asyncio.Future[None]] = []
        """Workers that wait for news: none while there is enough to do, so that news costs nothing then."""
        self._end: Ending | UpstreamError | None = None
        self._sharing: Sharing | None = None

    def replay(self, entries: Iterable[Entry], *, taken: Mapping[str, int] = NONE, left: Iterable[Path] = ()) -> None:
        """Take up what the journal holds; of requests that were given up, each has another chance.

        `left` are segments of helpers of earlier drivers, of which so much as `taken` says, by their names, was taken
        up by these; it is asked when `entries` are at their end.
        """
        self._intake.replay(entries)
        self._uptake.known(taken)
        for _ in self._uptake.steps(left, self._intake.replay_left, given=0.0):
            pass
        self._intake.go_on()

    def share(self, hands: Hands, *, folder: Path, left: Callable[[], int]) -> None:
        """Let others help to collect; `left` says how many requests are to be made, as far as is known."""
        source = self.planner.source
        self._sharing = Sharing(
            hands,
            queue=self.queue,
            uptake=self._uptake,
            folder=folder,
            fence=self._journal.fence,
            workers=source.workers,
            concurrency=source.concurrency,
            taken_up=Elsewhere(self.planner, intake=self._intake, queue=self.queue, keeper=self._keeper).taken_up,
            left=left,
            may_give=lambda: 2 * self._gate.waiting < source.concurrency,  # else it is the quota that is short
            is_idle=lambda: bool(self._idle),
            news=self.tell_news,
            finish=self._finish,
            clock=self._clock,
        )

    @property
    def workers(self) -> int:
        """How many collect at this moment."""
        return 1 + (self._sharing.helping if self._sharing else 0)

    async def collect(self, *, stop: asyncio.Event) -> Ending:
        """Make every request that is still to be made. Raises UpstreamError when asking on is useless."""
        watch = asyncio.create_task(self._watch(stop))
        try:
            async with asyncio.TaskGroup() as group:
                if self._sharing is not None:
                    group.create_task(self._sharing.go_on())
                group.create_task(self._work_off())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        finally:
            watch.cancel()
        end = self._end or self._intake.outage.at_the_end()
        if isinstance(end, UpstreamError):
            self._keeper.forget_gaps(self._intake.outage.keys)  # what was given up since the last usable answer
            raise end
        return end or Ending(state="done")

    async def _work_off(self) -> None:
        """Every request that is to be made here."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.planner.source.concurrency):
                    group.create_task(self._work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        if self._sharing is not None:
            self._sharing.close()

    def next_at(self) -> float | None:
        """When the next request can go, in seconds since 1970, while none is under way; None while one is."""
        if self.queue.flying > self._gate.waiting or self.queue.elsewhere:
            return None
        if self.queue.flying:
            return self._clock() + (self._gate.next_in() or 0.0)
        return self.queue.again_at

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._finish(Ending(state="stopped"))

    def _finish(self, end: Ending | UpstreamError) -> None:
        """Let every worker end after what it has in flight."""
        self._end = self._end or end
        self._fetcher.let_go()
        if self._sharing is not None:
            self._sharing.close()
        self.tell_news()

    def tell_news(self) -> None:
        """Let those who wait look again. All of this happens in one thread, between two awaits: nothing is locked."""
        idle, self._idle = self._idle, []
        for worker in idle:
            if not worker.done():
                worker.set_result(None)

    async def _work(self) -> None:
        """One worker: the next request, until there are none and none can follow."""
        while (due := await self._next()) is not None:
            request, attempt = due
            # A first attempt alone sets a condition: whatever may be wrong with it, the next one asks plainly.
            # Nor does a POST: by HTTP (RFC 9110, 13.1.2) it would be refused where nothing has changed.
            asks = attempt == 1 and request.body is None
            earlier = self._earlier.answer(request.key) if asks else None
            try:
                outcome = await self._fetcher.fetch(request, headers=condition(earlier))
            except QuotaWait as wait:
                self.queue.again(request, attempt=attempt, at=wait.wake_at)
                self._finish(Ending(state="waiting", wake_at=wait.wake_at))
            else:
                useless = self._intake.take(request, renewed(outcome, earlier), attempt=attempt)
                if useless is not None:
                    self._finish(useless)
                self._changed()
            self.queue.landed()
            if self._idle:
                self.tell_news()

    async def _next(self) -> Due | None:
        """The request that is due, waiting for one while others in flight may bring more; None when all is done."""
        while self._end is None:
            if (due := self.queue.take(self._clock())) is not None:
                return due
            if not self.queue.flying and not self.queue.elsewhere:
                at = self.queue.again_at
                if at is None:
                    return None
                if self._is_too_late(at):
                    self._end = Ending(state="waiting", wake_at=at)
                    self.tell_news()
                    return None
            await self._until_news()
        return None

    async def _until_news(self) -> None:
        """Until something changes or the next repeat is due."""
        news = asyncio.get_running_loop().create_future()
        self._idle.append(news)
        if (wait := self.queue.seconds_to_next(self._clock())) is None:
            await news
        else:
            await asyncio.wait([news], timeout=wait)

    def _is_too_late(self, at: float) -> bool:
        left = self._patience()
        return left is not None and at - self._clock() > left
