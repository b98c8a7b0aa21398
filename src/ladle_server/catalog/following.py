"""Following runs: takes run ids from any number of streams, gives each what its run has become, as soon as it changes.

One task looks at all runs that somebody follows, twice a second, in one thread, and ends itself when nobody does. A
stream is one event on the loop: no thread, no connection, no query, no timer of its own. What a look finds of a run is
made into JSON once, however many follow it, and passed on to a few of them at a time: to wake a thousand at once would
hold the loop for a tenth of a second, and whoever asks for rows meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
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
HEARTBEAT = 15.0
"""Seconds within which a stream is given a sign of life where nothing else is, so that no proxy thinks it dead."""
STUCK = 30.0
"""Seconds after which a stream is cut whose client takes nothing of what it was sent."""
AT_ONCE, BREATH = 20, 0.004
"""So many streams are woken between two pauses of so many seconds: a thousand within a quarter of a second."""
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


class Place:
    """One stream's."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self.changed = asyncio.Event()
        self.cut = cut
        self.beat = False
        """It is to be given a sign of life."""
        self.given_at = 0.0
        """When it was given what it has not taken yet; 0: it waits for more."""
        self.ended = False

    def end(self) -> None:
        """Give it nothing more; nobody waits until it has taken what it was given."""
        self.ended = True
        self.changed.set()
        if self.given_at:
            self.cut()


class Follower:
    """All streams of one event loop."""

    def __init__(
        self, look: Look, *, interval: float = INTERVAL, heartbeat: float = HEARTBEAT, stuck: float = STUCK
    ) -> None:
        self._look, self._interval, self._heartbeat, self._stuck = look, interval, heartbeat, stuck
        self._places: defaultdict[str, set[Place]] = defaultdict(set)
        self._last: dict[str, Told | None] = {}
        self._heard_at: dict[str, float] = {}
        self._following: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._ended = False

    async def states(self, run_id: str, *, seen: str, place: Place) -> AsyncGenerator[Told | None, None]:
        """Each state of the run that differs from the one before, the first from `seen`; the last is over.

        None is a sign of life where there was none for a while. Ends when the run is gone, or its place or the server
        ends. The place is cut where what was given is not taken for STUCK seconds.
        """
        self._places[run_id].add(place)
        self._heard_at.setdefault(run_id, time.monotonic())
        self._start()
        try:
            while not (self._ended or place.ended):
                place.changed.clear()
                told, beat, place.beat = self._last.get(run_id), place.beat, False
                is_new = told is not None and told.id != seen
                if is_new or beat:
                    place.given_at = time.monotonic()
                    yield told if is_new else None
                    place.given_at = 0.0
                    seen = told.id if told is not None else seen
                if run_id in self._last and (told is None or told.over):
                    return
                await place.changed.wait()
        finally:
            self._leave(run_id, place)

    def let_go(self) -> None:
        """End all streams: the server ends."""
        self._ended = True
        for place in self._all():
            place.changed.set()

    def _leave(self, run_id: str, place: Place) -> None:
        self._places[run_id].discard(place)
        if not self._places[run_id]:
            del self._places[run_id]
            self._last.pop(run_id, None)
            self._heard_at.pop(run_id, None)

    def _start(self) -> None:
        # A context of their own: the request that happens to be first must not lend them its thread.
        begin = asyncio.get_running_loop().create_task
        if self._following is None or self._following.done():
            self._following = begin(self._follow(), context=Context())
        if self._beating is None or self._beating.done():
            self._beating = begin(self._beat(), context=Context())

    async def _follow(self) -> None:
        while self._places and not self._ended:
            begun = looked = time.monotonic()
            try:
                run_ids = list(self._places)
                found = await asyncio.get_running_loop().run_in_executor(_thread, fresh, self._look, run_ids)
                looked = time.monotonic()
                await _wake(self._take_in(found))
            except AWAY as error:
                log.debug("Runs can't be followed at the moment: %s", error)
            except Exception:
                log.exception("A look at the runs that are followed failed")
            passing = time.monotonic() - looked
            await asyncio.sleep(max(self._interval - passing, REST * (looked - begun)))

    async def _beat(self) -> None:
        """Signs of life do not wait for a look: the database may be away."""
        while self._places and not self._ended:
            await asyncio.sleep(self._heartbeat / 3)
            now = time.monotonic()
            for place in self._all():
                if place.given_at and now - place.given_at > self._stuck:
                    place.cut()
            quiet = [each for each in self._places if now - self._heard_at[each] > self._heartbeat / 2]
            self._heard_at.update(dict.fromkeys(quiet, now))
            places = [place for run_id in quiet for place in self._places[run_id]]
            for place in places:
                place.beat = True
            await _wake(places)

    def _all(self) -> list[Place]:
        return [place for places in self._places.values() for place in places]

    def _take_in(self, found: Mapping[str, Told | None]) -> list[Place]:
        """Remember what is new; those who are to be told of it."""
        changed = [run_id for run_id, told in found.items() if run_id in self._places and self._is_new(run_id, told)]
        self._last.update({run_id: found[run_id] for run_id in changed})
        self._heard_at.update(dict.fromkeys(changed, time.monotonic()))
        return [place for run_id in changed for place in self._places[run_id]]

    def _is_new(self, run_id: str, told: Told | None) -> bool:
        if run_id not in self._last:
            return True
        last = self._last[run_id]
        return (last and last.id) != (told and told.id)


async def _wake(places: Iterable[Place]) -> None:
    for number, place in enumerate(places, start=1):
        place.changed.set()
        if number % AT_ONCE == 0:
            await asyncio.sleep(BREATH)


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
