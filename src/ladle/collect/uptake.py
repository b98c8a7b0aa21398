"""What helpers write down: takes their segments as they grow, gives each entry once, and notes in the journal which.

An entry is part of the journal from where the driver's own segment says so, with all that lies before it in the same
segment of the helper's and was of use. So a replay meets everything in the order in which this driver met it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ladle.collect.entry import Entry, taken_entry
from ladle.collect.journal import Journal
from ladle.collect.segment import frames_from

STEP = 32
"""Entries that are taken up at once; between two steps requests go on."""


class Uptake:
    """Into one driver's journal. What an earlier driver has taken up is told by `known`."""

    def __init__(self, journal: Journal, *, clock: Callable[[], float]) -> None:
        self._journal, self._clock = journal, clock
        self._read: dict[str, int] = {}
        self._segment, self._start, self._end = "", 0, 0
        """What was taken up and is not noted yet; nothing where both are equal."""
        self._given = self._at = 0.0
        journal.before = self.note

    def known(self, taken: Mapping[str, int]) -> None:
        """Of segments, by name, how many bytes are taken up already."""
        self._read |= dict(taken)

    def steps(self, segments: Iterable[Path], take: Callable[[Entry], bool], *, given: float) -> Iterator[int]:
        """Take up what is new; gives the number of entries after each step.

        `take` says whether an entry was of use. `given`: none was given to a helper before.
        """
        for segment in segments:
            yield from self._steps(segment, take, given)

    def note(self) -> None:
        """Say in the journal what was taken up."""
        if self._start < self._end:
            told = taken_entry(self._segment, start=self._start, end=self._end, given=self._given, at=self._at)
            self._start = self._end  # first: the journal asks again before it takes this
            self._journal.append(told)

    def _steps(self, segment: Path, take: Callable[[Entry], bool], given: float) -> Iterator[int]:
        start, number = self._read.get(segment.name, 0), 0
        if segment.stat().st_size <= start:
            return
        for entry, offset, end in frames_from(segment, start=start):
            self._read[segment.name] = end
            self._begin(segment.name, offset, given)
            entry.given, entry.taken_up = given, self._at
            self._end = end
            if not take(entry):
                self._end = offset  # nothing was made of it, and nothing written meanwhile
            number += 1
            if number == STEP:
                self.note()
                yield number
                number = 0
        self.note()
        if number:
            yield number

    def _begin(self, name: str, offset: int, given: float) -> None:
        if self._segment != name or self._end != offset or self._start == self._end:
            self.note()
            self._segment, self._start, self._end = name, offset, offset
        self._given, self._at = given, self._clock()
