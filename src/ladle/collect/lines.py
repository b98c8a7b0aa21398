"""A journal's lines by number: takes a run's folder, gives entries from any number on, and reads each once as it grows.

The page of a run asks each second for the last lines; to replay 100,000 answers for them would take longer than that.
What is remembered is where each hundredth line begins, and where the failed and the slow ones are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Literal

from ladle.collect.journal import Entry, Place, frames_from, read_place, segments

EVERY = 100
"""Lines between two places that are remembered."""
JOURNALS = 16
"""Journals that are remembered at once."""
SLOW = 1.0
"""Seconds from which a request counts as slow."""

Only = Literal["failed", "slow"]


class Lines:
    """One journal, as far as it was read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._read: dict[Path, int] = {}
        """Of each segment, how many bytes."""
        self._count = 0
        self._marks: list[tuple[int, Place]] = []
        """Lines 1, 1 + EVERY, … with their places."""
        self._chosen: dict[Only, list[tuple[int, Place]]] = {"failed": [], "slow": []}
        self._answered: set[int] = set()
        self._repeated: set[Place] = set()
        """Second answers to one request, which are no lines."""

    def after(self, number: int, *, only: Only | None = None) -> Iterator[tuple[int, Entry]]:
        """Lines with a number greater than this, each with it."""
        with self._lock:
            self._catch_up()
            marks, count = list(self._marks), self._count
            chosen = list(self._chosen[only]) if only else []
        if only:
            yield from ((each, read_place(place)) for each, place in chosen if each > number)
        elif number < count:
            first, place = marks[number // EVERY]
            for each, entry in enumerate(self._from(place), start=first):
                if each > number:
                    yield each, entry

    def _from(self, place: Place) -> Iterator[Entry]:
        for segment in segments(self._folder):
            if segment >= place.segment:
                start = place.offset if segment == place.segment else 0
                for entry, offset, _ in frames_from(segment, start=start):
                    if Place(segment, offset) not in self._repeated:
                        yield entry

    def _catch_up(self) -> None:
        for segment in segments(self._folder):
            for entry, offset, end in frames_from(segment, start=self._read.get(segment, 0)):
                self._add(entry, Place(segment, offset))
                self._read[segment] = end

    def _add(self, entry: Entry, place: Place) -> None:
        if entry.kind == "answer" and not entry.leads_astray:
            name = hash((entry.key, entry.reading))
            if name in self._answered:
                self._repeated.add(place)
                return
            self._answered.add(name)
        self._count += 1
        if self._count % EVERY == 1:
            self._marks.append((self._count, place))
        if entry.kind != "answer":
            self._chosen["failed"].append((self._count, place))
        if entry.took >= SLOW:
            self._chosen["slow"].append((self._count, place))


_known: OrderedDict[Path, Lines] = OrderedDict()
_lock = Lock()


def lines_of(folder: Path) -> Lines:
    """The lines of a journal, remembered in this process."""
    with _lock:
        lines = _known.pop(folder, None) or Lines(folder)
        _known[folder] = lines
        while len(_known) > JOURNALS:
            _known.popitem(last=False)
        return lines
