"""The worker as a process: takes a home, drives the home's runs until it is asked to end.

`serve` starts one and holds the other end of its standard input: when `serve` dies, however it dies, the pipe closes
and the worker ends at once, so that the next `serve` finds nobody at its runs. In SQLite a lock on the home keeps
workers to one; whoever holds it knows that every lease in the catalog is a dead worker's, and frees them. In PostgreSQL
any number of them share the runs, on any number of machines; a dead one's runs are free when their leases are over.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from django.db import connection

import ladle
from ladle_server.catalog import runs
from ladle_server.catalog.clearing import daily
from ladle_server.catalog.clerk import Clerk
from ladle_server.catalog.polling import PLACES, Driver
from ladle_server.catalog.posting.poster import Poster

log = logging.getLogger(__name__)


def name() -> str:
    """What this process is called as the driver of its runs: others of its machine can tell by it that it is dead."""
    return f"{socket.gethostname()}-{os.getpid()}{runs.SIGN}{ladle.sign_of_life(runs.home().alive)}"


async def work(stop: asyncio.Event, *, places: int = PLACES) -> None:
    """Drive the runs of the home until `stop` is set."""
    with Clerk(stop=stop) as clerk:
        driver = Driver(name(), clerk, stop=stop, places=places)
        if connection.vendor == "postgresql":
            await _drive_and_clear(driver, clerk, stop)
            return
        async with only_one(runs.home().path / "worker.lock", stop) as ours:
            if not ours:
                return
            if freed := await clerk.ask(runs.free_all):
                log.info("Taking up %d run(s) of a worker that died.", freed)
            await _drive_and_clear(driver, clerk, stop)


async def _drive_and_clear(driver: Driver, clerk: Clerk, stop: asyncio.Event) -> None:
    beside = (asyncio.create_task(daily(stop)), asyncio.create_task(Poster(clerk, stop=stop).work()))
    await driver.work()
    await asyncio.gather(*beside)


@asynccontextmanager
async def only_one(path: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Hold the lock on `path`, waiting until its holder is gone; False when told to stop before."""
    with path.open("w") as file:
        if not (held := _lock(file.fileno())):
            log.info(
                "Another worker drives the runs of this home; waiting for its end. PostgreSQL lets several share them."
            )
        while not held and not stop.is_set():
            await asyncio.sleep(0.2)  # a file lock tells nobody
            held = _lock(file.fileno())
        yield held


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def main(*, places: int = PLACES) -> None:
    """The whole process, from here on."""
    os.nice(3)  # where processors are short, people who wait for a page come first
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(stop, places=places)
