"""A file on S3 to be read as one: takes an object's key and size, gives a file, or a file system for DuckDB.

DuckDB reads Parquet through any file system of fsspec, with all that it does for files: it reads the columns that are
asked for, skips row groups, numbers the rows. So every question is the same SQL wherever the table lies.
"""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ladle.errors import Damaged, SettingError
from ladle.storage.store import Store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PROTOCOL = "ladle"


class ObjectFile(io.RawIOBase):
    """An object that never changes, read where it is asked for; a read is a request.

    DuckDB's threads share a file, and each seeks before it reads: so each has a place of its own.
    """

    def __init__(self, store: Store, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self.size, self._place = store, key, size, threading.local()

    @property
    def _at(self) -> int:
        """Where this thread's next read begins."""
        return getattr(self._place, "at", 0)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As every file does."""
        self._place.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes at once, fewer only at the end."""
        end = self.size if size is None or size < 0 else min(self.size, self._at + size)
        if end <= self._at:
            return b""
        found = self._store.ranges(self._key, [(self._at, end)])
        if found is None or len(found[0]) != end - self._at:
            raise Damaged(f"{self._key} is missing on S3.", hint="Collect the dataset again.")
        self._place.at = end
        return found[0]

    def readinto(self, buffer: Any) -> int:
        """The same into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def address(root: str, key: str = "", size: int = 0) -> str:
    """An object as DuckDB is asked for it: its size goes along, since asking for it is a request. No key: them all."""
    return f"{PROTOCOL}://{root}/{size}/{key}" if key else f"{PROTOCOL}://{root}/"


def file_system(store: Store, root: str) -> AbstractFileSystem:
    """The addresses that `address` gave for a store, as a file system that can only be read."""
    try:
        from fsspec import AbstractFileSystem  # here, since homes in folders do without it
    except ImportError as error:
        hint = "Install it: pip install 'ladle[s3]'."
        raise SettingError("Large tables on S3 need fsspec, which is not installed.", hint=hint) from error

    class Files(AbstractFileSystem):  # type: ignore[misc]  # fsspec brings no types
        protocol = PROTOCOL
        cachable = False

        def open(self, path: str, mode: str = "rb", **_: Any) -> ObjectFile:
            if "w" in mode or "a" in mode or "+" in mode:
                raise PermissionError("Snapshots are only read.")
            size, key = _parts(path, root)
            return ObjectFile(store, key, size)

        def info(self, path: str, **_: Any) -> dict[str, Any]:
            return {"name": path, "size": _parts(path, root)[0], "type": "file"}

        def exists(self, path: str, **_: Any) -> bool:
            return True

        def glob(self, path: str, **_: Any) -> list[str]:
            return [path]

        def modified(self, path: str) -> datetime:
            return datetime.fromtimestamp(0, UTC)  # objects never change: what was read of one once is right

    return Files()


def _parts(path: str, root: str) -> tuple[int, str]:
    size, _, key = path.removeprefix(f"{PROTOCOL}://").removeprefix(f"{root}/").partition("/")
    return int(size), key
