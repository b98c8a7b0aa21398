"""Following runs: takes run ids from any number of streams, gives each what its run has become, as soon as it changes.

One task looks at all runs that somebody follows, twice a second, in one thread, and ends itself when nobody does. A
stream is one event on the loop: no thread, no connection, no query of its own. What a look finds of a run is made into
JSON once, however many follow it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
INTERVAL = 0.5
"""Seconds between two looks, at least; a look that takes long is not begun again at once."""
REST = 3.0
"""So many times as long as a look took is the pause after it."""
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="follow")


@dataclass(frozen=True, slots=True)
class Told:
    """A run as it was at a look."""

    id: str
    """Of the same state the same, in every process."""
    data: bytes
    """The run as JSON, on one line."""
    over: bool
    """It has ended."""


Look = Callable[[Collection[str]], Mapping[str, Told | None]]
"""What runs of those ids are now, None of one that is gone; called in a thread, by one at a time."""


class Follower:
    """All streams of one event loop."""

    def __init__(self, look: Look, *, interval: float = INTERVAL) -> None:
        self._look, self._interval = look, interval
        self._streams: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._last: dict[str, Told | None] = {}
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    async def states(self, run_id: str, *, seen: str, patience: float) -> AsyncIterator[Told | None]:
        """Each state of the run that differs from the one before, the first from `seen`; the last is over.

        None after so many seconds without one, for a sign of life. Ends when the run is gone, or the server ends.
        """
        changed = asyncio.Event()
        self._streams[run_id].add(changed)
        self._start()
        try:
            while not self._ended:
                told = self._last.get(run_id)
                if told is not None and told.id != seen:
                    seen = told.id
                    yield told
                if run_id in self._last and (told is None or told.over):
                    return
                changed.clear()
                try:
                    await asyncio.wait_for(changed.wait(), patience)
                except TimeoutError:
                    yield None
        finally:
            self._leave(run_id, changed)

    def let_go(self) -> None:
        """End all streams: the server ends."""
        self._ended = True
        self._wake(list(self._streams))

    def _leave(self, run_id: str, changed: asyncio.Event) -> None:
        self._streams[run_id].discard(changed)
        if not self._streams[run_id]:
            del self._streams[run_id]
            self._last.pop(run_id, None)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            # A context of its own: the request that happens to be first must not lend it its thread.
            self._task = asyncio.get_running_loop().create_task(self._follow(), context=Context())

    async def _follow(self) -> None:
        while self._streams and not self._ended:
            begun = time.monotonic()
            try:
                self._tell(
                    await asyncio.get_running_loop().run_in_executor(_thread, fresh, self._look, list(self._streams))
                )
            except AWAY as error:
                log.debug("Runs can't be followed at the moment: %s", error)
            except Exception:
                log.exception("A look at the runs that are followed failed")
            await asyncio.sleep(max(self._interval, REST * (time.monotonic() - begun)))

    def _tell(self, found: Mapping[str, Told | None]) -> None:
        changed = [run_id for run_id, told in found.items() if run_id in self._streams and self._is_new(run_id, told)]
        self._last.update({run_id: found[run_id] for run_id in changed})
        self._wake(changed)

    def _is_new(self, run_id: str, told: Told | None) -> bool:
        if run_id not in self._last:
            return True
        last = self._last[run_id]
        return (last and last.id) != (told and told.id)

    def _wake(self, run_ids: list[str]) -> None:
        for run_id in run_ids:
            for changed in self._streams.get(run_id, ()):
                changed.set()


_followers: WeakKeyDictionary[asyncio.AbstractEventLoop, Follower] = WeakKeyDictionary()


def the_follower(look: Look) -> Follower:
    """The one of this event loop."""
    loop = asyncio.get_running_loop()
    if (follower := _followers.get(loop)) is None:
        follower = _followers[loop] = Follower(look)
    return follower


def let_go() -> None:
    """End all streams of this event loop: the server ends."""
    if follower := _followers.get(asyncio.get_running_loop()):
        follower.let_go()
