"""A journal that grows: takes its folder, gives what was added since it was last asked, in the one order that it has.

The order is that of the drivers' segments. What a helper wrote stands where its driver says that it took it up, and
nowhere before: so all who read a journal see the same, whenever they do, and what nobody took up is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ladle.collect.entry import Entry
from ladle.collect.segment import Place, frames_from, of_drivers


class Tail:
    """Of one journal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self.taken: dict[str, int] = {}
        """Of each helper's segment, by its name, how many bytes were taken up."""
        self.stretch = 0
        """Another number for an entry that may not lie right behind the one before, in the same segment."""

    def new(self) -> Iterator[tuple[Entry, Place]]:
        """Entries not given before, each with its place."""
        for segment in of_drivers(self._folder):
            start = self._read.get(segment, 0)
            if segment.stat().st_size <= start:
                continue
            for entry, offset, end in frames_from(segment, start=start):
                self._read[segment] = end
                if entry.kind == "taken":
                    self.stretch += 1
                    yield from self._stretch(entry)
                    self.stretch += 1
                else:
                    yield entry, Place(segment, offset)

    def _stretch(self, taken: Entry) -> Iterator[tuple[Entry, Place]]:
        segment = self._folder / taken.key
        self.taken[taken.key] = max(self.taken.get(taken.key, 0), taken.position)
        with suppress(FileNotFoundError):  # somebody removed it: what was in it is asked for again
            for entry, offset, end in frames_from(segment, start=taken.records):
                if end > taken.position:
                    return
                entry.given, entry.taken_up = taken.started, taken.started + taken.took
                yield entry, Place(segment, offset)
