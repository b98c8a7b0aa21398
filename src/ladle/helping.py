"""Helping with a run that another worker drives: takes shares of its requests, gives its journal what came of them.

A helper collects as a driver does, with the same permits, retries and care; but it plans nothing and builds nothing.
It goes from share to share for as long as there are any, so that its connections stay open, and takes the next before
the last one is done. It writes segments of its own in the run's folder and says of a share that it is over when all of
it is written, on S3 where the home is there.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import IO, Any

from ladle.collect.collector import Collector
from ladle.collect.fetch import AGENT, USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate, gate_name
from ladle.collect.given import Given
from ladle.collect.hands import Share, Shares
from ladle.collect.journal import TURN, Journal
from ladle.collect.kept import Kept
from ladle.collect.ledgers import open_ledger
from ladle.collect.queue import name_of
from ladle.collect.request import Request
from ladle.collect.shared import ship
from ladle.drive import earlier_answers
from ladle.errors import Unreachable, UpstreamError
from ladle.runs import Run
from ladle.sources.library import secret
from ladle.storage.mirror import Mirror

HOLD_EVERY = 0.5
"""Seconds between two looks whether the shares are still this helper's."""
AGAIN = 0.25
"""Seconds between two questions for a share, while there is none."""
IDLE = 2.0
"""Seconds without anything to do after which a helper leaves."""
LETS_GO = 1.0
"""Seconds that what is under way has to come home when a helper is to stop."""
WAITS = 5.0
"""Seconds to the next permit from which it is better if the driver waits alone."""
AHEAD = 4
"""The next share is taken when this part of the last one is left."""


async def work_shares(
    run: Run,
    shares: Shares,
    *,
    stop: asyncio.Event,
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
    chance: Callable[[], float] = random.random,
) -> int:
    """Work on shares of the run until there are none, `stop` is set, or one is called back; the number of requests.

    What goes wrong with the API is for the driver to say, who is given back what was not answered. Raises SettingError
    when this machine lacks the source's key, Unreachable when S3 or the ledger can't be reached.
    """
    first = await shares.take()
    if first is None:
        return 0
    stint = _Stint(run, shares, first)
    try:
        return await stint.work(stop, env=env, bounds=bounds, chance=chance)
    finally:
        await stint.leave()


class _Stint:
    """From a helper's first share to its last."""

    def __init__(self, run: Run, shares: Shares, first: Share) -> None:
        self._run, self._shares, self._first = run, shares, first
        self._open: dict[int, int] = {}
        """Of each share, how many requests are neither answered nor given up."""
        self._of: dict[str, int] = {}
        self._over: list[int] = []
        self._last, self._made = 0, 0
        self._news, self._quit = asyncio.Event(), asyncio.Event()
        self._finished: list[IO[bytes]] = []

    async def work(
        self, stop: asyncio.Event, *, env: Mapping[str, str], bounds: Bounds, chance: Callable[[], float]
    ) -> int:
        run, source = self._run, self._run.source
        key = secret(source, env=env)
        async with AsyncExitStack() as stack:
            ledger = await asyncio.to_thread(open_ledger, run.home, env=env, patient=True)
            stack.callback(ledger.shut)
            gate = Gate(ledger, gate_name(source, key), quotas=source.quotas, pace=source.pace)
            stack.push_async_callback(gate.aclose)
            earlier: Kept = await asyncio.to_thread(earlier_answers, run)
            took = None if run.home.mirror is None else self._finished.append
            journal = Journal(run.folder, fence=self._first.fence, stint=self._first.number, took=took)
            stack.push_async_callback(self._close, journal)
            fetcher = Fetcher(
                source, gate=gate, secret=key, agent=AGENT, patience=lambda: WAITS, bounds=bounds, env=env
            )
            collector = Collector(
                Given(source, settled=self._settled),
                journal=journal,
                fetcher=await stack.enter_async_context(fetcher),
                gate=gate,
                changed=lambda: None,
                earlier=earlier,
                chance=chance,
            )
            self._accept(collector, self._first)
            await self._until_over(collector, journal, stop)
        return self._made

    async def leave(self) -> None:
        """Nothing is written any more: whatever was taken is over."""
        over = [*self._over, *self._open]
        if self._first.number not in self._open and not over and not self._made:
            over = [self._first.number]
        if over:
            with suppress(Unreachable):
                await self._shares.done(over)

    async def _until_over(self, collector: Collector, journal: Journal, stop: asyncio.Event) -> None:
        collecting = asyncio.create_task(collector.collect(stop=self._quit))
        feeding = asyncio.create_task(self._feed(collector, journal))
        tasks: set[asyncio.Task[Any]] = {collecting, feeding, asyncio.create_task(stop.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            self._quit.set()
            await asyncio.wait({collecting}, timeout=LETS_GO)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for each in ended:
            if isinstance(each, Exception) and not isinstance(each, UpstreamError):
                raise each

    async def _feed(self, collector: Collector, journal: Journal) -> None:
        """Hold what was taken, say what is over, take the next; ends when there is nothing to do here any more."""
        hold_at, take_at, idle_at = 0.0, 0.0, time.monotonic()
        while True:
            now = time.monotonic()
            if now >= hold_at:
                if not await self._shares.hold():
                    return
                hold_at = now + HOLD_EVERY
            await self._keep_in_step(journal)
            if sum(self._open.values()) * AHEAD <= self._last and now >= take_at:
                share = await self._shares.take()
                take_at = now + (0.0 if share else AGAIN)
                if share is not None:
                    self._accept(collector, share)
            if self._open:
                idle_at = time.monotonic()
            elif time.monotonic() - idle_at >= IDLE:
                return
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), AGAIN)

    def _accept(self, collector: Collector, share: Share) -> None:
        self._open[share.number] = self._last = len(share.requests)
        self._of |= {name_of(request): share.number for request in share.requests}
        collector.queue.elsewhere = 1  # there may be more, as long as this stint goes on
        collector.queue.put(share.requests)
        collector.tell_news()

    def _settled(self, request: Request) -> None:
        """A request is answered or given up; what is told of it is written before anything else happens."""
        number = self._of.pop(name_of(request), None)
        if number is None:
            return
        self._made += 1
        self._open[number] -= 1
        if not self._open[number]:
            del self._open[number]
            self._over.append(number)
        if sum(self._open.values()) * AHEAD <= self._last:
            self._news.set()

    async def _keep_in_step(self, journal: Journal) -> None:
        """Say what is over, once it is where the driver finds it."""
        over, self._over = self._over, []
        journal.turn(age=0.0 if over else TURN)
        try:
            await self._ship()
            if over:
                await self._shares.done(over)
        except BaseException:
            self._over = [*over, *self._over]
            raise

    async def _ship(self) -> None:
        mirror = self._run.home.mirror
        while self._finished and mirror is not None:
            await asyncio.to_thread(_put, mirror, self._run.folder, self._finished[0])
            self._finished.pop(0)

    async def _close(self, journal: Journal) -> None:
        journal.close()
        await self._ship()


def _put(mirror: Mirror, folder: Path, segment: IO[bytes]) -> None:
    if not segment.closed:
        os.fsync(segment.fileno())
        segment.close()
    ship(mirror, folder, [Path(segment.name)])
