"""The worker with a broker: takes offers of runs from Celery, drives each for a slice in a process of its own.

A process beside the worker looks every second for runs to offer (`catalog.offers`): those of dead workers, those whose
wait is over, those that were started while the broker was away; and for schedules that are due (`catalog.firing`).
There is no beat that could be missing.
"""

from __future__ import annotations

import asyncio
import logging
import mmap
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from celery import bootsteps, signals
from celery.exceptions import SecurityWarning
from celery.worker.consumer import Consumer

from ladle.errors import LadleError, Unreachable
from ladle_server.beside import Beside
from ladle_server.catalog import clearing, firing, offers, runs
from ladle_server.catalog.broker import CHORES, CLEAR, DRIVE, DRIVES, SHARE, SHARES, Celery, app
from ladle_server.catalog.clerk import Clerk, Closed
from ladle_server.catalog.discover import follow_paused
from ladle_server.catalog.driving import drive_slice
from ladle_server.catalog.helping import help_out
from ladle_server.catalog.models import Run
from ladle_server.catalog.posting.poster import post_for_ever
from ladle_server.catalog.reaching import AWAY, fresh
from ladle_server.catalog.worker import name
from ladle_server.ready import make_ready

log = logging.getLogger(__name__)
PROCESSES = 4
LOOK_EVERY = 1.0
"""Seconds between two looks for runs to offer."""
FOLLOW = 2.0
"""Seconds between two looks whether a command line goes on with runs that are paused here."""
STOP_LOOK = 0.2
GRACE = 5
"""Seconds that a process has to hand its run back when it is asked to end."""
_ending = mmap.mmap(-1, 1)
"""One byte that the main process shares with its children: not zero when they are to hand their runs back."""
_told: list[bool] = []
"""Not empty when the main process was asked to end."""


@app.task(name=DRIVE)
def drive(run_id: str, _dataset: str = "") -> None:
    """Drive the run for a slice, if it can be claimed. The row in the database says what became of it."""
    with _bearing_its_end():
        asyncio.run(_drive(run_id))
    try:
        fresh(offers.offer, offers.the_broker())  # the run's next slice, or another's place
    except (offers.BrokerAway, *AWAY) as error:
        log.warning("Runs can't be offered at the moment: %s", error)


@app.task(name=SHARE)
def share(run_id: str, _dataset: str = "") -> None:
    """Help with the run for as long as its driver gives shares. The rows in the database say who may do what."""
    with _bearing_its_end():
        asyncio.run(_help(run_id))


@app.task(name=CLEAR)
def clear() -> None:
    """Make room in the home if a day is over. One of those who do so at the same time does it."""
    clearing.look()


async def _drive(run_id: str) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(_watch(stop, parent=os.getppid()))
    try:
        with Clerk(stop=stop) as clerk:
            run = await clerk.ask(_claim, run_id)
            if run is not None:
                await drive_slice(run, clerk, stop=stop)
    except Closed:
        pass  # nothing was claimed
    finally:
        watching.cancel()


async def _help(run_id: str) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(_watch(stop, parent=os.getppid()))
    try:
        with Clerk(stop=stop) as clerk:
            await help_out(run_id, name(), clerk, stop=stop)
    except Closed:
        pass  # what it held is over when its lease is
    finally:
        watching.cancel()


def _claim(run_id: str) -> Run | None:
    run = runs.claim(name(), only=run_id)
    if run is None:
        offers.decline(run_id)
    return run


async def _watch(stop: asyncio.Event, *, parent: int) -> None:
    """Set the event when the worker is asked to end, or its main process is gone."""
    while not (_ending[0] or _asked) and os.getppid() == parent:  # noqa: ASYNC110 - shared memory tells nobody
        await asyncio.sleep(STOP_LOOK)
    stop.set()


@contextmanager
def _bearing_its_end() -> Iterator[None]:
    """Inside the block, a process of the pool that is asked to end lets go of its run first: it has GRACE seconds.

    Who ends a worker may mean all its processes at once. Its main process, asked as well, then waits for this one.
    """

    def hand_back(_number: int, _frame: object) -> None:
        _asked.append(True)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(GRACE)

    before = signal.signal(signal.SIGTERM, hand_back)
    try:
        yield
    finally:
        if not _asked:
            signal.signal(signal.SIGTERM, before)


