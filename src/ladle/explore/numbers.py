"""Row numbers in a file: takes them in batches, gives its bytes; takes such a file, gives any part of them at once.

    numbers, uint32 or uint64 each · CRC-32 of every 4,096 numbers, uint32 each · end, JSON · its length, uint32 · magic

All numbers are little-endian. What is read is held against its checksum, the rest against the file's size.
"""

from __future__ import annotations

import os
import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from ladle.errors import Damaged

MAGIC = b"LADLEOR1"
BLOCK = 4096
_TAIL = struct.Struct("<I8s")
_HINT = "Remove it: it is made again when it is asked for."
Read = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`count` row numbers, each below `rows`."""

    count: int
    rows: int
    wide: bool
    read: Read
    """Bytes from an offset on, so many."""
    where: str

    @property
    def _code(self) -> str:
        return "Q" if self.wide else "I"

    def part(self, offset: int, limit: int) -> list[int]:
        """Those at `offset` to `offset + limit`; fewer at the end. Raises Damaged where they were changed."""
        return self._part(offset, limit).tolist()

    def arrow(self, offset: int, limit: int) -> pa.Array[Any]:
        """The same as an array of Arrow, of unsigned integers."""
        found = self._part(offset, limit)
        type_ = pa.uint64() if self.wide else pa.uint32()
        return pa.Array.from_buffers(type_, len(found), [None, pa.py_buffer(found)])

    def _part(self, offset: int, limit: int) -> array[int]:
        end = min(offset + limit, self.count)
        if offset >= end:
            return array(self._code)
        first, last = offset // BLOCK, (end - 1) // BLOCK
        found = array(self._code)
        for block in range(first, last + 1):
            found.frombytes(self._block(block, found.itemsize))
        if sys.byteorder == "big":
            found.byteswap()
        wanted = found[offset - first * BLOCK : end - first * BLOCK]
        if max(wanted) >= self.rows:
            raise _damaged(self.where, "it names rows that are not in the table")
        return wanted

    def _block(self, block: int, size: int) -> bytes:
        raw = self.read(block * BLOCK * size, min(BLOCK, self.count - block * BLOCK) * size)
        sums = self.count * size
        if zlib.crc32(raw).to_bytes(4, "little") != self.read(sums + 4 * block, 4):
            raise _damaged(self.where, "its numbers are not those that were written")
        return raw


def pieces(batches: Iterable[pa.Array[Any]], *, name: str, rows: int) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; `name` says whose numbers these are, `rows` how many the table has."""
    wide = rows > 1 << 32
    type_, size = (pa.uint64(), 8) if wide else (pa.uint32(), 4)
    sums, pending, count = array("I"), bytearray(), 0
    for batch in batches:
        count += len(batch)
        # To change a type loads Arrow's functions, which takes longer than a view of a small table.
        pending += _bytes(batch if batch.type == type_ else batch.cast(type_), size)
        while len(pending) >= BLOCK * size:
            piece = bytes(pending[: BLOCK * size])
            del pending[: BLOCK * size]
            sums.append(zlib.crc32(piece))
            yield piece
    if pending:
        sums.append(zlib.crc32(pending))
        yield bytes(pending)
    if sys.byteorder == "big":
        sums.byteswap()
    end = orjson.dumps({"name": name, "rows": rows, "count": count, "wide": wide})
    yield sums.tobytes() + end + _TAIL.pack(len(end), MAGIC)


def of_file(path: Path, *, name: str, rows: int) -> Numbers:
    """The numbers in a file; raises OSError where it can't be read, Damaged where it is not whole or another's."""
    size = path.stat().st_size

    def read(offset: int, length: int) -> bytes:
        with path.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), length, offset)

    return _opened(read, size, where=str(path), name=name, rows=rows)


def of_bytes(raw: bytes, *, name: str, rows: int) -> Numbers:
    """The numbers of a file that is nowhere kept."""
    return _opened(lambda offset, length: raw[offset : offset + length], len(raw), where="memory", name=name, rows=rows)


def _opened(read: Read, size: int, *, where: str, name: str, rows: int) -> Numbers:
    if size < _TAIL.size:
        raise _damaged(where, "it is cut short")
    length, magic = _TAIL.unpack(read(size - _TAIL.size, _TAIL.size))
    if magic != MAGIC or length > size - _TAIL.size:
        raise _damaged(where, "it does not end as an order does")
    try:
        end = orjson.loads(read(size - _TAIL.size - length, length))
        count, wide = int(end["count"]), bool(end["wide"])
        same = (end["name"], end["rows"]) == (name, rows)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(where, f"{error!r}") from error
    expected = count * (8 if wide else 4) + -(-count // BLOCK) * 4 + length + _TAIL.size
    if not same or size != expected:
        raise _damaged(where, "it belongs to another view")
    return Numbers(count, rows, wide, read, where)


def _bytes(numbers: pa.Array[Any], size: int) -> bytes:
    """An Arrow array's values; there are no nulls among row numbers."""
    buffer = numbers.buffers()[1]
    raw = b"" if buffer is None else memoryview(buffer)[numbers.offset * size : (numbers.offset + len(numbers)) * size]
    if sys.byteorder == "big":
        swapped = array("Q" if size == 8 else "I", bytes(raw))
        swapped.byteswap()
        return swapped.tobytes()
    return bytes(raw)


def _damaged(where: str, what: str) -> Damaged:
    return Damaged(f'"{where}" can\'t be used: {what}.', hint=_HINT)
