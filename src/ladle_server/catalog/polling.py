"""The worker without a broker: takes queued runs from the catalog by asking for them, drives several at once.

It starts what schedules ask for, too (`catalog.firing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from ladle.errors import Unreachable
from ladle_server.catalog import firing, runs
from ladle_server.catalog.clerk import Clerk, Closed, within
from ladle_server.catalog.discover import follow_paused
from ladle_server.catalog.driving import drive_slice
from ladle_server.catalog.models import Run, State

PLACES = 8
"""Runs that go on at once."""
FOR_WAITING = 4
"""So many times the places are runs in hand at once, those that wait included."""
POLL = 0.5
FIRE = 1.0
"""Seconds between two looks for schedules that are due."""
FOLLOW = 2.0
"""Seconds between two looks whether a command line goes on with runs that are paused here."""


class Driver:
    """Drives runs until told to stop."""

    def __init__(self, name: str, clerk: Clerk, *, stop: asyncio.Event, places: int = PLACES) -> None:
        self._name = name
        self._clerk = clerk
        self._stop = stop
        self._places = places
        self._driving: set[asyncio.Task[None]] = set()
        self._waiting: set[str] = set()
        """Runs that are driven and wait for quota."""
        self._follow_at = self._fire_at = 0.0

    async def work(self) -> None:
        """Claim and drive, until `stop`; then hand everything back."""
        with contextlib.suppress(Closed):
            while not self._stop.is_set():
                if time.monotonic() >= self._fire_at:
                    self._fire_at = time.monotonic() + FIRE
                    with contextlib.suppress(Unreachable):  # what is due stays so
                        await self._clerk.ask(firing.fire)
                    await self._clerk.ask(runs.free_dead)
                await self._claim()
                if time.monotonic() >= self._follow_at:
                    self._follow_at = time.monotonic() + FOLLOW
                    with contextlib.suppress(Unreachable):  # then it is looked again
                        await self._clerk.ask(follow_paused)
                await within(self._stop.wait(), POLL)
        await asyncio.gather(*self._driving)

    async def _claim(self) -> None:
        while self._has_room() and (run := await self._clerk.ask(runs.claim, self._name)):
            task = asyncio.create_task(self._drive(run))
            self._driving.add(task)
            task.add_done_callback(self._driving.discard)

    def _has_room(self) -> bool:
        """A run that waits for its quota takes up no place, only a little memory until its slice is over."""
        most = FOR_WAITING * self._places
        return len(self._driving) - len(self._waiting) < self._places and len(self._driving) < most

    async def _drive(self, run: Run) -> None:
        def told(state: str) -> None:
            (self._waiting.add if state == State.WAITING else self._waiting.discard)(run.pk)

        try:
            await drive_slice(run, self._clerk, stop=self._stop, told=told)
        finally:
            self._waiting.discard(run.pk)
