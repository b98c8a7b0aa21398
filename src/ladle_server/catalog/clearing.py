"""Room is made once a day: takes the home, has one worker of all remove what need not be kept, says what that was."""

from __future__ import annotations

import asyncio
import logging

from django.db import connection

import ladle
from ladle.errors import LadleError
from ladle_server.catalog import discover, runs
from ladle_server.catalog.clerk import within
from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
LOOK_EVERY = 600.0
"""Seconds between two looks whether a day is over."""


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
    cleared = ladle.clear_if_due(runs.home(), now=now)
    if cleared is None:
        return False
    for note in cleared.notes:
        log.warning("%s", note)
    if cleared.going:
        log.info("Room was made: %d things, %d bytes.", len(cleared.going), cleared.bytes)
    return True
