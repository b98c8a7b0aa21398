"""How long a run is driven: takes seconds and a wish to stop, gives one event that ends it, and the time left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """How long a drive may last, and the event that ends it early."""

    until: float | None
    """On the monotonic clock; None: without end."""
    stop: asyncio.Event

    def left(self) -> float | None:
        """Seconds, or None without end."""
        return None if self.until is None else max(0.0, self.until - time.monotonic())


@asynccontextmanager
async def time_slice(seconds: float | None, asked: asyncio.Event | None) -> AsyncIterator[Slice]:
    """One event for both: the time is up, or somebody asked to stop."""
    stop = asyncio.Event()

    async def follow(event: asyncio.Event) -> None:
        await event.wait()
        stop.set()

    timer = asyncio.get_running_loop().call_later(seconds, stop.set) if seconds is not None else None
    follower = asyncio.create_task(follow(asked)) if asked else None
    try:
        yield Slice(None if seconds is None else time.monotonic() + seconds, stop)
    finally:
        if timer:
            timer.cancel()
        if follower:
            follower.cancel()
