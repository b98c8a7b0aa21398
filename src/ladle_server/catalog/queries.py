"""Queries in their turn: takes one that would run in a thread, gives its answer, and ends it when its asker has gone.

Who waits is a coroutine on the event loop and holds no thread. Django cancels it when the client goes away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from ladle_server.catalog.turns import SERVED, Full, Line

PATIENCE = 30.0
"""Seconds that one waits for a turn, at most, before being sent away."""
LOOK_EVERY = 0.05
T = TypeVar("T")
Wanted = Callable[[], None]
"""Called now and then by a query; raises when nobody waits for its answer any more."""
LINE = Line()
_threads = ThreadPoolExecutor(max_workers=SERVED, thread_name_prefix="query")


class Gone(Exception):
    """Nobody waits for the answer any more."""


class InLine(Exception):
    """It is not the ticket's turn yet; `place` is 1 for the next one."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


async def in_turn(query: Callable[[Wanted], T], *, ticket: str, patience: float = PATIENCE) -> T:
    """The query's answer, when its turn has come; raises what it raises, and InLine when the turn does not come.

    The ticket keeps its place in the line for a while after InLine; it loses it when the asker goes away.
    """
    await _wait(ticket, patience)
    gone = Event()

    def asked() -> T:
        try:
            wanted()
            return query(wanted)
        finally:
            LINE.done()

    def wanted() -> None:
        if gone.is_set():
            raise Gone

    running = asyncio.get_running_loop().run_in_executor(_threads, asked)
    # It always runs, and so always gives its place back; what it says when nobody listens is nobody's business.
    running.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        gone.set()
        raise


async def _wait(ticket: str, patience: float) -> None:
    over = time.monotonic() + patience
    try:
        while place := LINE.turn(ticket):
            if time.monotonic() >= over:
                raise InLine(place)
            await asyncio.sleep(LOOK_EVERY)
    except asyncio.CancelledError:
        LINE.leave(ticket)
        raise


def sent_away(ticket: str, in_line: InLine) -> Full:
    """The error for one who can't wait any longer."""
    LINE.leave(ticket)
    who = "query is" if in_line.place == 2 else "queries are"
    before = f"{in_line.place - 1} {who} before yours" if in_line.place > 1 else "yours is the next"
    return Full(f"{SERVED} queries run already, and {before}.", hint="Ask again in a few seconds.")
