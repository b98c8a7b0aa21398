"""Plan → quota → fetch → journal, and nothing else: takes planner and journal, gives the journal all it lacks.

A few workers take requests from one queue. What is asked for next is the planner's to say, what an answer is worth
is `retry.judge`'s; the permit is taken by the fetcher for every attempt on the wire. Everything that comes back is
in the journal before anything is made of it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ladle.collect.fetch import Fetcher
from ladle.collect.gate import Gate, QuotaWait
from ladle.collect.journal import Entry, Journal
from ladle.collect.plan import Planner
from ladle.collect.progress import Tally, TroubleLine
from ladle.collect.request import Request, entry_of, request_of, shape_of
from ladle.collect.retry import Answer, Failure, Verdict, judge
from ladle.errors import UpstreamError
from ladle.sources.paging import AnswerError, Page, read_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How it ended: `done` (every request answered or given up), `waiting` for quota, or `stopped` when asked to."""

    state: Literal["done", "waiting", "stopped"]
    wake_at: float | None = None
    """When the quota allows the next call, while waiting."""


class Collector:
    """Drives one run's requests. `changed` is called after every change that is worth showing.

    `patience` gives the seconds that are left; what can't be asked for in that time makes the run wait. `kept` is told
    of each answer that was put into the journal, with what was read in it.
    """

    def __init__(
        self,
        planner: Planner,
        *,
        journal: Journal,
        fetcher: Fetcher,
        gate: Gate,
        changed: Callable[[], None],
        kept: Callable[[Entry, Page], None] = lambda entry, page: None,
        patience: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.planner, self.tally = planner, Tally()
        self._journal, self._fetcher, self._gate = journal, fetcher, gate
        self._kept = kept
        self._changed, self._patience, self._clock, self._chance = changed, patience, clock, chance
        self._issued: deque[Iterator[Request]] = deque()
        self._later: list[tuple[float, int, Request, int]] = []
        """Requests to be tried again: when, a number that breaks ties, the request, its next attempt."""
        self._held: dict[str, Entry] = {}
        """By key, attempts of an earlier driver after which the API wanted to be left alone, until now and longer."""
        self._number = itertools.count()
        self._answered: set[str] = set()
        self._in_flight = 0
        self._proved = False
        """The API has answered a call. Until then calls go one by one: a wrong key costs one, and a site that is down
        is not asked by every worker at once."""
        self._news = asyncio.Condition()
        self._end: Ending | UpstreamError | None = None

    def replay(self, entries: Iterable[Entry]) -> None:
        """Take up what the journal holds; of requests that were given up, each has another chance."""
        self._issue(self.planner.begin())
        for entry in entries:
            self.tally.requests += 1
            if entry.again_at is not None and entry.again_at > self._clock():
                self._held[entry.key] = entry
            if entry.kind != "answer" or entry.key in self._answered:
                continue
            request = request_of(entry)
            self._answered.add(entry.key)
            self.tally.done += 1
            self._issue(self.planner.answered(request, self._read(request, entry.body)))

    async def collect(self, *, stop: asyncio.Event) -> Ending:
        """Make every request that is still to be made. Raises UpstreamError when asking on is useless."""
        watch = asyncio.create_task(self._watch(stop))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.planner.source.concurrency):
                    group.create_task(self._work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        finally:
            watch.cancel()
        if isinstance(self._end, UpstreamError):
            raise self._end
        return self._end or Ending(state="done")

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await self._finish(Ending(state="stopped"))

    async def _finish(self, end: Ending | UpstreamError) -> None:
        """Let every worker end after what it has in flight."""
        async with self._news:
            self._end = self._end or end
            self._fetcher.let_go()
            self._news.notify_all()

    async def _work(self) -> None:
        """One worker: the next request, until there are none and none can follow."""
        while (due := await self._next()) is not None:
            request, attempt = due
            try:
                outcome = await self._fetcher.fetch(request)
            except QuotaWait as wait:
                self._later_again(request, attempt=attempt, at=wait.wake_at)
                await self._finish(Ending(state="waiting", wake_at=wait.wake_at))
                outcome = None
            if outcome is not None:
                await self._take(request, outcome, attempt)
            async with self._news:
                self._in_flight -= 1
                self._news.notify_all()

    async def _next(self) -> tuple[Request, int] | None:
        """The request that is due, waiting for one while others in flight may bring more; None when all is done."""
        async with self._news:
            while self._end is None:
                if self._may_go() and (due := self._due()) is not None:
                    self._in_flight += 1
                    return due
                if not self._in_flight and not self._later:
                    return None
                if not self._in_flight and self._is_too_late(self._later[0][0]):
                    self._end = Ending(state="waiting", wake_at=self._later[0][0])
                    self._news.notify_all()
                    return None
                await self._until_news()
        return None

    async def _until_news(self) -> None:
        """Until something changes or the next repeat is due."""
        wait = max(0.0, self._later[0][0] - self._clock()) if self._later and self._may_go() else None
        try:
            async with asyncio.timeout(wait):
                await self._news.wait()
        except TimeoutError:
            return

    def _may_go(self) -> bool:
        return self._proved or not self._in_flight

    def _is_too_late(self, at: float) -> bool:
        left = self._patience()
        return left is not None and at - self._clock() > left

    def _due(self) -> tuple[Request, int] | None:
        if self._later and self._later[0][0] <= self._clock():
            _, _, request, attempt = heapq.heappop(self._later)
            return request, attempt
        while self._issued:
            for first in self._issued[0]:
                if first.key not in self._held:
                    return first, 1
                self._hold(first, self._held.pop(first.key))
            self._issued.popleft()
        return None

    def _hold(self, request: Request, trouble: Entry) -> None:
        """Go on where an earlier driver was told to come back later."""
        at, attempt = trouble.again_at or 0.0, trouble.attempt
        self.tally.troubles[request.key] = TroubleLine(
            key=request.key, status=trouble.status, reason=trouble.reason, attempt=attempt, again_at=at
        )
        self._later_again(request, attempt=attempt + 1, at=at)

    def _issue(self, requests: Iterable[Request]) -> None:
        """Put requests behind those that wait; each is made when its turn comes, since there can be 100,000."""
        self._issued.append(each for each in requests if each.key not in self._answered)

    async def _take(self, request: Request, outcome: Answer | Failure, attempt: int) -> None:
        """Judge what came back, put it into the journal, go on from there."""
        self.tally.attempts += 1
        self.tally.seconds += outcome.took
        verdict = judge(outcome, attempt=attempt, source=self.planner.source, now=self._clock(), random=self._chance)
        self._proved = self._proved or verdict.action in ("keep", "give up")
        if verdict.action == "keep" and isinstance(outcome, Answer):
            try:
                self._keep(request, outcome, attempt)
            except AnswerError as error:
                failure = Failure(
                    trouble="unreadable",
                    reason=error.message,
                    started=outcome.started,
                    took=outcome.took,
                    status=outcome.status,
                )
                await self._take_failure(request, failure, attempt)
        else:
            await self._handle(request, outcome, verdict, attempt)
        self._changed()

    async def _take_failure(self, request: Request, failure: Failure, attempt: int) -> None:
        verdict = judge(failure, attempt=attempt, source=self.planner.source, now=self._clock(), random=self._chance)
        await self._handle(request, failure, verdict, attempt)

    def _keep(self, request: Request, answer: Answer, attempt: int) -> None:
        """A good answer: durable first, then what follows from it."""
        page = self._read(request, answer.body)
        further = self.planner.answered(request, page)
        entry = entry_of(request, answer, kind="answer", attempt=attempt, records=len(page.records))
        self._write(entry)
        self._kept(entry, page)
        self._answered.add(request.key)
        self.tally.done += 1
        self.tally.troubles.pop(request.key, None)
        self._issue(further)

    async def _handle(self, request: Request, outcome: Answer | Failure, verdict: Verdict, attempt: int) -> None:
        """Anything but a good answer."""
        now = self._clock()
        if verdict.limited:
            self._gate.closed_by(verdict.retry_after)
        if verdict.action == "again":
            again_at = now + verdict.wait
            self._write(
                entry_of(request, outcome, kind="trouble", attempt=attempt, reason=verdict.reason, again_at=again_at)
            )
            self.tally.troubles[request.key] = TroubleLine(
                key=request.key, status=outcome.status, reason=verdict.reason, attempt=attempt, again_at=again_at
            )
            self._later_again(request, attempt=attempt if verdict.limited else attempt + 1, at=again_at)
        elif verdict.action == "stop":
            self._write(entry_of(request, outcome, kind="trouble", attempt=attempt, reason=verdict.reason))
            await self._finish(UpstreamError(verdict.reason, hint=verdict.hint))
        else:
            self._write(entry_of(request, outcome, kind="gap", attempt=attempt, reason=verdict.reason))
            self.tally.gaps[request.key] = verdict.reason
            self.tally.troubles.pop(request.key, None)
            self.tally.done += 1
            self._issue(self.planner.given_up(request))

    def _write(self, entry: Entry) -> None:
        """Into the journal, and counted."""
        self._journal.append(entry)
        self.tally.requests += 1

    def _later_again(self, request: Request, *, attempt: int, at: float) -> None:
        heapq.heappush(self._later, (at, next(self._number), request, attempt))

    def _read(self, request: Request, body: bytes) -> Page:
        return read_answer(shape_of(self.planner.source.resources[request.resource], request.role), body)
