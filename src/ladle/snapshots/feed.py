"""A table begun while its answers come: takes each answer as it is kept, gives the table woven so far.

Answers come in nearly the order of the table: a few wait here for those before them. Should too many wait (page 1 is
tried again for minutes while others flow), they are let go, and the build reads the rest from the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ladle.collect.journal import Entry
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.gather import Part, item_of
from ladle.snapshots.table import Collected
from ladle.snapshots.weave import Loom
from ladle.sources.paging import Page
from ladle.sources.source import Dataset, Resource, Source


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    page: Page


def weaves(resource: Resource, dataset: Dataset) -> bool:
    """Whether a table can be begun while its answers come.

    Not with references, whose names may come after them, nor of batches or of children, which have another order, nor
    where a SELECT is to be made of it.
    """
    listed = resource.each is not None and (resource.batch is not None or resource.each.parent is not None)
    return not listed and dataset.sql is None and not any(column.reference for column in dataset.columns)


class Feed:
    """Use it in a `with`: what is begun and not built goes at its end.

    Nothing is begun for a dataset that `weaves` says can't be woven so.
    """

    def __init__(self, final: Path, *, source: Source, dataset: Dataset, bounds: Bounds = BOUNDS) -> None:
        resource = source.resources[dataset.resource]
        self.collected = Collected(resource)
        self._bounds = bounds
        self._role = "page" if resource.each is None else "item"
        self.next = 1 if resource.each is None else 0
        """The position in the table that comes next."""
        self.is_behind = False
        """Answers from `next` on were let go; they are in the journal."""
        self._waiting: dict[int, _Waiting] = {}
        self._rows = self._size = 0
        self._loom: Loom | None = None
        if weaves(resource, dataset):
            self._loom = Loom(final, dataset=dataset, resource=resource, names={}, bounds=bounds)

    @property
    def loom(self) -> Loom | None:
        """What the table is woven on; None when it has to be woven from the journal alone."""
        if self._loom is not None and self._loom.was_removed:
            self.drop()
        return self._loom

    def kept(self, entry: Entry, page: Page) -> None:
        """Take an answer that was put into the journal. Never raises: what goes wrong here, the build will meet.

        Holds the caller until there is room for another chunk.
        """
        if self._loom is None or entry.resource != self.collected.resource.name or entry.role != self._role:
            return
        try:
            self._take(entry, page)
        except Exception:  # a disk that is full or slow, a value that Arrow refuses: told by the build from the journal
            self.drop()

    def rest(self) -> Iterator[Part]:
        """What still waits, in table order: nothing comes before it any more."""
        for position in sorted(self._waiting):
            due = self._waiting[position]
            self._leave(due)
            yield self._part(due)

    def drop(self) -> None:
        """Throw away what was begun; the whole table is woven from the journal."""
        self._waiting.clear()
        if self._loom is not None:
            self._loom.close()
            self._loom = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def _take(self, entry: Entry, page: Page) -> None:
        if entry.position < self.next or entry.leads_astray:
            # A better answer may come, or came: what this or the first one taught of columns is to be forgotten.
            self.drop()
        elif not self.is_behind:
            self._wait(entry, page)
            self._pass_on()
            self._let_go()

    def _pass_on(self) -> None:
        """Hand over all that is next; the caller is held while the chunk before is still being woven."""
        while self._loom is not None and (due := self._waiting.get(self.next)) is not None:
            part = self._part(due)
            self._leave(due)
            self._loom.hand(part)

    def _let_go(self) -> None:
        """Let go what waits for an answer that doesn't come."""
        if self._rows > self._bounds.wait_rows or self._size > self._bounds.wait_bytes:
            self._waiting.clear()
            self._rows = self._size = 0
            self.is_behind = True

    def _wait(self, entry: Entry, page: Page) -> None:
        """Of two readings of a page the later counts, of two answers the first."""
        earlier = self._waiting.get(entry.position)
        if earlier is not None:
            if earlier.entry.reading >= entry.reading:
                return
            self._rows -= len(earlier.page.records)
            self._size -= len(earlier.entry.body)
        self._waiting[entry.position] = _Waiting(entry, page)
        self._rows += len(page.records)
        self._size += len(entry.body)

    def _leave(self, due: _Waiting) -> None:
        """It waits no more: what comes next lies behind it."""
        del self._waiting[due.entry.position]
        self._rows -= len(due.page.records)
        self._size -= len(due.entry.body)
        self.next = due.entry.position + 1
        self.collected.answers += 1
        self.collected.took(due.entry, due.page)

    def _part(self, due: _Waiting) -> Part:
        entry, page = due.entry, due.page
        return Part(page.records, item_of(self.collected.resource, entry.role, entry.position), len(entry.body))
