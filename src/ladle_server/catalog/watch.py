"""Waiting for runs to end: takes run ids from any number of coroutines, gives each its turn when its run has ended.

One task asks the database for all of them, four times a second, and ends itself when nobody waits. A client that waits
is one future: no thread, no connection, no query of its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from weakref import WeakKeyDictionary

from ladle_server.catalog import runs

INTERVAL = 0.25
"""Seconds between two looks."""
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")


def _live() -> set[str]:
    return set(runs.live().order_by().values_list("pk", flat=True))


class Watcher:
    """All waiting coroutines of one event loop; `live` gives the ids of the runs that have not ended."""

    def __init__(self, live: Callable[[], set[str]] = _live, *, interval: float = INTERVAL) -> None:
        self._live = live
        self._interval = interval
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def ended(self, run_id: str) -> None:
        """Return when the run has ended. Given up (the client left), it harms neither the run nor other waiters."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[run_id].add(turn)
        self._start()
        try:
            await turn
        finally:
            self._waiting[run_id].discard(turn)
            if not self._waiting[run_id]:
                del self._waiting[run_id]

    def _start(self) -> None:
        if self._task is None or self._task.done():
            # A context of its own: the request that happens to be first must not lend it its thread.
            self._task = asyncio.get_running_loop().create_task(self._watch(), context=Context())

    async def _watch(self) -> None:
        while self._waiting:
            try:
                self._release(await self._ended())
            except Exception as error:
                self._fail(error)
            await asyncio.sleep(self._interval)

    async def _ended(self) -> set[str]:
        asked = set(self._waiting)
        return asked - await asyncio.get_running_loop().run_in_executor(_thread, self._live)

    def _release(self, ended: set[str]) -> None:
        for run_id in ended:
            for turn in self._waiting.get(run_id, ()):
                if not turn.done():
                    turn.set_result(None)

    def _fail(self, error: Exception) -> None:
        """Nobody waits forever for a database that can't be read."""
        for turn in [each for turns in self._waiting.values() for each in turns if not each.done()]:
            turn.set_exception(error)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Watcher] = WeakKeyDictionary()


async def ended(run_id: str) -> None:
    """Return when the run has ended, watched by the one watcher of this event loop."""
    loop = asyncio.get_running_loop()
    watcher = _watchers.get(loop)
    if watcher is None:
        watcher = _watchers[loop] = Watcher()
    await watcher.ended(run_id)
