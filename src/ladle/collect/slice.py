"""How long a run is driven: takes seconds and a wish to stop, gives one event that ends it, and the time left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

GRACE = 2.0
"""Seconds that what is under way has to come home when somebody asks to stop: an API may hang for a minute."""

T = TypeVar("T")


@dataclass(slots=True)
class Slice:
    """How long a drive may last, and the events that end it early."""

    until: float | None
    """On the monotonic clock; None: without end."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing new is begun: the time is up, or somebody asked to stop."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody asked to stop, and what is under way has GRACE seconds."""
    _asked_at: float | None = None

    def left(self) -> float | None:
        """Seconds, or None without end."""
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def ask(self) -> None:
        """Somebody wants it to stop."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        self.asked.set()
        self.stop.set()

    @property
    def is_due(self) -> bool:
        """Somebody asked to stop, and the grace is over. May be called from any thread."""
        return self._asked_at is not None and time.monotonic() - self._asked_at >= GRACE

    async def bounded(self, work: Coroutine[None, None, T]) -> T | None:
        """What the work gives; None when it was cut off, having been asked to stop and not having come home in time."""
        working, asked = asyncio.ensure_future(work), asyncio.ensure_future(self.asked.wait())
        try:
            await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((working,), timeout=GRACE)
            return working.result() if working.done() else None
        finally:
            asked.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait((working,))


async def is_set_within(event: asyncio.Event | None, seconds: float) -> bool:
    """Whether it is set by then; nobody sets none."""
    if event is None:
        await asyncio.sleep(seconds)
        return False
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


@asynccontextmanager
async def time_slice(seconds: float | None, asked: asyncio.Event | None) -> AsyncIterator[Slice]:
    """A slice of so many seconds that ends when the event is set."""
    slice_ = Slice(None if seconds is None else time.monotonic() + seconds)

    async def follow(event: asyncio.Event) -> None:
        await event.wait()
        slice_.ask()

    timer = asyncio.get_running_loop().call_later(seconds, slice_.stop.set) if seconds is not None else None
    follower = asyncio.create_task(follow(asked)) if asked else None
    try:
        yield slice_
    finally:
        if timer:
            timer.cancel()
        if follower:
            follower.cancel()
