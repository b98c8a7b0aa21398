"""The CSV's sparse row index: takes where every hundredth row begins, gives the bytes that hold any range of rows.

    magic, 8 bytes · length of the header, uint32 · header, JSON {rows, every, size, sha256} · offsets, uint64 each

All numbers are little-endian. Offset i is where row i * every begins; the last one is the CSV's size. Looking up a
range reads two offsets, however long the file is.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from ladle.errors import Damaged
from ladle.snapshots.remembered import remembered

MAGIC = b"LADLEIX1"
EVERY = 100
_LENGTH = struct.Struct("<I")
_OFFSET = struct.Struct("<Q")
_REMEDY = "Collect the dataset again, or take the snapshot from a backup."


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end` of a CSV hold the wanted rows, behind `skip` others."""

    start: int
    end: int
    skip: int


@dataclass(frozen=True, slots=True)
class Index:
    """A row index as it was opened: the CSV's rows, size in bytes and checksum, and where the offsets begin."""

    path: Path
    rows: int
    every: int
    size: int
    sha256: str
    begin: int

    def span(self, offset: int, *, limit: int) -> Span:
        """The bytes of rows `offset` to `offset + limit`, which must lie within the table."""
        first, last = offset // self.every, -(-(offset + limit) // self.every)
        try:
            handle = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise _damaged(self.path, f"{error!r}") from error
        try:
            start, end = self._offset(handle, first), self._offset(handle, last)
        finally:
            os.close(handle)
        if not 0 < start <= end <= self.size:
            raise _damaged(self.path, "its offsets don't lie within the CSV")
        return Span(start, end, offset - first * self.every)

    def _offset(self, handle: int, number: int) -> int:
        raw = os.pread(handle, _OFFSET.size, self.begin + number * _OFFSET.size)
        if len(raw) < _OFFSET.size:
            raise _damaged(self.path, "it is cut short")
        return int(_OFFSET.unpack(raw)[0])


def index_bytes(offsets: Iterable[int], *, rows: int, size: int, sha256: str) -> bytes:
    """The bytes of an index; `offsets` are where rows 0, 100, 200 … begin."""
    header = orjson.dumps({"rows": rows, "every": EVERY, "size": size, "sha256": sha256})
    packed = array("Q", offsets)
    packed.append(size)
    if struct.pack("=H", 1) != struct.pack("<H", 1):
        packed.byteswap()
    return MAGIC + _LENGTH.pack(len(header)) + header + packed.tobytes()


def open_index(path: Path) -> Index:
    """The index in a file; raises Damaged when it isn't one, or is cut short."""
    try:
        return remembered(path, _opened)
    except OSError as error:
        raise _damaged(path, f"{error!r}") from error


def _opened(path: Path) -> Index:
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC) + _LENGTH.size)
            if not head.startswith(MAGIC) or len(head) < len(MAGIC) + _LENGTH.size:
                raise _damaged(path, "it does not begin as an index does")
            header = orjson.loads(file.read(_LENGTH.unpack(head[len(MAGIC) :])[0]))
            begin, length = file.tell(), os.fstat(file.fileno()).st_size
        index = Index(path, header["rows"], header["every"], header["size"], header["sha256"], begin)
        expected = begin + _OFFSET.size * (-(-index.rows // index.every) + 1)
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ZeroDivisionError) as error:
        raise _damaged(path, f"{error!r}") from error
    if length != expected:
        raise _damaged(path, f"it has {length} bytes instead of {expected}")
    return index


def _damaged(path: Path, what: str) -> Damaged:
    return Damaged(f'The row index "{path}" can\'t be used: {what}.', hint=_REMEDY)
