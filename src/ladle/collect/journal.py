"""The run's durable log: takes every answer as it comes, gives them back in order after any kind of end.

A journal is a folder of segments (`segment.py`). A segment is a row of frames (`entry.py`). A process that is killed
leaves at most one torn frame at the end of its segment; the next one opens a segment of its own, so nothing is ever
written behind a tear. Bodies are kept raw: a better transform needs no new requests.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Self

from ladle.collect.entry import ASTRAY as ASTRAY
from ladle.collect.entry import FRAME as FRAME
from ladle.collect.entry import KEPT as KEPT
from ladle.collect.entry import Entry as Entry
from ladle.collect.entry import Kind as Kind
from ladle.collect.entry import Role as Role
from ladle.collect.entry import frame_of, next_frame
from ladle.collect.segment import Place as Place
from ladle.collect.segment import frames_from as frames_from
from ladle.collect.segment import segments as segments
from ladle.collect.tail import Tail

TURN, FULL = 2.0, 8 << 20
"""Seconds and bytes after which a segment that others wait for is finished."""


class Journal:
    """The writing end: one process appends to segments of its own.

    With `took` a segment is handed there when it is full or TURN seconds old, to be synced and closed, and the next one
    is begun; without, there is one. `stint` is a helper's.
    """

    def __init__(
        self, folder: Path, *, fence: int, stint: int | None = None, took: Callable[[IO[bytes]], None] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.fence, self._took, self._closed = folder, fence, took, False
        self._row = f"{fence:06d}" if stint is None else f"{fence:06d}.{stint:06d}"
        self.before: Callable[[], None] | None = None
        """Called before each entry, to put one of its own there."""
        self._many = took is not None or stint is not None
        self._number = sum(1 for _ in folder.glob(f"{self._row}-*.seg"))
        self._begin()

    def _begin(self) -> None:
        number, self._number = self._number, self._number + 1
        # A row of segments has many, and is put in order by name.
        name = f"{number:06d}" if self._many else f"{number:04d}"
        self.path = self._folder / f"{self._row}-{name}.seg"
        self._file = self.path.open("xb", buffering=0)
        self._size, self._since = 0, time.monotonic()

    def turn(self, *, age: float = 0.0) -> None:
        """Hand the segment on, if it is so many seconds old and holds anything."""
        if self._took is not None and self._size and time.monotonic() - self._since >= age:
            before = self._file
            self._begin()
            self._took(before)

    def append(self, entry: Entry) -> None:
        """Put the entry behind the others. When this returns, a killed process loses it no more."""
        if self.before is not None:
            self.before()
        frame = frame_of(entry)
        written = self._file.write(frame)
        while written < len(frame):
            # A raw file may take less than it was given (a disk that is nearly full).
            written += self._file.write(frame[written:])
        self._size += written
        if self._size >= FULL:
            self.turn()

    @property
    def is_closed(self) -> bool:
        """Nothing can be appended any more."""
        return self._closed

    def sync(self) -> None:
        """Make it survive a loss of power too."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close; the segment is never opened for writing again."""
        if self._closed:
            return
        self._closed = True
        if self._took is not None and self._size:
            self._took(self._file)
            return
        self.sync()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def replay(folder: Path, *, tail: Tail | None = None) -> Iterator[Entry]:
    """Every entry in the journal's order; a torn tail is cut off. `tail` is what it is read with, to be asked later.

    Of two answers to one request in one reading the first counts that doesn't lead astray.
    """
    for entry, _ in places(folder, tail=tail):
        yield entry


def places(folder: Path, *, tail: Tail | None = None) -> Iterator[tuple[Entry, Place]]:
    """As `replay`, each with its place."""
    answered: set[tuple[str, int]] = set()
    for entry, place in (tail or Tail(folder)).new():
        if entry.kind == "answer" and not entry.leads_astray:
            if (entry.key, entry.reading) in answered:
                continue
            answered.add((entry.key, entry.reading))
        yield entry, place


def frames(folder: Path) -> Iterator[tuple[Entry, Place]]:
    """Every whole frame with its place, repeated answers too: nothing is kept of those that were given."""
    return Tail(folder).new()


def peek(place: Place) -> Entry | None:
    """As `read_place`, of a journal that others may remove: None where the frame is damaged or gone."""
    try:
        with place.segment.open("rb") as file:
            file.seek(place.offset)
            read = next_frame(file)
    except OSError:
        return None
    return read[0] if read is not None else None


def read_place(place: Place) -> Entry:
    """The entry at a place that `places` gave."""
    with place.segment.open("rb") as file:
        return read_frame(file, place.offset)


def read_frame(file: IO[bytes], offset: int) -> Entry:
    """The entry at an offset of an open segment that `frames` gave."""
    file.seek(offset)
    read = next_frame(file)
    assert read is not None, f"{file.name} at {offset} was read before"  # noqa: S101 - a frame that was whole stays whole
    return read[0]
