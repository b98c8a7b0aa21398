"""A home elsewhere: takes two homes, gives the second all that the first has and it lacks; the first stays as it is.

Both may be folders, and both may lie on S3. What is there already is passed over: a copy that was ended goes on, and
one that is made again brings what is new. A snapshot keeps its id and appears whole; of a run the file that makes it
one comes last.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ladle.collect import shared
from ladle.collect.removed import NOTE
from ladle.collect.segment import name_of, named, segments
from ladle.errors import Damaged
from ladle.explore.folders import folders
from ladle.home import Home, write_whole
from ladle.run import Run
from ladle.run_file import FUNCTIONS
from ladle.runs import open_run, run_ids
from ladle.snapshots.files import MANIFEST, keep, publish, remove_leftovers, unfinished
from ladle.snapshots.manifest import read_manifest
from ladle.snapshots.published import here
from ladle.sources import store

_SAID = (shared.PROGRESS, shared.ANSWERS, NOTE)
"""Small files of a run that go along; a wish is for whoever drives it where it is."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many snapshots, runs and sources came new; `left` says of everything else that was not copied, why."""

    snapshots: int
    runs: int
    sources: int
    left: tuple[str, ...]


def copy(home: Home, to: Home) -> Copied:
    """Bring `to` all sources of one's own, snapshots and runs that it lacks, and the quota ledger where it has none.

    A run that somebody drives at this moment, and what is damaged, is left and told. Raises Unreachable, and Damaged
    where a source's version, or the quota ledger, is none any more.
    """
    left: list[str] = []
    if not to.ledger.exists() and home.ledger.exists():
        _copy_ledger(home.ledger, to.ledger)
    sources = sum(_told(_copy_source(home, to, name), left) for name in store.all_names(home))
    there = {folder.name for folder in folders(to)}
    new = [folder for folder in reversed(folders(home)) if folder.name not in there]
    snapshots = sum(_told(_copy_snapshot(folder, home, to), left) for folder in new)
    runs = sum(_told(_copy_run(home, to, id), left) for id in sorted(run_ids(home) - run_ids(to)))
    return Copied(snapshots, runs, sources, tuple(left))


def _told(why_not: str | None, left: list[str]) -> bool:
    """Whether it was copied: then there is nothing to say of it."""
    if why_not:
        left.append(why_not)
    return why_not is None


def _copy_ledger(ledger: Path, to: Path) -> None:
    """Requests of the last while count there too. By SQLite itself: another process may be writing."""
    temporary = to.with_name(f".{to.name}.copy")
    temporary.unlink(missing_ok=True)  # of a copy that was killed
    try:
        with closing(sqlite3.connect(ledger)) as before, closing(sqlite3.connect(temporary)) as after:
            before.backup(after)
    except sqlite3.Error as error:
        temporary.unlink(missing_ok=True)
        hint = f"Remove {ledger} if it is damaged: then the quotas of this home are counted anew."
        raise Damaged(f"The quota ledger {ledger} can't be copied: {error}.", hint=hint) from error
    temporary.rename(to)


def _copy_source(home: Home, to: Home, name: str) -> str | None:
    """All versions under their numbers; "" where they are there."""
    versions = store.versions(home, name)
    if name in store.all_names(to):
        have = len(store.versions(to, name))
        return f"The source {name} has {have} versions there and {len(versions)} here." if have < len(versions) else ""
    for version in reversed(versions):
        store.take(to, version)  # the newest is the last, and goes by the name
    if not any(version.current for version in versions):
        store.remove(to, name)
    return None


def _copy_snapshot(folder: Path, home: Home, to: Home) -> str | None:
    """The very files, held against their digests."""
    final = to.snapshots / folder.relative_to(home.snapshots)
    remove_leftovers(final.parent, now=time.time())
    try:
        manifest = read_manifest(folder)
        with unfinished(final) as temporary:
            for name, kept in manifest.files.items():
                here(folder, name, manifest, needed=True)
                shutil.copyfile(folder / name, temporary / name)
                if keep(temporary / name) != kept:
                    raise Damaged(f'"{folder / name}" is not what was kept.')
            shutil.copyfile(folder / MANIFEST, temporary / MANIFEST)
            publish(temporary, final)
    except (Damaged, FileNotFoundError) as error:
        return f"The snapshot {folder.name} is left out: {error}"
    return None


def _copy_run(home: Home, to: Home, id: str) -> str | None:
    """What it was asked for, what was said of it, and its journal."""
    try:
        run = open_run(home, id)
        with run.held() as ours:
            if not ours:
                return f"The run {id} is being driven: copy again when it has ended."
            _fill(run, to.runs / id)
    except (Damaged, FileNotFoundError) as error:
        return f"The run {id} is left out: {error}"
    return None


def _fill(run: Run, folder: Path) -> None:
    shared.fetch_journal(run.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _SAID:
        if (run.folder / name).exists() or shared.fetch(run.folder, name):
            write_whole(folder / name, (run.folder / name).read_bytes())
            shared.put(folder, name)
    for segment, name in _segments(run.folder):
        shutil.copyfile(segment, folder / name)
    if (run.folder / FUNCTIONS).is_dir():
        shutil.copytree(run.folder / FUNCTIONS, folder / FUNCTIONS, dirs_exist_ok=True)
    write_whole(folder / shared.RUN, (run.folder / shared.RUN).read_bytes())
    shared.share(folder, functions=FUNCTIONS)


def _segments(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each with the name that it has in a row of many, as a home on S3 wants it; the order stays."""
    for segment in segments(folder):
        name = named(segment)
        yield segment, name_of(name.row, name.number)
