"""A journal's lines by number: takes a run's folder, gives entries from any number on, and reads each once as it grows.

The page of a run asks each second for the last lines; to replay 100,000 answers for them would take longer than that.
What is remembered is where each hundredth line begins, and each that lies in another segment than the one before, and
where the failed and the slow ones are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Literal

from ladle.collect.journal import Entry, Place, frames_from, read_place
from ladle.collect.tail import Tail

EVERY = 100
"""Lines between two places that are remembered, at most."""
JOURNALS = 16
"""Journals that are remembered at once."""
SLOW = 1.0
"""Seconds from which a request counts as slow."""

Only = Literal["failed", "slow"]


class Lines:
    """One journal, as far as it was read."""

    def __init__(self, folder: Path) -> None:
        self._tail, self._lock = Tail(folder), Lock()
        self._count = 0
        self._firsts: list[int] = []
        self._begins: list[Place] = []
        """Stretches of lines that follow one another in a segment: each one's first number, and where it lies."""
        self._chosen: dict[Only, list[tuple[int, Place]]] = {"failed": [], "slow": []}
        self._answered: set[int] = set()
        self._stretch = -1
        """The tail's, of the line before; none where what lies before the next line is no line."""

    def after(self, number: int, *, only: Only | None = None) -> Iterator[tuple[int, Entry]]:
        """Lines with a number greater than this, each with it; none of a segment that is removed meanwhile."""
        with self._lock:
            self._catch_up()
            at = max(0, bisect_right(self._firsts, number) - 1)
            firsts, begins, count = self._firsts[at:], self._begins[at:], self._count
            chosen = list(self._chosen[only]) if only else []
        if only:
            for each, place in chosen:
                if each > number:
                    with suppress(FileNotFoundError):
                        yield each, read_place(place)
        elif number < count:
            for first, end, place in zip(firsts, [*firsts[1:], count + 1], begins, strict=True):
                with suppress(FileNotFoundError):
                    stretch = enumerate(islice(frames_from(place.segment, start=place.offset), end - first), first)
                    yield from ((each, entry) for each, (entry, _, _) in stretch if each > number)

    def _catch_up(self) -> None:
        with suppress(FileNotFoundError):
            for entry, place in self._tail.new():
                self._add(entry, place)

    def _add(self, entry: Entry, place: Place) -> None:
        if entry.kind == "answer" and not entry.leads_astray:
            name = hash((entry.key, entry.reading))
            if name in self._answered:  # a second answer to one request is no line
                self._stretch = -1
                return
            self._answered.add(name)
        self._count += 1
        if (
            self._stretch != self._tail.stretch
            or self._begins[-1].segment != place.segment
            or self._count - self._firsts[-1] >= EVERY
        ):
            self._firsts.append(self._count)
            self._begins.append(place)
            self._stretch = self._tail.stretch
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
