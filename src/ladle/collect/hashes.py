"""Hashes of records' keys, answer by answer: takes them in order, gives any answer's back, in flat memory."""

from __future__ import annotations

import itertools
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from typing import IO

from ladle.sources.paging import Record, dig

IN_MEMORY = 1 << 18


_nameless = itertools.count()


def hashes_of(records: Sequence[Record], key: str | None) -> array[int]:
    """A 64-bit hash of each record's key, or of the whole record where its resource has none.

    A record that lacks its key is like no other. Hashes are the same within this process alone.
    """
    if key is None:
        return array("q", [_hashed(record) for record in records])
    values = [record.get(key) for record in records]
    kinds = set(map(type, values))
    if kinds <= {str}:  # as nearly all are, in a tenth of the time
        return array("q", list(map(hash, values)))  # a list's length is known: half the time
    if kinds == {int}:
        return array("q", list(map(hash, map(repr, values))))
    values = [dig(record, key) for record in records]
    return array("q", [hash(value) if type(value) is str else _hashed(value) for value in values])


def _hashed(value: object) -> int:
    """Not a number's own hash: that of -1 is that of -2."""
    return hash(("nameless", next(_nameless))) if value is None else hash(repr(value))


class HashStore:
    """Keeps 8 bytes a record: up to 262,144 records in memory, beyond that in a file that goes with the process."""

    def __init__(self, *, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._tail: array[int] = array("q")
        self._file: IO[bytes] | None = None
        self._written = 0

    def put(self, hashes: array[int]) -> int:
        """Keep an answer's hashes; gives the offset by which `get` finds them."""
        offset = self._written + len(self._tail)
        self._tail.extend(hashes)
        if len(self._tail) > self._in_memory:
            self._file = self._file or tempfile.TemporaryFile(prefix="ladle-")  # noqa: SIM115 - closed by `close`
            self._file.seek(0, 2)
            self._file.write(self._tail.tobytes())
            self._written += len(self._tail)
            self._tail = array("q")
        return offset

    def get(self, offset: int, number: int) -> array[int]:
        """So many hashes from an offset that `put` gave."""
        if offset >= self._written or self._file is None:
            return self._tail[offset - self._written : offset - self._written + number]
        self._file.seek(offset * 8)
        return array("q", self._file.read(number * 8))

    @property
    def total(self) -> int:
        """How many hashes are kept."""
        return self._written + len(self._tail)

    def all(self) -> Iterator[array[int]]:
        """Every hash that was put, in pieces."""
        if self._file is not None:
            self._file.seek(0)
            while piece := self._file.read(self._in_memory * 8):
                yield array("q", piece)
        yield self._tail

    def close(self) -> None:
        """Let go of memory and file."""
        if self._file is not None:
            self._file.close()
        self._tail, self._file, self._written = array("q"), None, 0
