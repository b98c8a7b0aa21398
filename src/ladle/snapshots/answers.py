"""Where one resource's answers lie in a journal: takes them as the journal is gone through, gives them in table order.

Of a page's readings the latest counts, of two answers the first; one whose next page leads astray only where no better
one came. 28 bytes an answer are kept, besides the names of children.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ladle.collect.journal import Entry, Place, read_frame

_LATEST = 1 << 20
"""No collection is read so often."""
_LATER = 1 << 39
"""Added to the order of arrival of an answer that counts only where no other came."""


class Answers:
    """Feed it every answer of one resource with its place; then ask. `named`: they are asked for by their keys."""

    def __init__(self, *, named: bool = False) -> None:
        self._segments: dict[Path, int] = {}
        self._which, self._offsets = array("i"), array("q")
        self._order: list[int] = []
        self._named: dict[int, int] | None = {} if named else None
        self._batches: set[int] = set()
        self.positions = array("q")
        """In table order, once `sort` was called."""
        self._numbers = array("q")

    def note(self, entry: Entry, place: Place) -> None:
        """Take an answer."""
        number = len(self._which)
        self._which.append(self._segments.setdefault(place.segment, len(self._segments)))
        self._offsets.append(place.offset)
        if self._named is not None:
            self._named.setdefault(hash(entry.key), number)
            return
        if entry.role == "items":
            self._batches.add(entry.position)
        later = _LATER if entry.leads_astray else 0
        # One number sorts by position, latest reading, order of arrival: a tuple takes three times the memory.
        self._order.append((entry.position << 64) + ((_LATEST - entry.reading) << 40) + later + number)

    def sort(self) -> None:
        """All were taken: of each position, its answer."""
        for position, number in _firsts(sorted(self._order)):
            self.positions.append(position)
            self._numbers.append(number)
        self._order = []

    def is_batch(self, position: int) -> bool:
        """Whether it answers for several items of a list."""
        return position in self._batches

    def entries(self, *, first: int | None = None) -> Iterator[Entry]:
        """In table order, from position `first` on. Few segments are open at a time: they lie in nearly that order."""
        with self.opened() as files:
            for position, number in zip(self.positions, self._numbers, strict=True):
                if first is None or position >= first:
                    yield files.read(self._which[number], self._offsets[number])

    def opened(self) -> _Segments:
        """To be used in a `with`, for `by_key`."""
        return _Segments(list(self._segments))

    def by_key(self, key: str, files: _Segments) -> Entry | None:
        """The answer to a request; None where none came."""
        number = (self._named or {}).get(hash(key))
        if number is None:
            return None
        entry = files.read(self._which[number], self._offsets[number])
        return entry if entry.key == key else None


class _Segments:
    """The segments of a journal, of which those that were read last are open: helpers and driver wrote in turn."""

    OPEN = 8

    def __init__(self, segments: list[Path]) -> None:
        self._segments = segments
        self._files: dict[int, IO[bytes]] = {}

    def read(self, which: int, offset: int) -> Entry:
        file = self._files.get(which)
        if file is None:
            if len(self._files) >= self.OPEN:
                self._files.pop(next(iter(self._files))).close()
            file = self._files[which] = self._segments[which].open("rb")
        return read_frame(file, offset)

    def __enter__(self) -> _Segments:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()


def _firsts(order: list[int]) -> Iterator[tuple[int, int]]:
    """Of sorted numbers, the first of each position: position and order of arrival."""
    last: int | None = None
    for packed in order:
        position = packed >> 64
        if position != last:
            yield position, packed & (_LATER - 1)
        last = position
