"""Is a kept file whole, and where is it read? Takes its path and the manifest; fetches it where it lies on S3.

A home that is a folder has its files there. Of a home on S3 they are fetched when they are asked for; a table that is
larger than the cache has room for is read on S3 itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ladle.errors import Damaged
from ladle.snapshots.files import PARQUET, keep
from ladle.snapshots.manifest import Manifest, read_manifest
from ladle.snapshots.published import There, here, there
from ladle.storage.files import ObjectFile, address
from ladle.storage.mirror import mirror_of

PIECE = 1 << 18
REMEDY = "Collect the dataset again, or take the snapshot from a backup."


def check_size(path: Path, manifest: Manifest) -> None:
    """Raises Damaged unless the file has the size that the manifest tells, or is one to be read on S3."""
    if here(path.parent, path.name, manifest, needed=False):
        _check(path, manifest)


def check_there(path: Path, manifest: Manifest) -> None:
    """The same without fetching anything: what lies on S3 is streamed from there, and checked as it comes."""
    if there(path.parent, path.name, manifest) is None:
        _check(path, manifest)


def whole(path: Path, manifest: Manifest) -> Path:
    """The same file, on this machine whatever its size: for who can read it from nowhere else."""
    here(path.parent, path.name, manifest, needed=True)
    _check(path, manifest)
    return path


def remedy(path: Path) -> str:
    """What to do about a file that can't be read: to ask again, where it is a copy of what is whole on S3."""
    return "Ask again: the copy on this machine was damaged, and is fetched anew." if removed(path) else REMEDY


def removed(path: Path) -> bool:
    """Whether a file was a copy from S3 that is not what was kept any more; it is removed then."""
    if mirror_of(path) is None or not path.is_file():
        return False
    kept = read_manifest(path.parent).files.get(path.name)
    if kept is None or keep(path) == kept:
        return False
    path.unlink(missing_ok=True)
    return True


def readable(path: Path) -> Any:
    """What Arrow reads the file from: its path, or a file on S3; `check_size` comes before."""
    import pyarrow as pa

    found = _there(path)
    return path if found is None else pa.PythonFile(ObjectFile(found.store, found.key, found.size), mode="r")


def asked_as(path: Path) -> str:
    """What DuckDB reads the file from: its path, or an address on S3; `check_size` comes before."""
    found = _there(path)
    return str(path) if found is None else address(found.home, found.key, found.size)


def _there(path: Path) -> There | None:
    """None for a file that is no snapshot's, too."""
    if mirror_of(path) is None or path.name != PARQUET:
        return None
    return there(path.parent, path.name, read_manifest(path.parent))


def pieces(path: Path, manifest: Manifest, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The file's bytes from `start` up to `end`, streamed from where it lies; raises Damaged where there are fewer."""
    left = (manifest.files[path.name].size if end is None else end) - start
    lies = there(path.parent, path.name, manifest)
    found = _pieces_here(path, start, left) if lies is None else lies.store.pieces(lies.key, start, start + left)
    for piece in found:
        left -= len(piece)
        yield piece
    if left:
        raise Damaged(f'"{path}" ended {left:,} bytes too early.', hint=REMEDY)


def _pieces_here(path: Path, start: int, left: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _check(path: Path, manifest: Manifest) -> None:
    size = path.stat().st_size if path.is_file() else None
    if size != manifest.files[path.name].size:
        found = "is missing" if size is None else f"has {size:,} bytes instead of {manifest.files[path.name].size:,}"
        raise Damaged(f'"{path}" {found}.', hint=REMEDY)
