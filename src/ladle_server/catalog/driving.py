"""Driving runs: takes queued runs from the catalog, several at once and in slices, gives each its end.

Everything that touches the database goes through one thread, in order, off the event loop that drives the runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import ladle
from ladle.errors import Conflict, LadleError
from ladle_server import logs
from ladle_server.catalog import runs
from ladle_server.catalog.discover import add_snapshot, follow_paused, moment
from ladle_server.catalog.models import Run, State

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

PLACES = 8
"""Runs that go on at once."""
MOST = 4 * PLACES
"""Runs in hand at once, those that wait included."""
SLICE = 300.0
"""Seconds after which a run is handed back, so that others get its place."""
POLL = 0.5
RENEW = 5.0
FOLLOW = 2.0
"""Seconds between two looks whether a command line goes on with runs that are paused here."""
NOTED = (State.RUNNING, State.WAITING, State.FINISHING)
"""States that are written down while a run is driven."""
BUSY = timedelta(seconds=2)
"""How long a run is left alone that another process (a `collect --resume`) drives."""


class Driver:
    """Drives runs until told to stop; `database` runs one call at a time."""

    def __init__(self, name: str, database: Executor, *, stop: asyncio.Event) -> None:
        self._name = name
        self._database = database
        self._stop = stop
        self._driving: set[asyncio.Task[None]] = set()
        self._waiting: set[str] = set()
        """Runs that are driven and wait for quota."""
        self._follow_at = 0.0

    async def work(self) -> None:
        """Claim and drive, until `stop`; then hand everything back."""
        while not self._stop.is_set():
            while self._has_room() and (run := await self._ask(runs.claim, self._name)):
                task = asyncio.create_task(self._drive(run))
                self._driving.add(task)
                task.add_done_callback(self._driving.discard)
            if time.monotonic() >= self._follow_at:
                self._follow_at = time.monotonic() + FOLLOW
                await self._ask(follow_paused)
            await _within(self._stop.wait(), POLL)
        await asyncio.gather(*self._driving)

    def _has_room(self) -> bool:
        """A run that waits for its quota takes up no place, only a little memory until its slice is over."""
        return len(self._driving) - len(self._waiting) < PLACES and len(self._driving) < MOST

    async def _ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, lambda: call(*args, **kwargs))

    async def _drive(self, run: Run) -> None:
        """One slice of one run, and what the log says of it."""
        with logs.about(run=run.pk, dataset=run.dataset), logs.without(*await asyncio.to_thread(_keys, run)):
            log.info("The run is taken up.")
            await self._drive_slice(run)

    async def _drive_slice(self, run: Run) -> None:
        """Whatever goes wrong is written down as the run's end, never lost."""
        try:
            async with self._held(run) as stop:
                progress = await self._slice(run, stop)
            _say(progress)
            await self._ask(settle, run, progress)
        except Conflict:
            await self._ask(runs.put_down, run, state=State.RUNNING, wake_at=datetime.now(UTC) + BUSY)
        except LadleError as error:
            await self._ask(runs.finish, run, state=State.FAILED, reason=str(error))
        except Exception:
            log.exception("The run %s ended with an error that nobody foresaw", run.pk)
            reason = "Ladle failed; the reason is in the server's log. Please report it."
            await self._ask(runs.finish, run, state=State.FAILED, reason=reason)

    async def _slice(self, run: Run, stop: asyncio.Event) -> ladle.Progress:
        told = str(run.state)

        def on_progress(progress: ladle.Progress) -> None:
            nonlocal told
            if progress.state == told or progress.state not in NOTED:
                return
            told = progress.state
            (self._waiting.add if told == "waiting" else self._waiting.discard)(run.pk)
            self._database.submit(runs.note, run, told, wake_at=moment(progress.wake_at))

        # No fence is passed on: the run's own folder knows its last driver, even one that was a command line.
        opened = await asyncio.to_thread(ladle.open_run, runs.home(), run.pk)
        try:
            return await ladle.drive(opened, seconds=SLICE, stop=stop, on_progress=on_progress)
        finally:
            self._waiting.discard(run.pk)

    @contextlib.asynccontextmanager
    async def _held(self, run: Run) -> AsyncIterator[asyncio.Event]:
        """Renew the lease inside the block; the event is set when the run is not ours any more, or all should stop."""
        stop = asyncio.Event()
        renewing = asyncio.create_task(self._renew(run, stop))
        try:
            yield stop
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, run: Run, stop: asyncio.Event) -> None:
        while not self._stop.is_set() and await self._ask(runs.renew, run):
            await _within(self._stop.wait(), RENEW)
        stop.set()


def _keys(run: Run) -> tuple[str, ...]:
    """What its log must not hold: the values of the variables that its source's credential is in."""
    try:
        auth = ladle.open_run(runs.home(), run.pk).source.auth
    except LadleError:
        return ()  # why it can't be read is told where it is to be driven
    return tuple(os.environ.get(name, "").strip() for name in (auth.env, auth.id_env) if name) if auth else ()


def _say(progress: ladle.Progress) -> None:
    """What a slice came to, for the log."""
    told = f"{progress.requests} requests, {progress.refused} answers of 429, {progress.records} records"
    log.info("The run is %s: %s. %s", progress.state, told, progress.reason)


def settle(run: Run, progress: ladle.Progress) -> None:
    """What a slice came to: the run's end with its snapshot, or when to go on."""
    if not progress.is_over:
        state = State(progress.state) if progress.state in ("waiting", "paused") else State.QUEUED
        runs.put_down(run, state=state, wake_at=moment(progress.wake_at), reason=progress.reason)
        return
    if progress.snapshot:
        add_snapshot(ladle.snapshot(progress.snapshot, home=runs.home()).manifest)
    runs.finish(
        run,
        state=progress.state,
        reason=progress.reason,
        snapshot=progress.snapshot or "",
    )


async def _within(waiting: Coroutine[Any, Any, object], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(waiting, seconds)
