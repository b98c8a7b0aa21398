"""A folder before a home on S3: takes a path in it, gives the file there, fetched where it lacks.

    path on this machine                            key on S3
    <root>/snapshots/swapi/people/<id>/data.csv  →  snapshots/swapi/people/<id>/data.<digest>.csv

Files of snapshots never change, so what is here and whole is right. Several processes share the folder: a file appears
whole, and only one process fetches it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ladle.errors import Damaged, SettingError
from ladle.storage.room import Here, going
from ladle.storage.settings import Bucket, Cache
from ladle.storage.store import Store

LARGE = ("data.csv", "data.parquet", "data.index")
"""Files of a snapshot that are removed where room is needed; profiles and manifests are small."""
MARK, MARKED = "ladle.json", b'{"format":1}'
TOUCH = 30.0
"""Seconds after which another use of a file is noted."""
_mirrors: dict[Path, Mirror] = {}
_opening = threading.Lock()


class Mirror:
    """One home on S3 and its folder on this machine."""

    def __init__(self, bucket: Bucket, cache: Cache) -> None:
        self.store, self.most = Store(bucket), cache.most
        self.root = cache.folder / bucket.folder_name
        self._checked = False

    def key(self, path: Path) -> str:
        """What a path below the folder is called on S3."""
        return path.relative_to(self.root).as_posix()

    def machine(self) -> str:
        """A name for this folder on this machine, which no other has: also not a copy of the folder on another."""
        path = self.root / "machine"
        if not path.exists():
            draft = path.with_name(f".machine.{os.getpid()}.{secrets.token_hex(3)}")
            draft.write_text(secrets.token_hex(8))
            with suppress(FileExistsError):  # another process was first
                path.hardlink_to(draft)
            draft.unlink()
        return f"{socket.gethostname()} {path.read_text()}"

    def check(self) -> None:
        """Once: see that the bucket is there and lets us in. Raises SettingError, Unreachable."""
        if not self._checked:
            if self.store.get(MARK) is None:
                self.store.put_new(MARK, MARKED)
            self._checked = True

    def ask(self) -> None:
        """See that S3 answers, lets us in and has the home. Raises SettingError, Unreachable, Damaged."""
        if self.store.get(MARK) is None:
            raise Damaged(f"There is no home any more at {self.store.bucket.address}.", hint="Is the prefix right?")

    def small(self, path: Path) -> bool:
        """Fetch a small file whose size nobody told; False where there is none."""
        if not path.exists():
            found = self.store.get(self.key(path))
            if found is None:
                return False
            with _appearing(path) as temporary:
                temporary.write_bytes(found.data)
        return True

    def file(self, path: Path, *, key: str, size: int, sha256: str, needed: bool) -> bool:
        """Have a file of a snapshot on this machine; False where there is no room for it and it is not `needed`.

        Raises Damaged where what is on S3 is not what was kept.
        """
        if is_whole(path, size):
            _used(path)
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_name(f".{path.name}.lock")):
            if is_whole(path, size):  # another process has fetched it meanwhile
                return True
            if not self._make_room(size) and not needed:
                return False
            with _appearing(path) as temporary:
                found = self.store.download(key, temporary)
                if found != sha256 or temporary.stat().st_size != size:
                    what = "is missing on S3" if found is None else "is not on S3 as it was kept"
                    raise Damaged(f"{self.store.bucket.address}/{key} {what}.", hint="Collect the dataset again.")
        return True

    def _make_room(self, coming: int) -> bool:
        """Remove what was not used for longest; False where that doesn't help."""
        gone = going(self._here(), coming=coming, most=self.most, now=time.time())
        for path in gone or ():
            path.unlink(missing_ok=True)
        return gone is not None

    def _here(self) -> Iterator[Here]:
        for path in self.root.glob("snapshots/*/*/[!.]*/data.*"):
            with suppress(OSError):
                told = path.stat()
                if path.name in LARGE:
                    yield Here(path, told.st_size, told.st_mtime)


def mirror(bucket: Bucket, cache: Cache) -> Mirror:
    """The one of this process for a home; a home that is opened with other keys gets them."""
    root = cache.folder / bucket.folder_name
    with _opening:
        known = _mirrors.get(root)
        if known is None or known.store.bucket != bucket or known.most != cache.most:
            known = _mirrors[root] = Mirror(bucket, cache)
        return known


def mirror_of(path: Path) -> Mirror | None:
    """The one whose folder a path lies in; None for a path of a home that is a folder."""
    if _mirrors:  # hardly ever, and this is asked for every page of rows
        for root, known in list(_mirrors.items()):
            if path.is_relative_to(root):
                return known
    return None


def make_folder(root: Path) -> None:
    """Make the folder of a home; raises SettingError, since LADLE_CACHE is somebody's choice."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Set LADLE_CACHE to a folder that you may write to."
        raise SettingError(f'The cache "{root.parent}" can\'t be used: {error.strerror}.', hint=hint) from error


def is_whole(path: Path, size: int) -> bool:
    """Whether a file is here with the size that it was kept with."""
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _used(path: Path) -> None:
    with suppress(OSError):
        if path.name in LARGE and time.time() - path.stat().st_mtime > TOUCH:
            os.utime(path)


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file to write, which then has its name; it is gone where the block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
