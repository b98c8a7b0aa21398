"""The worker as a process: takes a home and an open standard input, drives the home's runs until the input closes.

`serve` starts one and holds the other end of its standard input: when `serve` dies, however it dies, the pipe closes
and the worker ends at once, so that the next `serve` finds nobody at its runs. A lock on the home keeps workers to one;
whoever holds it knows that every lease in the catalog is a dead worker's, and frees them.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from django.conf import settings

from ladle_server.catalog import runs
from ladle_server.catalog.clearing import daily
from ladle_server.catalog.driving import Driver
from ladle_server.parent import end_with_parent

log = logging.getLogger(__name__)


async def work(stop: asyncio.Event) -> None:
    """Drive the runs of the home until `stop` is set."""
    async with only_one(settings.LADLE_HOME / "worker.lock", stop) as ours:
        if not ours:
            return
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="database") as database:
            freed = await asyncio.get_running_loop().run_in_executor(database, runs.free_all)
            if freed:
                log.info("Taking up %d run(s) of a worker that died.", freed)

            async def ask(call: Callable[[], None]) -> None:
                await asyncio.get_running_loop().run_in_executor(database, call)

            clearing = asyncio.create_task(daily(stop, ask=ask))
            await Driver(f"{socket.gethostname()}-{os.getpid()}", database, stop=stop).work()
            await clearing


@asynccontextmanager
async def only_one(path: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Hold the lock on `path`, waiting until its holder is gone; False when told to stop before."""
    with path.open("w") as file:
        while not (held := _lock(file.fileno())) and not stop.is_set():  # noqa: ASYNC110 - a file lock tells nobody
            await asyncio.sleep(0.2)
        yield held


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def main() -> None:
    """The whole process."""
    end_with_parent()
    os.nice(3)  # where processors are short, people who wait for a page come first
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(stop)