_asked: list[bool] = []
"""Not empty when this process of the pool was asked to end."""


class Looking(bootsteps.StartStopStep):
    """Sees to it that somebody looks, for as long as the worker has its broker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Consumer, **_: Any) -> None:
        self._timer: Any = None

    def start(self, consumer: Consumer) -> None:
        """The broker is there."""
        self._timer = consumer.timer.call_repeatedly(LOOK_EVERY, beside.keep)

    def stop(self, consumer: Consumer) -> None:
        """The broker is gone, or the worker ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Looks:
    """The looks, one after the other."""

    def __init__(self) -> None:
        self._follow_at = self._clear_at = 0.0

    def for_ever(self, parent: int) -> None:
        """Look until the process that wanted it is gone; webhooks are told meanwhile, in a thread of their own."""
        Thread(target=lambda: asyncio.run(post_for_ever()), name="webhooks", daemon=True).start()
        while os.getppid() == parent:
            self._look()
            time.sleep(LOOK_EVERY)

    def _look(self) -> None:
        try:
            fresh(firing.fire)
            if freed := fresh(runs.free_dead):
                log.info("Taking up %d run(s) of workers that died.", freed)
            fresh(offers.offer, offers.the_broker())
            if time.monotonic() >= self._follow_at:
                self._follow_at = time.monotonic() + FOLLOW
                fresh(follow_paused)
            if time.monotonic() >= self._clear_at:
                self._clear_at = time.monotonic() + clearing.LOOK_EVERY
                Celery().tell_to_clear(within=clearing.LOOK_EVERY)
        except (offers.BrokerAway, Unreachable, *AWAY) as error:
            log.debug("No look for runs to offer: %s", error)
        except Exception:
            log.exception("A look for runs to offer failed")


app.steps["consumer"].add(Looking)
beside = Beside(lambda: Looks().for_ever(os.getppid()))


@signals.setup_logging.connect
def _logged_as_all_else(**_: object) -> None:
    """Django has set up the log (`ladle_server.logs`): that somebody hears this signal keeps Celery from it."""


@signals.worker_shutting_down.connect
def _end(**_: object) -> None:
    _ending[0] = 1
    _told.append(True)


class Worker(app.Worker):  # type: ignore[misc,name-defined]  # made by the app
    """Celery's, whose children let go of their runs at once when it ends, for whatever reason."""

    def stop(self, in_sighandler: bool = False, exitcode: int | None = None) -> None:
        """As Celery's, which waits for its children."""
        _ending[0] = 1
        super().stop(in_sighandler=in_sighandler, exitcode=exitcode)


def work(*, processes: int = PROCESSES) -> None:
    """Work until asked to end; runs are then handed back within seconds."""
    os.nice(3)  # where processors are short, people who wait for a page come first
    os.environ["CELERY_SKIP_CHECKS"] = "1"  # Django's, which would import every page
    # Messages are JSON alone: what Celery fears for root, code in a pickled one, is not taken.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = Worker(
        hostname=f"ladle-{os.getpid()}@{socket.gethostname()}",
        pool="prefork",
        concurrency=processes,
        queues=[DRIVES, SHARES, CHORES],
        loglevel="WARNING",
        quiet=True,
        # Workers need not know each other: the database knows them.
        without_gossip=True,
        without_mingle=True,
    )
    with beside:
        worker.start()
    if not _told:
        _begin_anew()


def _begin_anew() -> None:
    """Be a new worker: Celery gives up at some ways in which a broker goes away in the middle of a task.

    Whoever started this process need not notice. What the new one needs to begin may be away as well.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    log.warning("Celery's worker has given up; another begins in its place.")
    while True:
        time.sleep(LOOK_EVERY)
        try:
            make_ready(None, forks=True)
        except LadleError as error:
            log.warning("It can't begin yet: %s", error)
        else:
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the same words as before
