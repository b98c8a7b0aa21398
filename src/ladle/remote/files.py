"""A server's files on this machine: takes a snapshot's manifest, gives its CSV or Parquet, fetched once and checked.

They lie in a folder of this process's, which is gone at its end: `export` writes what is to stay.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ladle.errors import Damaged
from ladle.home import write_whole
from ladle.remote.door import pieces, place
from ladle.remote.server import Server
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest

Kind = Literal["csv", "parquet"]
NAMES: dict[str, str] = {"csv": CSV, "parquet": PARQUET}


class _Root:
    """Where a process keeps what it fetches; who made the folder removes it."""

    def __init__(self) -> None:
        self.path, self.of = Path(tempfile.gettempdir()) / f"ladle-{secrets.token_hex(8)}", os.getpid()

    def make(self) -> None:
        """Have the folder."""
        with suppress(FileExistsError):  # another thread was first
            self.path.mkdir(mode=0o700)
            atexit.register(self._remove)

    def _remove(self) -> None:
        if self.of == os.getpid():  # a child that was forked ends in the same way, and its parent reads on
            shutil.rmtree(self.path, ignore_errors=True)


_roots = [_Root()]


def _root() -> _Root:
    """A process that was forked reads what its parent has; where that has nothing, its own folder has another name."""
    if _roots[0].of != os.getpid() and not _roots[0].path.exists():
        _roots[0] = _Root()
    return _roots[0]


def as_kind(kind: str) -> Kind | None:
    """A file that a server gives; None for another."""
    found: dict[str, Kind] = {"csv": "csv", "parquet": "parquet"}
    return found.get(kind)


def folder_of(server: Server, manifest: Manifest) -> Path:
    """Where a snapshot's files would lie; nothing is there until one is fetched."""
    return _root().path / hashlib.sha256(server.address.encode()).hexdigest()[:16] / manifest.id


def fetched(server: Server, manifest: Manifest, kind: Kind) -> Path:
    """The file, on this machine; raises Damaged where it is not the one that was kept."""
    path = folder_of(server, manifest) / NAMES[kind]
    if not path.exists():
        _root().make()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, kept(server, manifest, kind), durable=False)
    return path


def kept(server: Server, manifest: Manifest, kind: Kind) -> Iterator[bytes]:
    """The file's bytes as they come; raises Damaged at their end where they are not those that were kept."""
    return _held_against(manifest, NAMES[kind], pieces(server, path_of(manifest.id, kind)))


def path_of(snapshot: str, kind: str) -> str:
    """The address of a download."""
    return place("snapshots", snapshot, f"download.{kind}")


def _held_against(manifest: Manifest, name: str, found: Iterator[bytes]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for piece in found:
        digest.update(piece)
        yield piece
    if digest.hexdigest() != manifest.files[name].sha256:
        raise Damaged(f"The {name} of {manifest.id} that came is not the one that was kept.", hint="Ask again.")
