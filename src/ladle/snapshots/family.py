"""Children in their parents' order: takes the answers of both, gives a part for each child, and which parents lack one.

The order is that of the parent's pages as they were read last, whatever moved while the children were asked for; a
child whose parent is in none of them any more is left out, as a record is that only an earlier reading of a page had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ladle.collect.child import Maker
from ladle.collect.journal import Entry
from ladle.collect.request import page_of
from ladle.snapshots.answers import Answers
from ladle.snapshots.gather import Part
from ladle.snapshots.manifest import Gap
from ladle.snapshots.table import Collected, Parents
from ladle.sources.paging import AnswerError
from ladle.sources.source import Resource, Source


@dataclass(frozen=True, slots=True)
class Family:
    """The answers of one resource and of its parent."""

    source: Source
    resource: Resource
    parent: Resource
    parents: Answers = field(default_factory=Answers)
    children: Answers = field(default_factory=lambda: Answers(named=True))

    def note(self, resource: str) -> Answers | None:
        """Where an answer of a resource belongs."""
        if resource == self.parent.name:
            return self.parents
        return self.children if resource == self.resource.name else None

    def parts(self, collected: Collected) -> Iterator[Part]:
        """One part for each child, with its parent's record; what is met on the way is told to `collected`."""
        known, maker = Parents(self.parent), Maker(self.source, self.resource)
        collected.parents, met = known, set[int]()
        alone = True
        with self.children.opened() as files:
            for page in self.parents.entries():
                for child, record in self._pairs(page, maker, collected):
                    if hash(child) in met:
                        continue
                    met.add(hash(child))
                    entry = self.children.by_key(child, files)
                    part = self._part(entry, record, collected) if entry is not None else None
                    if part is None:
                        known.without.append(child)
                    else:
                        alone = alone and len(part.records) == 1
                        yield part
        collected.answers = len(met) - len(known.without)
        # Where each parent has one child and it one record, there are as many as the API says that there are parents.
        collected.claimed = known.claimed if alone and known.distinct == len(met) else None

    def _pairs(self, entry: Entry, maker: Maker, collected: Collected) -> Iterator[tuple[str, dict[str, object]]]:
        """The keys of the children of an answer's records, each with its parent."""
        try:
            page = page_of(self.parent, entry)
        except AnswerError as error:
            collected.unread[entry.key] = Gap(entry.key, str(error))
            return
        if collected.parents is not None:
            collected.parents.took(entry, page)
        for child, record in maker.children(page.records, page=entry.key, position=entry.position):
            yield child.request.key, record

    def _part(self, entry: Entry, record: dict[str, object], collected: Collected) -> Part | None:
        try:
            page = page_of(self.resource, entry)
        except AnswerError as error:
            collected.unread[entry.key] = Gap(entry.key, str(error))
            return None
        collected.took(entry, page)
        return Part(page.records, record, len(entry.body))
