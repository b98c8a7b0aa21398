"""What pages of a snapshot say again and again, kept: takes a snapshot, a name for it and what makes it, gives that.

A snapshot's files never change while it is there. To put its profile into words and bars anew takes twenty times
longer than to read ten rows.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import ladle

MOST = 48_000_000
"""Characters, or bytes, that are kept in all; what was not asked for longest goes first."""
LARGEST = 4_000_000
"""The most of one thing: a table of thousands of columns would drive out all others."""
YOUNG = 2.0
"""Seconds in which a file may be written again without its time telling so: that of many file systems goes by ticks."""
_MANIFEST = 150
"""Bytes that the manifest, which is held on to, takes for each column."""
T = TypeVar("T")


class _Kept(NamedTuple):
    manifest: ladle.Manifest
    stamp: tuple[int, ...]
    weight: int
    value: Any


_lock = Lock()
_kept: OrderedDict[tuple[Path, Hashable], _Kept] = OrderedDict()
_weight = 0


def kept(snapshot: ladle.Snapshot, name: Hashable, make: Callable[[], T], *, weight: int = 0) -> T:
    """What `make` makes of the snapshot's manifest and profile, and of nothing else that `name` does not say.

    Nobody may change it. `weight` is about how many bytes it takes, where it is no text. Another manifest or profile
    in the snapshot's folder is noticed; where there is none, `make` raises what it raises.
    """
    found = _stamp(snapshot)
    if found is None:
        return make()
    stamp, age = found
    key = (snapshot.folder, name)
    with _lock:
        known = _kept.get(key)
        if known is not None and known.manifest is snapshot.manifest and known.stamp == stamp:
            _kept.move_to_end(key)
            value: T = known.value
            return value
    value = make()
    if age > YOUNG:
        weight += len(value) if isinstance(value, str) else 0
        weight += len(str(name)) + _MANIFEST * len(snapshot.columns)
        _keep(key, _Kept(snapshot.manifest, stamp, weight, value))
    return value


def _stamp(snapshot: ladle.Snapshot) -> tuple[tuple[int, ...], float] | None:
    """What tells the profile's file from another in its place, and its age in seconds; None where there is none."""
    try:
        told = snapshot.path("profile").stat()
    except OSError:
        return None
    stamp = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    return stamp, abs(time.time() - told.st_mtime)


def _keep(key: tuple[Path, Hashable], made: _Kept) -> None:
    global _weight
    if made.weight > LARGEST:
        return
    with _lock:
        before = _kept.pop(key, None)
        _weight += made.weight - (before.weight if before else 0)
        _kept[key] = made
        while _weight > MOST:
            _weight -= _kept.popitem(last=False)[1].weight
