"""Room is made once a day: takes the home, has one worker of all remove what need not be kept, says what that was.

When it was done last stands in the home, so that a worker that is started ten times a day does it once.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

import ladle
from ladle.errors import LadleError
from ladle_server.catalog import discover, runs
from ladle_server.catalog.desk import within
from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
DAY = 86_400.0
LOOK_EVERY = 600.0
"""Seconds between two looks whether a day is over."""
DONE = "cleared"
"""A file of the home: written when room was made last, locked while it is made."""


async def daily(stop: asyncio.Event) -> None:
    """Make room each day until `stop` is set."""
    while not stop.is_set():
        await asyncio.to_thread(look)
        await within(stop.wait(), LOOK_EVERY)


def look() -> None:
    """Make room if a day is over, and leave what is gone out of the lists. For a thread that serves no request."""
    try:
        if clear_if_due():
            fresh(discover.discover)
    except (LadleError, OSError):
        log.exception("No room could be made in the home.")
    except AWAY as error:
        log.warning("What was removed stays in the lists for now: %s", error)
    finally:
        connection.close()


def clear_if_due(*, now: float | None = None) -> bool:
    """Make room if that was not done for a day; whether it was done. `now` is in seconds since 1970."""
    now = time.time() if now is None else now
    with _ours(runs.home().path / DONE) as last:
        if last is None or now - last < DAY:
            return False
        cleared = ladle.clear(runs.home())
        os.utime(runs.home().path / DONE, (now, now))
    for note in cleared.notes:
        log.warning("%s", note)
    if cleared.going:
        log.info("Room was made: %d things, %d bytes.", len(cleared.going), cleared.bytes)
    return True


@contextlib.contextmanager
def _ours(path: Path) -> Iterator[float | None]:
    """When it was done last (0: never), while nobody else does it; None while somebody does."""
    last: float | None = path.stat().st_mtime if path.exists() else 0.0
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            last = None
        if last == 0.0:
            os.utime(path, (0, 0))  # should it fail, it is still to be done
        yield last
