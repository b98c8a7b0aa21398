"""From journal to records: takes a run's journal, gives a dataset's answers in table order, and what they refer to.

The journal is gone through twice: the first time tells where the dataset's answers lie and what references stand for
(28 bytes an answer are kept), the second gives the records, each answer decoded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ladle.collect.batch import matched
from ladle.collect.journal import Entry, frames
from ladle.collect.request import item_request, page_of
from ladle.snapshots.answers import Answers
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.family import Family
from ladle.snapshots.gather import Chunk, Gathering, Part, item_of
from ladle.snapshots.keys import Keys
from ladle.snapshots.manifest import Gap
from ladle.snapshots.resolve import learn, names_for
from ladle.snapshots.shape import Shape
from ladle.snapshots.table import Collected
from ladle.sources.paging import AnswerError, Record
from ladle.sources.sift import sift
from ladle.sources.source import Dataset, Resource, Source


class Reading:
    """A run's journal as it was when this was made. Then `parts()`, as often as they are needed."""

    def __init__(self, journal: Path, *, source: Source, dataset: Dataset, base_url: str) -> None:
        resource = source.resources[dataset.resource]
        self.collected = Collected(resource, names_for(dataset, source=source, base_url=base_url))
        self._source, self._answers = source, Answers()
        self._family = family_of(source, resource)
        self._note(journal)
        if self._family is None:
            self.collected.answers = self._covered(resource)

    def parts(self, *, first: int | None = None) -> Iterator[Part]:
        """The dataset's own answers in table order, from position `first` on; one that can't be read is left out.

        Of children always all of them.
        """
        return self._family.parts(self.collected) if self._family else self._parts(first)

    def _parts(self, first: int | None) -> Iterator[Part]:
        resource, collected = self.collected.resource, self.collected
        for entry in self._answers.entries(first=first):
            try:
                page = page_of(resource, entry)
            except AnswerError as error:
                collected.unread[entry.key] = Gap(entry.key, str(error))
                continue
            collected.took(entry, page)
            if entry.role == "items":
                yield from self._parts_of_batch(entry, page.records)
            else:
                yield Part(page.records, item_of(resource, entry.role, entry.position), len(entry.body))

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

    def _note(self, journal: Path) -> None:
        """Where the dataset's own answers lie, and its parent's."""
        own = self.collected.resource.name
        for entry, place in frames(journal):
            if entry.kind != "answer":
                continue
            learn(self.collected.names.values(), entry)
            if entry.role in ("lookup", "lookups"):
                continue
            if self._family is not None:
                answers = self._family.note(entry.resource)
                if answers is not None:
                    answers.note(entry, place)
            elif entry.resource == own:
                self._answers.note(entry, place)
        (self._family.parents if self._family else self._answers).sort()

    def _covered(self, resource: Resource) -> int:
        """How many answers there are, a batch counted by its items."""
        answers = self._answers
        if resource.each is None or resource.batch is None:
            return len(answers.positions)
        return sum(len(matched(resource, at, ())) if answers.is_batch(at) else 1 for at in answers.positions)


def family_of(source: Source, resource: Resource) -> Family | None:
    """Of a resource that is asked for by its parent's records; None of any other."""
    parent = resource.each.parent if resource.each else None
    return Family(source, resource, source.resources[parent]) if parent else None


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
