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
from dataclasses import dataclass, replace
from typing import Literal

from ladle.collect.fetch import Fetcher
from ladle.collect.gate import Gate, QuotaWait
from ladle.collect.journal import Entry, Journal
from ladle.collect.kept import NOTHING, Kept, condition, renewed
from ladle.collect.outage import Outage
from ladle.collect.plan import Planner
from ladle.collect.progress import Tally, TroubleLine
from ladle.collect.request import (
    PAST_END,
    Request,
    entry_of,
    is_leftover,
    page_of,
    past_end_entry,
    request_of,
    shape_of,
)
from ladle.collect.retry import Answer, Failure, Verdict, judge, unusable
from ladle.collect.settling import REFUSED
from ladle.errors import UpstreamError
from ladle.sources.paging import AnswerError, Page, read_answer


def _ask(request: Request) -> str:
    """What is asked for once: a request's key in one reading. A text alone takes half the room of a pair."""
    return request.key if request.reading == 1 else f"{request.key} {request.reading}"


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
    that was put into the journal, with what was read in it.
    """

    def __init__(
        self,
        planner: Planner,
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
    ) -> None:
        self.planner, self.tally = planner, Tally()
        self._journal, self._fetcher, self._gate = journal, fetcher, gate
        self._kept = kept
        self._changed, self._patience, self._clock, self._chance = changed, patience, clock, chance
        self._earlier = earlier
        self._issued: deque[Iterator[Request]] = deque()
        self._later: list[tuple[float, int, Request, int]] = []
        """Requests to be tried again: when, a number that breaks ties, the request, its next attempt."""
        self._held: dict[str, Entry] = {}
        """Attempts of an earlier driver after which the API wanted to be left alone, until now and longer."""
        self._number = itertools.count()
        self._answered: set[str] = set()
        self._in_flight = 0
        self._put_off = 0
        """Answers of 503 in a row that said when to come back."""
        self._proved = False
        """The API has answered a call. Until then calls go one by one: a wrong key costs one, and a site that is down
        is not asked by every worker at once."""
        self._idle: list[asyncio.Future[None]] = []
        """Workers that wait for news: none while there is enough to do, so that news costs nothing then."""
        self._outage = Outage(planner.source.title)
        self._end: Ending | UpstreamError | None = None

    def replay(self, entries: Iterable[Entry]) -> None:
        """Take up what the journal holds; of requests that were given up, each has another chance."""
        self.planner.replaying = True
        self._issue(self.planner.begin())
        for entry in entries:
            request = request_of(entry)
            self.tally.requests += entry.attempt > 0
            if entry.again_at is not None and entry.again_at > self._clock():
                self._held[_ask(request)] = entry
            if entry.kind == "gap":
                self._outage.excuse(entry.key)
            if entry.kind != "answer" or _ask(request) in self._answered:
                continue
            self._answered.add(_ask(request))
            if is_leftover(request):
                continue
            self._outage.lives()
            self.tally.kept(entry.status, entry.headers)
            page = page_of(self.planner.source.resources[request.resource], entry)
            ended = entry.started + entry.took
            self._issue(self.planner.answered(request, page, started=entry.started, ended=ended))
        self._issue(self.planner.go_on())
        self._note_past_end()

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
        end = self._end or self._outage.at_the_end()
        if isinstance(end, UpstreamError):
            self._forget_gaps()
            raise end
        return end or Ending(state="done")

    def _forget_gaps(self) -> None:
        """What was given up since the last usable answer is still to be asked for: an outage makes no gaps."""
        for key in self._outage.keys:
            self.tally.done -= self.tally.gaps.pop(key, None) is not None

    def next_at(self) -> float | None:
        """When the next request can go, in seconds since 1970, while none is under way; None while one is."""
        if self._in_flight > self._gate.waiting:
            return None
        if self._in_flight:
            return self._clock() + (self._gate.next_in() or 0.0)
        return self._later[0][0] if self._later else None

    async def _watch(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await self._finish(Ending(state="stopped"))

    async def _finish(self, end: Ending | UpstreamError) -> None:
        """Let every worker end after what it has in flight."""
        self._end = self._end or end
        self._fetcher.let_go()
        self._tell_news()

    def _tell_news(self) -> None:
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
            earlier = self._earlier.answer(request.key) if attempt == 1 else None
            try:
                outcome = await self._fetcher.fetch(request, headers=condition(earlier))
            except QuotaWait as wait:
                self._later_again(request, attempt=attempt, at=wait.wake_at)
                await self._finish(Ending(state="waiting", wake_at=wait.wake_at))
                outcome = None
            if outcome is not None:
                await self._take(request, renewed(outcome, earlier), attempt)
            self._in_flight -= 1
            self._tell_news()

    async def _next(self) -> tuple[Request, int] | None:
        """The request that is due, waiting for one while others in flight may bring more; None when all is done."""
        while self._end is None:
            if self._may_go() and (due := self._due()) is not None:
                self._in_flight += 1
                return due
            if not self._in_flight and not self._later:
                return None
            if not self._in_flight and self._is_too_late(self._later[0][0]):
                self._end = Ending(state="waiting", wake_at=self._later[0][0])
                self._tell_news()
                return None
            await self._until_news()
        return None

    async def _until_news(self) -> None:
        """Until something changes or the next repeat is due."""
        wait = max(0.0, self._later[0][0] - self._clock()) if self._later and self._may_go() else None
        news = asyncio.get_running_loop().create_future()
        self._idle.append(news)
        if wait is None:
            await news
        else:
            await asyncio.wait([news], timeout=wait)

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
                if _ask(first) not in self._held:
                    return first, 1
                self._hold(first, self._held.pop(_ask(first)))
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
        self._issued.append(each for each in requests if _ask(each) not in self._answered)

    async def _take(self, request: Request, outcome: Answer | Failure, attempt: int) -> None:
        """Judge what came back, put it into the journal, go on from there."""
        self.tally.attempts += 1
        self.tally.seconds += outcome.took
        self._gate.told(outcome.status, outcome.headers, started=outcome.started)
        verdict = self._judge(outcome, attempt)
        if outcome.status is not None:
            self._put_off = self._put_off + 1 if outcome.status == 503 else 0
        if verdict.action == "keep" and isinstance(outcome, Answer):
            try:
                self._keep(request, outcome, attempt)
            except AnswerError as error:
                outcome = unusable(outcome, error)
                verdict = self._judge(outcome, attempt)
        # Only now: a key may be refused, or a site down, in an answer whose status is good.
        self._proved = self._proved or verdict.action in ("keep", "give up")
        if verdict.action != "keep":
            await self._handle(request, outcome, verdict, attempt)
        self._changed()

    def _judge(self, outcome: Answer | Failure, attempt: int) -> Verdict:
        return judge(
            outcome,
            attempt=attempt,
            source=self.planner.source,
            now=self._clock(),
            random=self._chance,
            put_off=self._put_off,
        )

    def _keep(self, request: Request, answer: Answer, attempt: int) -> None:
        """A good answer: durable first, then what follows from it."""
        page = self._read(request, answer.body)
        further = self.planner.answered(request, page, started=answer.started, ended=answer.started + answer.took)
        entry = entry_of(request, answer, kind="answer", attempt=attempt, records=len(page.records))
        self._write(entry)
        self._kept(entry, page)
        self._done(request, answer, further)

    def _keep_past_end(self, request: Request, answer: Answer, attempt: int) -> None:
        """A page that the API refuses since it has fewer by now: an answer that holds nothing."""
        page = Page([], None, None)
        further = self.planner.answered(request, page, started=answer.started, ended=answer.started + answer.took)
        entry = replace(entry_of(request, answer, kind="answer", attempt=attempt, reason=PAST_END), body=b"")
        self._write(entry)
        self._kept(entry, page)
        self._done(request, answer, further)

    def _done(self, request: Request, answer: Answer, further: Iterable[Request]) -> None:
        self._answered.add(_ask(request))
        self.tally.kept(answer.status, answer.headers)
        self._outage.lives()
        self.tally.troubles.pop(request.key, None)
        self._issue(further)
        self._note_past_end()

    def _note_past_end(self) -> None:
        """Write down which pages turned out to lie past the end, though no call of their own said so."""
        for request in self.planner.settling.take_past():
            if _ask(request) not in self._answered:
                self._answered.add(_ask(request))
                entry = past_end_entry(request, at=self.planner.settling.now)
                self._journal.append(entry)
                self._kept(entry, Page([], None, None))
            self.tally.gaps.pop(request.key, None)

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
        elif isinstance(outcome, Answer) and self._is_past_end(request, outcome):
            self._keep_past_end(request, outcome, attempt)
        elif verdict.action == "stop":
            self._write(entry_of(request, outcome, kind="trouble", attempt=attempt, reason=verdict.reason))
            await self._finish(UpstreamError(verdict.reason, hint=verdict.hint))
        else:
            self._write(entry_of(request, outcome, kind="gap", attempt=attempt, reason=verdict.reason))
            self.tally.gaps[request.key] = verdict.reason
            self.tally.troubles.pop(request.key, None)
            self.tally.done += 1
            self._issue(self.planner.given_up(request, refused=outcome.status in REFUSED))
            self._note_past_end()
            if (down := self._outage.given_up(request.key, verdict)) is not None:
                await self._finish(down)

    def _is_past_end(self, request: Request, answer: Answer) -> bool:
        return answer.status in REFUSED and self.planner.is_past_end(request)

    def _write(self, entry: Entry) -> None:
        """Into the journal, and counted."""
        self._journal.append(entry)
        self.tally.requests += 1

    def _later_again(self, request: Request, *, attempt: int, at: float) -> None:
        heapq.heappush(self._later, (at, next(self._number), request, attempt))

    def _read(self, request: Request, body: bytes) -> Page:
        return read_answer(shape_of(self.planner.source.resources[request.resource], request.role), body)
