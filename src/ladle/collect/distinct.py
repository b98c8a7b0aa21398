"""Which keys came more than once? Takes 64-bit hashes in any number, gives the repeated ones, in flat memory.

Up to 262,144 hashes stay in memory (8 bytes each). Beyond, they go to files, sixty-four of them by their last bits,
so that each can be looked at alone: equal hashes always lie in the same file.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from ladle import computing as pc

IN_MEMORY = 1 << 18
PARTS = 64
_FEW = 1 << 17
"""So many hashes are looked at with a set of Python's (10 MB at most), without the 70 ms that Arrow's functions take to
load."""
_FLUSH = 1 << 12
"""Hashes of one part that wait to be written: 2 MB for all parts."""


class Distinct:
    """Counts hashes; close it at the end, or use it in a `with`, for its files to go."""

    def __init__(self, *, in_memory: int = IN_MEMORY) -> None:
        self.total = 0
        self._in_memory = in_memory
        self._all: array[int] = array("q")
        self._parts: list[array[int]] = []
        self._files: list[tempfile._TemporaryFileWrapper[bytes]] = []

    def add(self, hashes: Iterable[int]) -> None:
        """Take hashes: integers of 64 bits with a sign, as Python's `hash` gives them."""
        if self._files:
            self._spill(hashes)
            return
        before = len(self._all)
        self._all.extend(hashes)
        self.total += len(self._all) - before
        if len(self._all) > self._in_memory:
            self._parts = [array("q") for _ in range(PARTS)]
            self._files = [tempfile.NamedTemporaryFile(prefix="ladle-") for _ in range(PARTS)]  # noqa: SIM115 - closed by `close`
            kept, self._all, self.total = self._all, array("q"), 0
            self._spill(kept)

    @property
    def distinct(self) -> int:
        """How many different hashes came."""
        if not self._files and len(self._all) <= _FEW:
            return len(set(self._all))
        return sum(len(ordered) - int(_again(ordered).sum().as_py() or 0) for ordered in self._ordered())

    def repeated(self) -> set[int]:
        """The hashes that came more than once."""
        found: set[int] = set()
        if not self._files and len(self._all) <= _FEW and len(set(self._all)) == len(self._all):
            return found
        for ordered in self._ordered():
            found.update(ordered[1:].filter(_again(ordered)).to_pylist())  # type: ignore[arg-type]  # none is null
        return found

    def close(self) -> None:
        """Let go of memory and files."""
        for file in self._files:
            file.close()
        self._all, self._parts, self._files = array("q"), [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spill(self, hashes: Iterable[int]) -> None:
        parts = self._parts
        for each in hashes:
            part = parts[each % PARTS]
            part.append(each)
            self.total += 1
            if len(part) >= _FLUSH:
                part.tofile(self._files[each % PARTS])
                del part[:]

    def _ordered(self) -> Iterator[pa.Array[Any]]:
        """All hashes, sorted, part by part."""
        if not self._files:
            yield _sorted(self._all)
        for part, file in zip(self._parts, self._files, strict=True):
            part.tofile(file)
            del part[:]
            file.flush()
            file.seek(0)
            yield _sorted(array("q", file.read()))


def _sorted(hashes: array[int]) -> pa.Array[Any]:
    packed = pa.Array.from_buffers(pa.int64(), len(hashes), [None, pa.py_buffer(hashes)])
    # Sorting takes 16 bytes a hash beside the hashes, a table of the distinct ones eighty.
    return packed.take(pc.array_sort_indices(packed))


def _again(ordered: pa.Array[Any]) -> pa.Array[Any]:
    """Of sorted hashes, from the second on, whether each is the one before it again."""
    again: pa.Array[Any] = pc.equal(ordered[1:], ordered[:-1])
    return again
