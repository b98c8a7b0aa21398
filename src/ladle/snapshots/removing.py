"""Snapshots that go: takes a snapshot's folder, removes it so that no kill leaves half of one that looks whole."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from ladle.home import sync_folder
from ladle.snapshots.files import LEFTOVER_AFTER

GONE = ".gone-"
"""How the folder of a snapshot is called from the moment that it is none any more."""
DIFFS = ".diffs"


def remove_snapshot(folder: Path) -> None:
    """Take its name away, for good, and then its files. Whoever reads one of them meanwhile reads on."""
    hidden = folder.with_name(f"{GONE}{folder.name}-{secrets.token_hex(3)}")
    folder.rename(hidden)
    sync_folder(folder.parent)  # a loss of power must not give a half-empty folder its name back
    shutil.rmtree(hidden, ignore_errors=True)


def left_behind(snapshots: Path, *, now: float) -> Iterator[Path]:
    """What killed processes left among the snapshots: half removed ones, and unfinished ones of more than a day ago."""
    yield from snapshots.glob(f"*/*/{GONE}*")
    for folder in snapshots.glob("*/*/.tmp-*"):
        if now - folder.stat().st_mtime > LEFTOVER_AFTER:
            yield folder


def diffs_of(snapshot: Path) -> Iterator[Path]:
    """What is kept of differences from and to a snapshot."""
    for name in (f"{snapshot.name}..*", f"*..{snapshot.name}-*"):
        yield from (snapshot.parent / DIFFS).glob(name)
