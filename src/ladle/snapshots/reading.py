"""From journal to records: takes a run's journal, gives a dataset's answers in table order, and what they refer to.

The journal is gone through twice: the first time tells where the dataset's answers lie and what references stand for
(20 bytes an answer are kept), the second gives the records, each answer decoded once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from ladle.collect.batch import matched
from ladle.collect.journal import Entry, frames, read_frame
from ladle.collect.request import item_request, page_of
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.gather import Chunk, Gathering, Part, item_of
from ladle.snapshots.keys import Keys
from ladle.snapshots.manifest import Gap
from ladle.snapshots.resolve import learn, names_for
from ladle.snapshots.shape import Shape
from ladle.snapshots.table import Collected
from ladle.sources.paging import AnswerError, Record
from ladle.sources.sift import sift
from ladle.sources.source import Dataset, Source

_LATEST = 1 << 20
"""No collection is read so often."""


class Reading:
    """A run's journal as it was when this was made. Then `parts()`, as often as they are needed."""

    def __init__(self, journal: Path, *, source: Source, dataset: Dataset, base_url: str) -> None:
        resource = source.resources[dataset.resource]
        self.collected = Collected(resource, names_for(dataset, base_url=base_url))
        self._source = source
        self._segments: list[Path] = []
        self._positions, self._which, self._offsets = array("q"), array("i"), array("q")
        self._note(journal, source=source)
        batch = resource.each is not None and resource.batch is not None
        covered = (len(matched(resource, position, ())) if batch else 1 for position in self._positions)
        self.collected.answers = sum(covered)

    def parts(self, *, first: int | None = None) -> Iterator[Part]:
        """The dataset's own answers in table order, from position `first` on; one that can't be read is left out."""
        for entry in self._entries(first):
            try:
                page = page_of(self.collected.resource, entry)
            except AnswerError as error:
                self.collected.unread[entry.key] = Gap(entry.key, str(error))
                continue
            self.collected.told(page.count, started=entry.started, position=entry.position)
            if entry.role == "items":
                yield from self._parts_of_batch(entry, page.records)
            else:
                yield Part(page.records, item_of(self.collected.resource, entry.role, entry.position), len(entry.body))

    def _parts_of_batch(self, entry: Entry, records: list[Record]) -> Iterator[Part]:
        """One part for each item of a batch, in the list's order; an item without a record is noted by its name."""
        resource = self.collected.resource
        batch = matched(resource, entry.position, records)
        for number, (item, found) in enumerate(batch, start=entry.position):
            if found:
                yield Part(found, item, len(entry.body) // len(batch))
            else:
                key = item_request(self._source, resource, item, number).key
                self.collected.unread[key] = Gap(key, f"The answer to {entry.key} has no record of it.")

    def _note(self, journal: Path, *, source: Source) -> None:
        """Where the dataset's own answers lie. Of a page's readings the latest counts, of two answers the first."""
        order: list[int] = []
        which, offsets = array("i"), array("q")
        for entry, place in frames(journal):
            if entry.kind != "answer":
                continue
            learn(self.collected.names.values(), entry, source=source)
            if entry.resource != self.collected.resource.name or entry.role in ("lookup", "lookups"):
                continue
            if not self._segments or place.segment != self._segments[-1]:
                self._segments.append(place.segment)
            # One number sorts by position, latest reading, order of arrival: a tuple takes three times the memory.
            order.append((entry.position << 64) + ((_LATEST - entry.reading) << 40) + len(which))
            which.append(len(self._segments) - 1)
            offsets.append(place.offset)
        for position, number in _firsts(sorted(order)):
            self._positions.append(position)
            self._which.append(which[number])
            self._offsets.append(offsets[number])

    def _entries(self, first: int | None) -> Iterator[Entry]:
        """One segment is open at a time: answers lie in nearly the order of the table."""
        with ExitStack() as files:
            file: IO[bytes] | None = None
            opened = -1
            for position, which, offset in zip(self._positions, self._which, self._offsets, strict=True):
                if first is not None and position < first:
                    continue
                if file is None or which != opened:
                    files.close()
                    file, opened = files.enter_context(self._segments[which].open("rb")), which
                yield read_frame(file, offset)


def chunks(parts: Iterable[Part], *, bounds: Bounds = BOUNDS) -> Iterator[Chunk]:
    """Answers gathered into chunks."""
    gathering = Gathering(bounds=bounds)
    for part in parts:
        full = gathering.add(part)
        if full is not None:
            yield full
    yield gathering.rest()


def rows_so_far(journal: Path, *, source: Source, dataset: Dataset, base_url: str) -> Iterator[dict[str, Any]]:
    """The table's rows from a journal that may still grow, each {column: value}, in the table's order."""
    reading = Reading(journal, source=source, dataset=dataset, base_url=base_url)
    shape = Shape(dataset, names=reading.collected.names)
    keys = Keys(reading.collected.resource.key)
    wanted = sift(reading.collected.resource.where)
    for chunk in chunks(reading.parts()):
        keys.count(chunk)
        shape.learn(chunk.sifted(wanted) if wanted else chunk)
    keys.decide()
    for chunk in map(keys.once, chunks(reading.parts())):
        yield from shape.table(shape.learn(chunk.sifted(wanted) if wanted else chunk)).to_pylist()


def _firsts(order: list[int]) -> Iterator[tuple[int, int]]:
    """Of sorted numbers, the first of each position: position and order of arrival."""
    last: int | None = None
    for packed in order:
        position = packed >> 64
        if position != last:
            yield position, packed & ((1 << 40) - 1)
        last = position
