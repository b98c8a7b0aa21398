"""Helping with a run that another worker drives: takes its id, works on shares of it for as long as there are any.

A process that helps is one that drives no run meanwhile: so it leaves as soon as a run finds no process, and after a
slice in any case.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Sequence

import ladle
from ladle.errors import LadleError
from ladle_server import logs
from ladle_server.catalog import runs, shares
from ladle_server.catalog.clerk import Clerk
from ladle_server.catalog.driving import SLICE, keys_of

log = logging.getLogger(__name__)
LEASE = shares.LEASE.total_seconds()


async def help_out(run_id: str, worker: str, clerk: Clerk, *, stop: asyncio.Event) -> None:
    """Help until there is nothing to do, or `stop` is set. What goes wrong is for the run's driver to deal with."""
    if not await clerk.ask(shares.any_waiting, run_id):
        return
    try:
        run = await asyncio.to_thread(ladle.open_run, runs.home(), run_id)
        keys = await asyncio.to_thread(keys_of, run_id)
        with logs.about(run=run_id, dataset=run.dataset), logs.without(*keys):
            made = await _help(run, worker, clerk, stop)
            if made:
                log.info("Helped with the run: %d requests.", made)
    except LadleError as error:
        log.warning("Can't help with the run %s: %s", run_id, error)


async def _help(run: ladle.Run, worker: str, clerk: Clerk, stop: asyncio.Event) -> int:
    leave = asyncio.Event()
    follow = asyncio.create_task(_follow(stop, leave))
    timer = asyncio.get_running_loop().call_later(SLICE, leave.set)
    try:
        mine = Mine(run.id, worker, clerk, most=run.source.workers - 1, leave=leave)
        return await ladle.work_shares(run, mine, stop=leave, env=os.environ)
    finally:
        timer.cancel()
        follow.cancel()


async def _follow(stop: asyncio.Event, leave: asyncio.Event) -> None:
    await stop.wait()
    leave.set()


class Mine:
    """The shares that one helper takes, as `ladle.work_shares` wants them. `leave` is set when a run has no process."""

    def __init__(self, run_id: str, worker: str, clerk: Clerk, *, most: int, leave: asyncio.Event) -> None:
        self._run_id, self._worker, self._clerk, self._most, self._leave = run_id, worker, clerk, most, leave
        self._held: dict[int, int] = {}
        """Ids of rows by the numbers of their shares."""
        self._fence: int | None = None
        self._until = 0.0

    async def take(self) -> ladle.Share | None:
        """The next share, of the same driver."""
        if self._leave.is_set() or await self._clerk.ask(shares.runs_wait):
            self._leave.set()
            return None
        asked = time.monotonic()
        row = await self._clerk.ask(shares.take, self._run_id, self._worker, most=self._most, fence=self._fence)
        if row is None:
            return None
        if not self._held:
            self._until = asked + LEASE
        self._held[row.number], self._fence = row.pk, row.fence
        return ladle.Share.from_json(row.requests, fence=row.journal, number=row.number)

    async def hold(self) -> bool:
        """Whether all is still this helper's; while the database is away, for as long as nobody else can have it."""
        if not self._held:
            return True
        asked = time.monotonic()
        if asked >= self._until:
            return False
        ours = await self._clerk.try_(
            lambda ids: shares.hold(ids, self._worker), list(self._held.values()), seconds=1.0
        )
        if ours:
            self._until = asked + LEASE
        return ours is not False

    async def done(self, numbers: Sequence[int]) -> None:
        """They are over."""
        ids = [self._held.pop(number) for number in numbers if number in self._held]
        await self._clerk.ask(shares.done, ids, self._worker)
