"""Where snapshots lie: takes a home and a name, gives the folders that go by it, newest first."""

from __future__ import annotations

import re
from pathlib import Path

from ladle.home import Home
from ladle.snapshots.files import MANIFEST
from ladle.snapshots.published import published
from ladle.storage.mirror import mirror_of

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")  # no file system takes a longer name than 255

_MOST = 1000
_found: dict[tuple[Path, str], Path] = {}


def folders(home: Home, *dataset: str, name: str | None = None) -> list[Path]:
    """Every folder with a manifest that matches, newest first; unfinished ones begin with a dot and are left out."""
    if not all(map(_NAME.match, [*dataset, *([] if name is None else [name])])):
        return []
    if home.mirror is not None:
        found = [each for each in published(home.mirror, home.snapshots, *dataset) if name in (None, each.name)]
    else:
        pattern = "/".join(dataset or ("*", "*"))
        found = [path.parent for path in home.snapshots.glob(f"{pattern}/{name or '*'}/{MANIFEST}")]
    return sorted((folder for folder in found if _NAME.match(folder.name)), key=lambda path: path.name, reverse=True)


def folder_of(home: Home, name: str) -> Path | None:
    """The folder of the snapshot with that id. Where it was found is remembered: a home may have thousands."""
    known = _found.get((home.snapshots, name))
    if known is not None and (known / MANIFEST).exists():
        return known
    found = next(iter(folders(home, name=name)), None)
    if found is not None:
        if len(_found) >= _MOST:
            _found.clear()
        _found[home.snapshots, name] = found
    return found


def siblings(folder: Path) -> list[Path]:
    """The folders of a dataset's snapshots, newest first, of which the given one is one."""
    mirror, dataset = mirror_of(folder), folder.parent
    if mirror is not None:
        found = published(mirror, dataset.parent.parent, dataset.parent.name, dataset.name)
    else:
        found = [path.parent for path in dataset.glob(f"*/{MANIFEST}")]
    return sorted((each for each in found if _NAME.match(each.name)), key=lambda path: path.name, reverse=True)
