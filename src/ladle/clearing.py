"""Making room in a home: takes what is set and what definitions say, removes what need not be kept, tells what it was.

    snapshots beyond a dataset's `keep` · journals of runs that ended long ago · what killed processes left behind ·
    orders, counts and differences of snapshots that are gone

It may be killed at any moment, and run at any time, beside whatever goes on in the home.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

from ladle.allotted import Allotted
from ladle.collect.journal import segments
from ladle.collect.progress import ENDED, Progress
from ladle.errors import LadleError
from ladle.explore.cache import FOLDER, orphans
from ladle.explore.finding import all_snapshots
from ladle.home import Home, is_id
from ladle.journals import outdated_journals, remove_journal_of
from ladle.retention import Dated, Retention, read_retention, surplus
from ladle.snapshots.files import LEFTOVER_AFTER
from ladle.snapshots.manifest import Manifest
from ladle.snapshots.removing import diffs_of, left_behind, remove_snapshot

ORPHAN = "its snapshot is gone"
Kind = Literal["snapshot", "journal", "leftover", "cache"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One thing that is removed."""

    kind: Kind
    path: Path
    """Of a journal: its run's folder, of which the rest stays."""
    bytes: int
    why: str
    """As people say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What was removed, or would be."""

    dry: bool
    """Nothing was touched."""
    going: tuple[Going, ...]
    notes: tuple[str, ...] = ()
    """What was left alone although it could go, and why, in words."""

    @property
    def bytes(self) -> int:
        """Of all of it."""
        return sum(each.bytes for each in self.going)


def clear(
    home: Home | str | Path | None = None,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
    env: Mapping[str, str] = os.environ,
) -> Cleared:
    """Remove what need not be kept; with `dry_run` only say what that is. Raises SettingError.

    Without `keep` in a definition, LADLE_KEEP and LADLE_JOURNAL_DAYS that is what nobody can use any more.
    """
    place = home if isinstance(home, Home) else Home.open(home, env=env)
    now, retention = now or datetime.now(UTC), read_retention(env)
    notes: list[str] = []
    going: dict[Path, Going] = {}
    for each in _going(place, retention, notes, now=now, env=env):
        if each.path not in going and (dry_run or _remove(place, each, now=now)):
            going[each.path] = each
    return Cleared(dry=dry_run, going=tuple(going.values()), notes=tuple(notes))


def _going(
    home: Home, retention: Retention, notes: list[str], *, now: datetime, env: Mapping[str, str]
) -> Iterator[Going]:
    """Everything, in an order in which each goes before what depends on it."""
    yield from _snapshots(home, retention, notes, now=now, env=env)
    why = f"its run ended more than {retention.journal_days} days ago"
    for folder in outdated_journals(home, days=retention.journal_days, now=now.timestamp()):
        yield Going(kind="journal", path=folder, bytes=sum(map(_share, segments(folder))), why=why)
    yield from _leftovers(home, now=now.timestamp())
    for folder in orphans(home.path / FOLDER):
        yield Going(kind="cache", path=folder, bytes=_size(folder), why=ORPHAN)


def _snapshots(
    home: Home, retention: Retention, notes: list[str], *, now: datetime, env: Mapping[str, str]
) -> Iterator[Going]:
    """Those that no dataset keeps, each with what is kept of its differences from others."""
    allotted = Allotted(home, usual=retention.keep, env=env)
    kept = sorted(all_snapshots(home), key=lambda each: each.name)
    for (source, dataset), group in groupby(kept, key=lambda each: (each.source, each.dataset)):
        try:
            keep = allotted.to(source, dataset)
        except LadleError as error:
            notes.append(f"The snapshots of {source}/{dataset} are left alone: {error.message}")
            continue
        # A file of one's own can't be collected again.
        taken = [_dated(each) for each in group if each.imported is None and not _is_being_made(home, each)]
        for name in surplus(taken, keep=keep, now=now):
            folder = home.snapshots / source / dataset / name
            yield Going(kind="snapshot", path=folder, bytes=_size(folder), why=f"{source}/{dataset} keeps {keep.text}")
            orders = home.path / FOLDER / source / dataset / name
            for path in (*diffs_of(folder), *([orders] if orders.exists() else [])):
                yield Going(kind="cache", path=path, bytes=_size(path), why=ORPHAN)


def _dated(manifest: Manifest) -> Dated:
    return Dated(id=manifest.id, finished=manifest.finished, complete=manifest.complete)


def _is_being_made(home: Home, manifest: Manifest) -> bool:
    """Whether the run that has just published it has not told so yet."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return Progress.from_json((home.runs / manifest.run / "progress.json").read_bytes()).state not in ENDED
    return False


def _leftovers(home: Home, *, now: float) -> Iterator[Going]:
    """What killed processes left behind."""
    why = "a process that was killed left it"
    for path in (*left_behind(home.snapshots, now=now), *_runs_left(home, now=now)):
        yield Going(kind="leftover", path=path, bytes=_size(path), why=why)


def _runs_left(home: Home, *, now: float) -> Iterator[Path]:
    """Runs that were never begun, and files that were never given their names, of more than a day ago."""
    for folder in home.runs.iterdir():
        if not is_id(folder.name):
            continue
        for path in [folder] if not (folder / "run.json").exists() else folder.glob(".*.json.*"):
            with suppress(FileNotFoundError):
                if now - path.stat().st_mtime > LEFTOVER_AFTER:
                    yield path


def _remove(home: Home, going: Going, *, now: datetime) -> bool:
    """Whether it is gone. What can't be removed stays for the next time."""
    try:
        if going.kind == "snapshot":
            remove_snapshot(going.path)
        elif going.kind == "journal":
            return remove_journal_of(home, going.path, now=now)
        elif going.path.is_dir():
            shutil.rmtree(going.path)
        else:
            going.path.unlink()
    except OSError:  # another process was first, or we may not
        return not going.path.exists()
    return True


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(map(_share, files))


def _share(file: Path) -> int:
    """Bytes that are freed with a file; a run that continues another has the same segments by links."""
    with suppress(OSError):
        told = file.stat()
        return told.st_size // told.st_nlink
    return 0
