"""Making room once a day: takes a home, has one of all who ask remove what need not be kept, gives the others None.

When it was done last stands in the home, so that a worker that is started ten times a day does it once. Of a home on S3
each machine looks after its own folder once a day, and one of them after what is on S3.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from ladle.clearing import Cleared, clear
from ladle.home import Home, home_in
from ladle.storage.store import Store

DAY, HOUR = 86_400.0, 3600.0
DONE = "cleared"
"""A file of the home: written when room was made last, locked while it is made."""
THERE = "cleared.json"
"""An object of a home on S3: when one of the machines began, and whether it came to the end."""


def clear_if_due(
    home: Home | str | Path | None = None, *, now: float | None = None, env: Mapping[str, str] = os.environ
) -> Cleared | None:
    """Make room if that was not done for a day, and tell what went. `now` is in seconds since 1970.

    Raises what `clear` raises; then it is still to be done.
    """
    place = home_in(home, env=env)
    now = time.time() if now is None else now
    with _ours(place.path / DONE) as last:
        if last is None or now - last < DAY:
            return None
        store = None if place.mirror is None else place.mirror.store
        ours = store is None or _claim(store, now)
        cleared = clear(place, only_here=not ours, env=env)
        if store is not None and ours:
            store.put(THERE, orjson.dumps({"at": now, "done": True}))
        os.utime(place.path / DONE, (now, now))
    return cleared


@contextmanager
def _ours(path: Path) -> Iterator[float | None]:
    """When it was done last here (0: never), while nobody else does it; None while somebody does."""
    last: float | None = path.stat().st_mtime if path.exists() else 0.0
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            last = None
        if last == 0.0:
            os.utime(path, (0, 0))  # should it fail, it is still to be done
        yield last


def _claim(store: Store, now: float) -> bool:
    """Be the one of all machines that does it; False where another has, or has begun in the last hour."""
    found = store.get(THERE)
    before = {"at": 0.0, "done": True} if found is None else orjson.loads(found.data)
    if now - before["at"] < (DAY if before["done"] else HOUR):
        return False
    mine = orjson.dumps({"at": now, "done": False})
    return store.put_new(THERE, mine) if found is None else store.put_over(THERE, mine, tag=found.tag)
