"""Takes turns by hand, gives a time and a sleep for code that has them as arguments: hours pass in no time."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count


class Clock:
    """Stands still until `advance`. To be used from one event loop.

    >>> clock = Clock(100.0)
    >>> clock.advance(2.5)
    >>> clock.time()
    102.5
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._changed = asyncio.Event()

    def time(self) -> float:
        """Seconds."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Until the clock has been advanced that far; at once (after others had their turn) for nothing or less."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._now + seconds, next(self._order), woken))
        self._changed.set()
        await woken

    def advance(self, seconds: float) -> None:
        """Turn the clock on and wake, in the order of their times, all whose sleep is over. Time never goes back."""
        if seconds < 0:
            raise ValueError(f"A clock can't go back by {-seconds} seconds.")
        self._now += seconds
        while self._waiting and self._waiting[0][0] <= self._now:
            woken = heapq.heappop(self._waiting)[2]
            if not woken.done():
                woken.set_result(None)

    @property
    def sleepers(self) -> int:
        """How many are asleep."""
        return sum(not woken.done() for _, _, woken in self._waiting)

    @property
    def next_wake(self) -> float | None:
        """The time at which the next sleeper wakes; None when nobody sleeps."""
        return min((at for at, _, woken in self._waiting if not woken.done()), default=None)

    async def asleep(self, sleepers: int = 1) -> None:
        """Until so many are asleep: the moment to turn the clock, with no guess at how long code takes to get there."""
        while self.sleepers < sleepers:
            self._changed.clear()
            await self._changed.wait()
