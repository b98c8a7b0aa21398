"""One run over several workers: takes the queue and more hands, gives shares of it, takes up what comes of them.

A share is what comes next in the queue, as much as a helper does in two seconds: first a little, then by what helpers
have done, less where little is left. Whoever waits for work takes from the front, so that answers come nearly in the
order of the table. What a helper has not done when its share is over goes back to the front of the queue.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ladle.collect import shared
from ladle.collect.entry import Entry
from ladle.collect.hands import Hands, Share, Standing
from ladle.collect.queue import Queue, name_of
from ladle.collect.request import Request, request_of
from ladle.collect.uptake import Uptake
from ladle.errors import Unreachable, UpstreamError
from ladle.sources.paging import AnswerError
from ladle.storage.mirror import mirror_of

TICK, LOOK_EVERY, FETCH_EVERY = 0.1, 0.3, 1.0
"""Seconds between two looks at what helpers write, at how shares stand, and at S3."""
LASTS = 2.0
"""Seconds that a share is to take."""
FIRST, LEAST, MOST = 64, 16, 2000
"""Requests of a share: of the first ones, and bounds."""
SHY = 30.0
"""Seconds without shares after one that was taken and of which nothing came: that worker lacks the key, say."""
OVER = Standing(over=True)


@dataclass(slots=True)
class _Out:
    """A share that is not over."""

    lent: dict[str, Request]
    given: float
    """Seconds since 1970."""
    worker: str = ""
    came: int = 0
    called_back: bool = False
    troubles: dict[str, Entry] = field(default_factory=dict)


class Sharing:
    """Of one drive. `taken_up` makes of an entry what follows from it, `left` says how many requests are to be made.

    `may_give` says whether more hands are of use now; `news` is called when something came; `finish` with an error
    that ends the run.
    """

    def __init__(
        self,
        hands: Hands,
        *,
        queue: Queue,
        uptake: Uptake,
        folder: Path,
        fence: int,
        workers: int,
        concurrency: int,
        taken_up: Callable[[Request, Entry], UpstreamError | None],
        left: Callable[[], int],
        may_give: Callable[[], bool],
        is_idle: Callable[[], bool],
        news: Callable[[], None],
        finish: Callable[[UpstreamError], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hands, self._queue, self._uptake = hands, queue, uptake
        self._folder, self._fence, self._helpers, self._concurrency = folder, fence, workers - 1, concurrency
        self._taken_up, self._left, self._may_give, self._is_idle = taken_up, left, may_give, is_idle
        self._news, self._finish, self._clock = news, finish, clock
        self._out: dict[int, _Out] = {}
        self._lent: dict[str, _Out] = {}
        self._number, self._closing, self._shy_until = 0, False, 0.0
        self._segments: list[Path] = []
        self._look_at = self._fetch_at = 0.0
        self._rate, self._came, self._since = 0.0, 0, time.monotonic()
        """Answers a second of one helper, and what the next look makes it of."""

    @property
    def helping(self) -> int:
        """How many others collect at this moment."""
        return len({out.worker for out in self._out.values() if out.worker})

    def close(self) -> None:
        """Give nothing more, and call back what was given; `go_on` ends when all of it is over."""
        self._closing = True

    async def go_on(self) -> None:
        """Give and take up, until all is over after `close`, or until it is cut off."""
        while self._out or not self._closing:
            try:
                await self._round()
            except Unreachable:
                if self._closing:
                    return
            await asyncio.sleep(TICK)

    async def _round(self) -> None:
        await self._find(fetch=False)
        await self._take()
        if self._closing or self._is_idle():
            await self._call_back()
        if time.monotonic() >= self._look_at or self._closing or not self._number:
            await self._look()
            if not self._closing and self._may_give():
                await self._give()

    async def _find(self, *, fetch: bool) -> None:
        """Which segments there are."""
        if mirror_of(self._folder) is None:
            self._segments = shared.taken_from(self._folder, fence=self._fence)
        elif self._out and (fetch or time.monotonic() >= self._fetch_at):
            self._segments = await asyncio.to_thread(shared.taken_from, self._folder, fence=self._fence)
            self._fetch_at = time.monotonic() + FETCH_EVERY

    async def _take(self) -> None:
        given = min((out.given for out in self._out.values()), default=self._clock())
        for _ in self._uptake.steps(self._segments, self._one, given=given):
            self._queue.elsewhere = len(self._lent)
            self._news()
            await asyncio.sleep(0)

    def _one(self, entry: Entry) -> bool:
        """An entry of a helper's; False where it is of no use."""
        name = name_of(request_of(entry))
        out = self._lent.get(name)
        if out is None:  # it was called back in vain
            return False
        try:
            error = self._taken_up(out.lent[name], entry)
        except AnswerError:
            self._queue.again(out.lent[name], attempt=entry.attempt + 1, at=self._clock())
            self._home(name, out)
            return False
        out.came += 1
        self._came += 1
        if entry.kind == "trouble":
            out.troubles[name] = entry
        else:
            self._home(name, out)
        if error is not None:
            self._finish(error)
        return True

    def _home(self, name: str, out: _Out) -> None:
        del self._lent[name], out.lent[name]

    async def _look(self) -> None:
        """What is over goes home."""
        if self._out:
            standing = await self._hands.look()
            over = [number for number in self._out if standing.get(number, OVER).over]
            if over:
                await self._find(fetch=True)
                await self._take()
                for number in over:
                    self._end(self._out.pop(number))
                self._queue.elsewhere = len(self._lent)
                self._news()
                await self._hands.forget(over)
            self._note(standing)
        self._look_at = time.monotonic() + LOOK_EVERY

    def _note(self, standing: Mapping[int, Standing]) -> None:
        """Who works on what, and how fast."""
        for number, out in self._out.items():
            out.worker = standing.get(number, OVER).worker
        now, helping = time.monotonic(), self.helping
        if helping and (passed := now - self._since) >= LOOK_EVERY:
            rate = self._came / passed / helping
            self._rate = rate if not self._rate else (self._rate + rate) / 2
            self._came, self._since = 0, now
        elif not helping:
            self._came, self._since = 0, now

    def _end(self, out: _Out) -> None:
        """Its rest is for the next who asks."""
        for name, request in out.lent.items():
            del self._lent[name]
            trouble = out.troubles.get(name)
            if trouble is not None and trouble.again_at is not None:
                self._queue.hold(request, trouble)
        self._queue.put_first(out.lent.values())
        if out.worker and not out.came and not out.called_back:
            self._shy_until = time.monotonic() + SHY

    async def _call_back(self) -> None:
        """What nobody has taken; all, where the drive ends."""
        wanted = [
            number
            for number, out in self._out.items()
            if not out.called_back and (self._closing or not out.worker)
        ]  # fmt: skip
        if wanted:
            for number in wanted:
                self._out[number].called_back = True
            await self._hands.take_back(wanted)
            self._look_at = 0.0

    async def _give(self) -> None:
        while time.monotonic() >= self._shy_until and self._has_room():
            keep = max(2 * self._concurrency, round(self._rate / 2))
            requests = self._queue.lend(self._size(), least=LEAST, keep=keep)
            if not requests:
                return
            self._number += 1
            out = self._out[self._number] = _Out({name_of(each): each for each in requests}, self._clock())
            self._lent |= dict.fromkeys(out.lent, out)
            self._queue.elsewhere = len(self._lent)
            await self._hands.give(Share(fence=self._fence, number=self._number, requests=requests))

    def _has_room(self) -> bool:
        waiting = sum(not out.worker for out in self._out.values())
        return waiting < self._helpers and len(self._out) < 3 * self._helpers

    def _size(self) -> int:
        left = (self._left() - len(self._lent)) // (2 * (self._helpers + 1))
        wanted = round(self._rate * LASTS) if self._rate else FIRST
        return max(LEAST, min(wanted, left, MOST))
