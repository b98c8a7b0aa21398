"""Making room in a home: takes what is set and what definitions say, removes what need not be kept, tells what it was.

    snapshots beyond a dataset's `keep` · journals of runs that ended long ago · what killed processes left behind ·
    orders, counts and differences of snapshots that are gone

It may be killed at any moment, and run at any time, beside whatever goes on in the home. Of a home on S3 the first
three go there and here; copies on other machines go when those make room.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Literal

from ladle.allotted import Allotted
from ladle.collect.progress import ENDED
from ladle.collect.shared import RUN
from ladle.errors import LadleError, NotFound
from ladle.explore.cache import FOLDER, orphans
from ladle.explore.finding import all_snapshots
from ladle.home import Home, home_in, is_id
from ladle.journals import half_removed, outdated_journals, remove_journal_of, size_of
from ladle.retention import Dated, Retention, read_retention, surplus
from ladle.runs import open_run, progress_of, run_ids
from ladle.snapshots.files import LEFTOVER_AFTER
from ladle.snapshots.manifest import Manifest
from ladle.snapshots.published import adrift, published
from ladle.snapshots.removing import copies_left, diffs_of, left_behind, remove_snapshot

ORPHAN, KILLED = "its snapshot is gone", "a process that was killed left it"
Kind = Literal["snapshot", "journal", "leftover", "cache"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One thing that is removed."""

    kind: Kind
    path: Path
    """Of a journal: its run's folder, of which the rest stays. Of what lies on S3 alone: where it would lie here."""
    bytes: int
    why: str
    """As people say it."""
    on_s3: bool = False


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
    only_here: bool = False,
    now: datetime | None = None,
    env: Mapping[str, str] = os.environ,
) -> Cleared:
    """Remove what need not be kept; with `dry_run` only say what that is. Raises SettingError, Unreachable.

    Without `keep` in a definition, LADLE_KEEP and LADLE_JOURNAL_DAYS that is what nobody can use any more. With
    `only_here` it is what lies on this machine of a home on S3 and is gone there.
    """
    place = home_in(home, env=env)
    now, retention = now or datetime.now(UTC), read_retention(env)
    notes: list[str] = []
    going: dict[Path, Going] = {}
    shared = () if only_here else _of_all(place, retention, notes, now=now, env=env)
    for each in chain(shared, _of_this_machine(place, now=now.timestamp())):
        if each.path not in going and (dry_run or _remove(place, each, now=now)):
            going[each.path] = each
    return Cleared(dry=dry_run, going=tuple(going.values()), notes=tuple(notes))


def _of_all(
    home: Home, retention: Retention, notes: list[str], *, now: datetime, env: Mapping[str, str]
) -> Iterator[Going]:
    """What goes for all machines, in an order in which each goes before what depends on it."""
    yield from _snapshots(home, retention, notes, now=now, env=env)
    why = f"its run ended more than {retention.journal_days} days ago"
    for folder in outdated_journals(home, days=retention.journal_days, now=now.timestamp()):
        yield Going(kind="journal", path=folder, bytes=size_of(folder), why=why)
    if home.mirror is not None:
        for folder, size in adrift(home.mirror, home.snapshots, before=now.timestamp() - LEFTOVER_AFTER).items():
            if not _is_going_on(home, folder.name):
                yield Going(kind="leftover", path=folder, bytes=size, why=KILLED, on_s3=True)


def _of_this_machine(home: Home, *, now: float) -> Iterator[Going]:
    """What nobody can use any more of what lies here."""
    for folder in half_removed(home):
        yield Going(kind="journal", path=folder, bytes=size_of(folder), why="it was removed, but for this rest")
    for path in (*left_behind(home.snapshots, now=now), *_runs_left(home, now=now)):
        yield Going(kind="leftover", path=path, bytes=_size(path), why=KILLED)
    for folder in copies_left(home.snapshots):
        yield Going(kind="cache", path=folder, bytes=_size(folder), why=ORPHAN)
    for folder in orphans(home.path / FOLDER):  # of the copies, too
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
        taken = {each.id: each for each in group if each.imported is None and not _is_going_on(home, each.run)}
        for name in surplus([_dated(each) for each in taken.values()], keep=keep, now=now):
            folder, why = home.snapshots / source / dataset / name, f"{source}/{dataset} keeps {keep.text}"
            size = _size(folder) if home.mirror is None else sum(file.size for file in taken[name].files.values())
            yield Going(kind="snapshot", path=folder, bytes=size, why=why)
            orders = home.path / FOLDER / source / dataset / name
            for path in (*diffs_of(folder), *([orders] if orders.exists() else [])):
                yield Going(kind="cache", path=path, bytes=_size(path), why=ORPHAN)


def _dated(manifest: Manifest) -> Dated:
    return Dated(id=manifest.id, finished=manifest.finished, complete=manifest.complete)


def _is_going_on(home: Home, run: str) -> bool:
    """Whether a run may yet publish its snapshot, or has just published it and not told so yet."""
    progress = progress_of(home, run)
    return progress is not None and progress.state not in ENDED


def _runs_left(home: Home, *, now: float) -> Iterator[Path]:
    """Runs that were never begun, and files that were never given their names, of more than a day ago."""
    known = run_ids(home) if home.mirror is not None else set()  # a run from elsewhere need not be whole here
    for folder in home.runs.iterdir():
        if not is_id(folder.name) or folder.name in known:
            continue
        for path in [folder] if not (folder / RUN).exists() else folder.glob(".*.json.*"):
            with suppress(FileNotFoundError):
                if now - path.stat().st_mtime > LEFTOVER_AFTER:
                    yield path


def _remove(home: Home, going: Going, *, now: datetime) -> bool:
    """Whether it is gone. What can't be removed stays for the next time."""
    try:
        if going.on_s3:
            return _remove_adrift(home, going.path)
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


def _remove_adrift(home: Home, folder: Path) -> bool:
    """Remove what is on S3 of no snapshot, while nobody drives its run, if it is a run's."""
    with _held(home, folder.name) as ours:
        if not ours or home.mirror is None or folder in published(home.mirror, home.snapshots, *folder.parts[-3:-1]):
            return False
        remove_snapshot(folder)
        return True


def _held(home: Home, run: str) -> AbstractContextManager[bool]:
    """Hold a run, where there is such a run: imports have none."""
    try:
        return open_run(home, run).held()
    except NotFound:
        return nullcontext(True)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; what another process removes meanwhile has none."""
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return _share(path) if path.is_file() else sum(map(_share, below))


def _share(file: Path) -> int:
    """Bytes that are freed with a file; a run that continues another has the same segments by links."""
    with suppress(OSError):
        told = file.stat()
        return told.st_size // told.st_nlink
    return 0
