"""Snapshots that go: takes a snapshot's folder, removes it so that no kill leaves half of one that looks whole.

Of a home on S3 the snapshot goes there, and its copy on this machine; copies on others go when they make room.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ladle.home import is_id, sync_folder
from ladle.snapshots.files import LEFTOVER_AFTER
from ladle.snapshots.published import published, withdraw
from ladle.storage.mirror import mirror_of

GONE = ".gone-"
"""How the folder of a snapshot is called from the moment that it is none any more."""
DIFFS = ".diffs"


def remove_snapshot(folder: Path) -> None:
    """Take its name away, for good, and then its files. Whoever reads one of them meanwhile reads on."""
    mirror = mirror_of(folder)
    if mirror is not None:
        withdraw(mirror, folder)
        return
    hidden = folder.with_name(f"{GONE}{folder.name}-{secrets.token_hex(3)}")
    folder.rename(hidden)
    sync_folder(folder.parent)  # a loss of power must not give a half-empty folder its name back
    shutil.rmtree(hidden, ignore_errors=True)


def left_behind(snapshots: Path, *, now: float) -> Iterator[Path]:
    """What killed processes left among the snapshots: half removed ones, and unfinished ones of more than a day ago."""
    yield from snapshots.glob(f"*/*/{GONE}*")
    for folder in snapshots.glob("*/*/.tmp-*"):
        with suppress(FileNotFoundError):  # another process was first
            if now - folder.stat().st_mtime > LEFTOVER_AFTER:
                yield folder


def copies_left(snapshots: Path) -> Iterator[Path]:
    """Copies on this machine of snapshots that are gone from S3."""
    mirror = mirror_of(snapshots)
    if mirror is None:
        return
    here = [folder for folder in snapshots.glob("*/*/*") if is_id(folder.name)]
    there = set(published(mirror, snapshots))  # asked afterwards: a snapshot is announced before it is named here
    yield from (folder for folder in here if folder not in there)


def diffs_of(snapshot: Path) -> Iterator[Path]:
    """What is kept of differences from and to a snapshot."""
    for name in (f"{snapshot.name}..*", f"*..{snapshot.name}-*"):
        yield from (snapshot.parent / DIFFS).glob(name)
