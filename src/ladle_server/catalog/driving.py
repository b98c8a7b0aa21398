"""Driving one run for a slice: takes a run that was claimed, gives it its end, or hands it back for the next.

Everything that touches the database goes through one thread, in order, off the event loop that drives the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings

import ladle
from ladle.errors import Conflict, LadleError, Unreachable
from ladle_server import logs
from ladle_server.catalog import runs, shares
from ladle_server.catalog.clerk import Clerk, Closed, within
from ladle_server.catalog.discover import add_made, moment
from ladle_server.catalog.hands import hands_for
from ladle_server.catalog.models import Run, State

log = logging.getLogger(__name__)
SLICE: float = settings.LADLE_SLICE
"""Seconds after which a run is handed back, so that others get its place."""
LEASE = runs.LEASE.total_seconds()
NOTED = (State.RUNNING, State.WAITING, State.FINISHING)
"""States that are written down while a run is driven."""
HANDED_BACK = (State.QUEUED, State.RUNNING, State.FINISHING)
"""States that a slice leaves behind where it ends before the run does."""
BUSY = timedelta(seconds=2)
"""How long a run is left alone that another process (a `collect --resume`) drives."""
Told = Callable[[str], None]
"""Hears each new state of the run."""


async def drive_slice(run: Run, clerk: Clerk, *, stop: asyncio.Event, told: Told = lambda _state: None) -> None:
    """One slice of one run, and what the log says of it."""
    with logs.about(run=run.pk, dataset=run.dataset), logs.without(*await asyncio.to_thread(keys_of, run.pk)):
        log.info("The run is taken up.")
        await _drive(run, clerk, stop=stop, told=told)


async def _drive(run: Run, clerk: Clerk, *, stop: asyncio.Event, told: Told) -> None:
    """Whatever goes wrong is written down as the run's end, never lost."""
    try:
        try:
            async with _held(run, clerk, stop) as let_go:
                progress = await _slice(run, clerk, let_go, told)
            _say(progress)
            await clerk.ask(settle, run, progress)
        except (Conflict, Unreachable) as error:
            state = State.RUNNING if isinstance(error, Conflict) else State.WAITING
            await clerk.ask(runs.put_down, run, state=state, wake_at=datetime.now(UTC) + BUSY, reason=_reason(error))
        except LadleError as error:
            await clerk.ask(runs.finish, run, state=State.FAILED, reason=str(error))
    except Closed:
        log.warning("The run %s could not be handed back: the database is away. Its lease runs out by itself.", run.pk)
    except Exception:
        log.exception("The run %s ended with an error that nobody foresaw", run.pk)
        reason = "Ladle failed; the reason is in the server's log. Please report it."
        with contextlib.suppress(Closed):
            await clerk.ask(runs.finish, run, state=State.FAILED, reason=reason)


async def _slice(run: Run, clerk: Clerk, stop: asyncio.Event, told: Told) -> ladle.Progress:
    last = str(run.state)

    def on_progress(progress: ladle.Progress) -> None:
        nonlocal last
        if progress.state == last or progress.state not in NOTED:
            return
        last = progress.state
        told(last)
        clerk.leave(runs.note, run, last, wake_at=moment(progress.wake_at))

    # Its fence is no concern of ours: the run's own folder knows its last driver, even one that was a command line.
    opened = await asyncio.to_thread(ladle.open_run, runs.home(), run.pk)
    hands = hands_for(run, opened, clerk)
    return await ladle.drive(opened, seconds=SLICE, stop=stop, on_progress=on_progress, hands=hands)


@contextlib.asynccontextmanager
async def _held(run: Run, clerk: Clerk, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """Renew the lease inside the block; the event is set when the run is not ours any more, or all should stop."""
    let_go = asyncio.Event()
    renewing = asyncio.create_task(_renew(run, clerk, stop, let_go))
    try:
        yield let_go
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing


async def _renew(run: Run, clerk: Clerk, stop: asyncio.Event, let_go: asyncio.Event) -> None:
    """Hold the run until it is another's, or until the database has not heard of us for a lease: it may be, then."""
    until = time.monotonic() + LEASE
    while not stop.is_set() and time.monotonic() < until:
        asked = time.monotonic()
        ours = await clerk.try_(runs.renew, run, seconds=until - asked)
        if ours is False:
            break
        if ours:
            until = asked + LEASE
        await within(stop.wait(), LEASE / 3)
    if not stop.is_set():
        log.warning("The run %s is let go: its lease could not be renewed.", run.pk)
    let_go.set()


def _reason(error: LadleError) -> str:
    """Why a run is put down; that somebody else drives it needs no words."""
    return "" if isinstance(error, Conflict) else str(error)


def keys_of(run_id: str) -> tuple[str, ...]:
    """What a run's log must not hold: the values of the variables that its source's credential is in."""
    try:
        auth = ladle.open_run(runs.home(), run_id).source.auth
    except (LadleError, OSError):
        return ()  # why it can't be read is told where it is to be driven
    return tuple(os.environ.get(name, "").strip() for name in auth.settings) if auth else ()


def _say(progress: ladle.Progress) -> None:
    """What a slice came to, for the log."""
    told = f"{progress.requests} requests, {progress.refused} answers of 429, {progress.records} records"
    state = "handed back" if progress.state in HANDED_BACK else progress.state
    log.info("The run is %s: %s.%s", state, told, f" {progress.reason}" if progress.reason else "")


def settle(run: Run, progress: ladle.Progress) -> None:
    """What a slice came to: the run's end with its snapshot, or when to go on."""
    shares.sweep(run, all_of_them=progress.is_over)
    if not progress.is_over:
        state = State(progress.state) if progress.state in ("waiting", "paused") else State.QUEUED
        runs.put_down(run, state=state, wake_at=moment(progress.wake_at), reason=progress.reason)
        return
    add_made(progress)
    runs.finish(
        run,
        state=progress.state,
        reason=progress.reason,
        snapshot=progress.snapshot or "",
    )
