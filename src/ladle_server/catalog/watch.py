"""Waiting for runs to end: takes run ids from any number of coroutines, gives each its turn when its run has ended.

One task asks the database for all of them, four times a second, and ends itself when nobody waits. A client that waits
is one future: no thread, no connection, no query of its own. A database that is away for a while is waited for as well.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from weakref import WeakKeyDictionary

from ladle_server.catalog.reaching import AWAY, fresh

INTERVAL = 0.25
"""Seconds between two looks."""
PATIENCE = 60.0
"""Seconds that the database may be away before those who wait are told."""
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")
Live = Callable[[], set[str]]
"""Gives the ids of the runs that have not ended; called in a thread."""


class LetGo(Exception):
    """The server ends and answers those who wait; the run they waited for goes on with the next one."""


class Watcher:
    """All waiting coroutines of one event loop."""

    def __init__(self, live: Live, *, interval: float = INTERVAL) -> None:
        self._live = live
        self._interval = interval
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def ended(self, run_id: str) -> None:
        """Return when the run has ended; raises LetGo when the server ends before. A client may leave at any time."""
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
        heard = time.monotonic()
        while self._waiting:
            try:
                self._release(await self._ended())
                heard = time.monotonic()
            except Exception as error:
                if not isinstance(error, AWAY) or time.monotonic() - heard > PATIENCE:
                    self.fail(error)
            await asyncio.sleep(self._interval)

    async def _ended(self) -> set[str]:
        asked = set(self._waiting)
        return asked - await asyncio.get_running_loop().run_in_executor(_thread, fresh, self._live)

    def _release(self, ended: set[str]) -> None:
        for run_id in ended:
            for turn in self._waiting.get(run_id, ()):
                if not turn.done():
                    turn.set_result(None)

    def fail(self, error: Exception) -> None:
        """Raise an error at all who wait: nobody waits forever for a database that can't be read."""
        for turn in [each for turns in self._waiting.values() for each in turns if not each.done()]:
            turn.set_exception(error)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Watcher] = WeakKeyDictionary()


async def ended(run_id: str, *, live: Live) -> None:
    """Return when the run has ended, watched by the one watcher of this event loop; raises LetGo."""
    loop = asyncio.get_running_loop()
    watcher = _watchers.get(loop)
    if watcher is None:
        watcher = _watchers[loop] = Watcher(live)
    await watcher.ended(run_id)


def let_go() -> None:
    """Raise LetGo at everybody who waits on this event loop: the server ends."""
    if watcher := _watchers.get(asyncio.get_running_loop()):
        watcher.fail(LetGo())
