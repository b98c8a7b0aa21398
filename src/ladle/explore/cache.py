"""Where orders of rows are kept: takes a snapshot's folder, gives a place in its home's cache, and keeps that small."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ladle.snapshots.files import LEFTOVER_AFTER, MANIFEST

FOLDER = "orders"
MOST_BYTES = 4 << 30
"""Fifty orders of 20 million rows; those that were not used for longest go first."""
MOST_FILES = 2000


def place(folder: Path, name: str) -> Path | None:
    """Where an order of a snapshot is kept: `orders/<source>/<dataset>/<snapshot>/`; None for one outside of a home."""
    parents = folder.absolute().parents
    if len(parents) < 4 or parents[2].name != "snapshots":
        return None
    return parents[3] / FOLDER / parents[1].name / parents[0].name / folder.name / f"{name}.order"


def make_room(path: Path) -> None:
    """Make the folder of a new order, and remove what is no more of use: orders of snapshots that are gone first.

    Raises OSError when the folder can't be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    root = path.parents[3]
    for kept in orphans(root):
        shutil.rmtree(kept, ignore_errors=True)
    _shorten(root, now=time.time())


def orphans(root: Path) -> list[Path]:
    """The folders of the cache whose snapshots are gone."""
    snapshots = root.parent / "snapshots"
    return [kept for kept in _snapshots(root) if not (snapshots / kept.relative_to(root) / MANIFEST).exists()]


def has_room(path: Path) -> bool:
    """The same, telling whether the folder could be made."""
    try:
        make_room(path)
    except OSError:
        return False
    return True


def _snapshots(root: Path) -> Iterator[Path]:
    return (folder for folder in root.glob("*/*/*") if folder.is_dir())


def _shorten(root: Path, *, now: float) -> None:
    """Remove the oldest orders beyond the bounds, and what a killed process left half written a day ago."""
    found = []
    for file in root.glob("*/*/*/*"):
        with suppress(OSError):
            told = file.stat()
            found.append((told.st_mtime, told.st_size, file))
    room, left = MOST_BYTES, MOST_FILES
    for made, size, file in sorted(found, reverse=True):
        room, left = room - size, left - 1
        half = file.name.startswith(".")
        if (half and now - made > LEFTOVER_AFTER) or (not half and (room < 0 or left < 0)):
            file.unlink(missing_ok=True)


def used(path: Path) -> None:
    """Note that an order was used."""
    with suppress(OSError):
        os.utime(path)
