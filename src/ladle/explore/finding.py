"""The snapshots of a home: takes a name, gives the snapshot; or the manifests of all."""

from __future__ import annotations

from pathlib import Path

from ladle.errors import Damaged, NotFound, unknown
from ladle.explore.folders import folder_of, folders
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.snapshots.earlier import how_many_back, too_far_back
from ladle.snapshots.manifest import Manifest, read_manifest


def find(home: Home, reference: str) -> Snapshot:
    """The snapshot of an id, or the latest of a dataset (`swapi/people`); raises NotFound, or Damaged.

    `swapi/people~1` is the one before the latest, `~2` the one before that.
    """
    by_dataset = "/" in reference
    if not by_dataset and (folder := folder_of(home, reference)) is not None:
        return Snapshot(folder, read_manifest(folder))
    dataset, _, back = reference.partition("~")
    parts = dataset.split("/")
    found = folders(home, *parts) if len(parts) == 2 else []
    if found and dataset != reference:
        return _earlier(found, reference, back)
    if found:
        return Snapshot(found[0], read_manifest(found[0]))
    kept = folders(home)
    datasets = {f"{folder.parent.parent.name}/{folder.parent.name}": None for folder in kept}
    known = list(datasets) if by_dataset else [folder.name for folder in kept]
    kind = "snapshot of" if by_dataset else "snapshot"
    raise NotFound(unknown(kind, reference, known), hint="" if known else "Collect a dataset first.")


def _earlier(kept: list[Path], reference: str, back: str) -> Snapshot:
    """The snapshot so many before the latest; `kept` are all of the dataset, newest first."""
    number = how_many_back(reference, back)
    if number >= len(kept):
        raise too_far_back(reference, len(kept))
    return Snapshot(kept[number], read_manifest(kept[number]))


def snapshot_ids(home: Home) -> set[str]:
    """The ids of all snapshots; only names are read, so one may yet be damaged."""
    return {folder.name for folder in folders(home)}


def all_snapshots(home: Home, *, dataset: str | None = None) -> list[Manifest]:
    """The manifests of all snapshots, or of one dataset's, newest first. Foreign and damaged folders are left out."""
    found: list[Manifest] = []
    for folder in folders(home):
        try:
            manifest = read_manifest(folder)
        except Damaged:
            continue
        if manifest.id == folder.name and dataset in (None, manifest.name):
            found.append(manifest)
    return sorted(found, key=lambda manifest: manifest.id, reverse=True)
