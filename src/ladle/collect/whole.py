"""One resource that is collected whole: takes its answers and what was given up, gives its further requests.

It has pages, which may have to be read again, or one request for each item of a list, or one answer that is everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ladle.collect.batch import cost, items_requests
from ladle.collect.collection import Collection
from ladle.collect.request import Request, item_request
from ladle.collect.settling import Settled, Settling
from ladle.sources.paging import Page
from ladle.sources.source import Resource, Source


class Whole:
    """Feed it every answer once, in any order in which they can come. `again`: its pages may be read again."""

    def __init__(self, source: Source, resource: Resource, *, again: bool = True) -> None:
        self.resource = resource
        self.collection = Collection(source, resource)
        self.settling = Settling(self.collection, again=again)
        self.paged = resource.each is None and resource.paging.style != "none"
        self._source, self._counted, self._held = source, 0, 0
        self._fallen: set[int] = set()
        """Positions of batches of items that were refused, so that their items are asked for one by one."""

    @property
    def claimed(self) -> int | None:
        """The API's own number of records, as last told; for a list of items, their number."""
        return len(self.resource.each.items) if self.resource.each else self.collection.count

    @property
    def records(self) -> int:
        """Records so far; of a page that was read again those of its latest reading."""
        return self.settling.records if self.paged else self._counted

    @property
    def finished(self) -> bool:
        """All that was asked for is answered or given up."""
        return self.collection.finished

    @property
    def settled(self) -> Settled:
        """What the readings of its pages came to, to be asked at the end."""
        settled, resource = self.settling.settled, self.resource
        one = resource.transform is not None and resource.each is None and not self.paged
        return replace(settled, found=self._held) if one else settled

    def begin(self) -> Iterable[Request]:
        """The first requests."""
        each, collection = self.resource.each, self.collection
        if each is None:
            return collection.ask()
        collection.asked = collection.known = collection.open = cost(len(each.items), self.resource.batch)
        return self._batches() if self.resource.batch else self._items(0, len(each.items))

    def answered(self, request: Request, page: Page, *, started: float, ended: float) -> Iterable[Request]:
        """What follows from an answer. Raises AnswerError, before anything is changed, where it leads astray."""
        collection = self.collection
        if self.paged:
            self.settling.follow(request)
        elif request.role == "item" and self.resource.batch:
            self._fall(request.position - request.position % self.resource.batch.size)
        caught_up = collection.catch_up(request)
        collection.learn(request, page)
        if self.paged:
            collection.open -= self.settling.closes(request)
            self.settling.answered(request, page, started=started, ended=ended)
        else:
            collection.open -= 1
            self._counted += len(page.records)
            self._held += len(page.held)
        further = collection.ask()
        return chain(caught_up, further) if caught_up else further

    def given_up(self, request: Request, *, refused: bool) -> None:
        """A request that is given up; `refused` when the API said that there is no such page."""
        if not self.paged:
            self.collection.open -= 1
            return
        self.collection.open -= self.settling.closes(request)
        self.settling.given_up(request, refused=refused)

    def instead(self, request: Request) -> Iterable[Request]:
        """What is asked for instead of a batch that was refused: each of its items; nothing where it has but one."""
        batch, each = self.resource.batch, self.resource.each
        if batch is None or each is None or batch.size < 2 or request.position + 1 >= len(each.items):
            return ()
        self._fall(request.position)
        return self._items(request.position, request.position + batch.size)

    def settle(self) -> Iterable[Request]:
        """What is to be read again, once everything that was asked for has come or was given up."""
        return self.settling.go_on() if self.paged else ()

    def _batches(self) -> Iterator[Request]:
        """Made one by one: of what a journal shows to have been refused, the items are asked for."""
        size = self.resource.batch.size if self.resource.batch else 1
        for request in items_requests(self._source, self.resource):
            if request.position in self._fallen:
                yield from self._items(request.position, request.position + size)
            else:
                yield request

    def _items(self, first: int, end: int) -> Iterator[Request]:
        items = self.resource.each.items if self.resource.each else ()
        return (
            item_request(self._source, self.resource, item, number)
            for number, item in enumerate(items[first:end], start=first)
        )

    def _fall(self, at: int) -> None:
        """Count the items of a batch instead of it."""
        if at not in self._fallen and self.resource.each and self.resource.batch:
            self._fallen.add(at)
            more = min(self.resource.batch.size, len(self.resource.each.items) - at) - 1
            self.collection.open, self.collection.asked = self.collection.open + more, self.collection.asked + more
