"""Snapshots of a home on S3: takes a finished folder, puts it there whole or not at all, and knows what is there.

    snapshots/datasets.json                         the datasets that have snapshots: ["swapi/people"]
    snapshots/<source>/<dataset>/series.json        the ids of a dataset's snapshots
    snapshots/<source>/<dataset>/<id>/manifest.json put last, and only where there is none
    …/<id>/data.<digest>.csv                        and the other files, by what they hold

A file's key names its bytes. So two that publish the same snapshot at once don't harm each other, whatever each has
built, and a manifest always leads to the very files that it was written for. A snapshot is one when its series says so.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ladle.errors import Damaged, Unreachable
from ladle.home import is_id
from ladle.snapshots.manifest import NAME, KeptFile, Manifest, read_manifest
from ladle.storage.lists import add_name, names_in, remove_name
from ladle.storage.mirror import Mirror, is_whole, mirror_of
from ladle.storage.store import Store

AT_ONCE = 8
"""Series that are asked for at the same time: each may take 20 ms."""
DATASETS, SERIES = "snapshots/datasets.json", "series.json"


def key_of(mirror: Mirror, folder: Path, name: str, kept: KeptFile) -> str:
    """What a file of a snapshot is called on S3: `snapshots/swapi/people/<id>/data.3f2a9c1e5b6d7788.csv`."""
    plain = PurePosixPath(name)
    return f"{mirror.key(folder)}/{plain.stem}.{kept.sha256[:16]}{plain.suffix}"


def here(folder: Path, name: str, manifest: Manifest, *, needed: bool) -> bool:
    """Have one of a snapshot's files on this machine; False where it is too large for that and not `needed`.

    True for a home that is a folder, whatever lies there.
    """
    mirror = mirror_of(folder)
    if mirror is None:
        return True
    kept = manifest.files[name]
    key = key_of(mirror, folder, name, kept)
    return mirror.file(folder / name, key=key, size=kept.size, sha256=kept.sha256, needed=needed)


@dataclass(frozen=True, slots=True)
class There:
    """A snapshot's file that is read on S3."""

    store: Store
    home: str
    """The name of the home's folder on this machine."""
    key: str
    size: int


def there(folder: Path, name: str, manifest: Manifest) -> There | None:
    """Where a snapshot's file lies on S3, if it is to be read there: None where it is on this machine, and whole."""
    mirror = mirror_of(folder)
    if mirror is None or is_whole(folder / name, manifest.files[name].size):
        return None
    kept = manifest.files[name]
    return There(mirror.store, mirror.root.name, key_of(mirror, folder, name, kept), kept.size)


def is_published(folder: Path) -> bool:
    """Whether a snapshot is there, or all but: a process that ends between the manifest and the series leaves this."""
    mirror = mirror_of(folder)
    if mirror is None:
        return (folder / NAME).exists()
    return mirror.store.get(mirror.key(folder / NAME)) is not None


def upload(mirror: Mirror, temporary: Path, final: Path) -> bool:
    """Put a finished folder on S3, and give it its name; False when somebody else published that snapshot first."""
    manifest = read_manifest(temporary)
    for name, kept in manifest.files.items():
        mirror.store.upload(key_of(mirror, final, name, kept), temporary / name)
    ours = mirror.store.put_new(mirror.key(final / NAME), (temporary / NAME).read_bytes())
    announce(mirror, final)
    if ours:
        shutil.rmtree(final, ignore_errors=True)  # of an attempt that was given up
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(final)
    else:
        _remove_foreign(mirror, final, manifest)
    return ours


def announce(mirror: Mirror, final: Path) -> None:
    """Say that a snapshot whose manifest is there is one; harmless when that was said."""
    dataset = final.parent
    add_name(mirror.store, mirror.key(dataset / SERIES), final.name)
    add_name(mirror.store, DATASETS, f"{dataset.parent.name}/{dataset.name}")


def discard(mirror: Mirror, final: Path) -> None:
    """Remove what an attempt to publish has left; to be called by who holds the run. A snapshot that is there stays."""
    if is_published(final):
        return
    mirror.store.delete(*mirror.store.left(mirror.key(final)))
    shutil.rmtree(final, ignore_errors=True)


def withdraw(mirror: Mirror, final: Path) -> None:
    """Remove a snapshot for good: it is none any more before its first file goes. Its manifest is the last."""
    remove_name(mirror.store, mirror.key(final.parent / SERIES), final.name)
    named: set[str] = set()
    with suppress(Damaged):
        named = {key_of(mirror, final, name, kept) for name, kept in read_manifest(final).files.items()}
    last = mirror.key(final / NAME)
    mirror.store.delete(*sorted({*named, *mirror.store.left(mirror.key(final))} - {last}), last)
    shutil.rmtree(final, ignore_errors=True)


def adrift(mirror: Mirror, snapshots: Path, *, before: float) -> dict[Path, int]:
    """Folders on S3 that are no snapshots and in which nothing was put since `before`, each with its bytes.

    Imports and publications that were killed left them, or removals.
    """
    newest: dict[Path, float] = {}
    sizes: dict[Path, int] = {}
    for each in mirror.store.listed(mirror.key(snapshots)):
        folder = (mirror.root / each.key).parent
        if is_id(folder.name):
            newest[folder] = max(each.changed, newest.get(folder, 0.0))
            sizes[folder] = sizes.get(folder, 0) + each.size
    there = set(published(mirror, snapshots)) if newest else set()
    return {folder: sizes[folder] for folder, at in newest.items() if at < before and folder not in there}


def published(mirror: Mirror, snapshots: Path, *dataset: str) -> list[Path]:
    """The folders of all snapshots, or of one dataset's; their files need not be here."""
    names = ["/".join(dataset)] if dataset else names_in(mirror.store, DATASETS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        series = pool.map(lambda name: names_in(mirror.store, mirror.key(snapshots / name / SERIES)), names)
        return [snapshots / name / each for name, ids in zip(names, series, strict=True) for each in ids]


def _remove_foreign(mirror: Mirror, final: Path, manifest: Manifest) -> None:
    """The files that we have put there and that the manifest of who was first does not name."""
    winner = read_manifest(final)
    named = {key_of(mirror, final, name, kept) for name, kept in winner.files.items()}
    ours = {key_of(mirror, final, name, kept) for name, kept in manifest.files.items()}
    with suppress(Unreachable):  # they are in nobody's way
        mirror.store.delete(*(ours - named))
