"""Which requests are still to be made: takes a source and the answers so far, gives the next requests, each once.

The planner touches nothing. It is told what was answered, from the network or from the journal, and says what
follows; so a run that is resumed asks for exactly what an undisturbed one would still ask for.

    begin()                 → the first page of the collection, or one request for each item of its list
    answered(request, page) → the pages that are now known to exist; when all have come, those that must be read again
                              since the collection moved; references' requests as soon as they are due, see `target`
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from ladle.collect.batch import cost, items_requests
from ladle.collect.collection import Collection
from ladle.collect.parts import PlanPart, main_part, target_part
from ladle.collect.request import Request, item_request
from ladle.collect.settling import Settling
from ladle.collect.target import Target
from ladle.sources.paging import Page, Record
from ladle.sources.source import Dataset, Source


class Planner:
    """Decides what to ask for next. Feed it every answer once, in any order in which they can come."""

    def __init__(self, source: Source, dataset: Dataset, *, again: bool = True) -> None:
        """`again`: what moved while it was read may be read again."""
        self.source = source
        self.resource = source.resources[dataset.resource]
        self.replaying = False
        """The answers come from a journal: nothing is judged before its end, where `go_on` is to be called."""
        self._references = [
            (column.path or "", column.reference.resource) for column in dataset.columns if column.reference
        ]
        self._main = Collection(source, self.resource)
        self.settling = Settling(self._main, again=again)
        self._paged = self.resource.each is None and self.resource.paging.style != "none"
        self._counted = 0
        self._targets = {name: Target(Collection(source, source.resources[name])) for _, name in self._references}

    @property
    def claimed(self) -> int | None:
        """The API's own number of records, as last told; for a list of items, their number."""
        return len(self.resource.each.items) if self.resource.each else self._main.count

    @property
    def records(self) -> int:
        """Records so far; of a page that was read again those of its latest reading."""
        return self.settling.records if self._paged else self._counted

    def begin(self) -> Iterable[Request]:
        """The first requests of the run."""
        each = self.resource.each
        if each is None:
            return self._main.ask()
        self._main.asked = self._main.known = self._main.open = cost(len(each.items), self.resource.batch)
        if self.resource.batch:
            return items_requests(self.source, self.resource)
        return (item_request(self.source, self.resource, item, number) for number, item in enumerate(each.items))

    def answered(self, request: Request, page: Page, *, started: float = 0.0, ended: float = 0.0) -> Iterable[Request]:
        """What follows from an answer that was sent and came at these times, in seconds since 1970.

        Raises AnswerError, before anything is changed, where it leads astray.
        """
        target = self._targets.get(request.resource)
        if target is not None and request.role in ("lookup", "lookups"):
            target.note_looked_up(request, page.records)
            return self._due()
        collection = self._collection_of(request)
        if collection is self._main:
            return self._answered_main(request, page, target, started=started, ended=ended)
        assert target is not None  # noqa: S101 - a collection that is not the dataset's is a target's
        caught_up = collection.catch_up(request)
        collection.learn(request, page)
        collection.open -= 1
        target.note_found(page.records)
        return _joined(caught_up, self._due())

    def _answered_main(
        self, request: Request, page: Page, target: Target | None, *, started: float, ended: float
    ) -> Iterable[Request]:
        """What follows from one of the dataset's own answers."""
        collection = self._main
        if self._paged:
            self.settling.follow(request)
        caught_up = collection.catch_up(request)
        collection.learn(request, page)
        collection.open -= not self._paged or self.settling.closes(request)
        if self._paged:
            self.settling.answered(request, page, started=started, ended=ended)
        self._counted += len(page.records)
        if target is not None:
            target.note_found(page.records)
        self._note_wanted(page.records)
        return _joined(caught_up, collection.ask(), self._settle(), self._due())

    def given_up(self, request: Request, *, refused: bool = False) -> Iterable[Request]:
        """What follows when a request is given up; `refused` when the API said that there is no such page."""
        collection = self._collection_of(request)
        is_lookup = request.role in ("lookup", "lookups")
        if not is_lookup and (collection is not self._main or not self._paged):
            collection.open -= 1
        elif not is_lookup:
            collection.open -= self.settling.closes(request)
            self.settling.given_up(request, refused=refused)
        return _joined(self._settle(), self._due())

    def go_on(self) -> Iterable[Request]:
        """What follows when a journal was replayed to its end."""
        self.replaying = False
        return _joined(self._settle(), self._due())

    def is_past_end(self, request: Request, status: int | None = None) -> bool:
        """Whether a page that the API refuses with a status lies past the end, by what it told of its pages."""
        if request.role != "page":
            return False
        return self._collection_of(request).is_past_end(request.position, status)

    def _settle(self) -> Iterable[Request]:
        return () if self.replaying or not self._paged else self.settling.go_on()

    @property
    def _over(self) -> bool:
        """No further record of the dataset's own resource will come."""
        return self._main.finished and not self.replaying

    def _collection_of(self, request: Request) -> Collection:
        if request.resource == self.resource.name or request.resource not in self._targets:
            return self._main
        return self._targets[request.resource].collection

    def parts(self) -> list[PlanPart]:
        """The whole run's requests by resource, those made included: what it costs, as far as is known now."""
        main = main_part(self._main, again=self.settling.reread, over=self._over)
        targets = self._targets.values()
        return [main, *(target_part(each, own=self._is_own(each), over=self._over) for each in targets)]

    def _note_wanted(self, records: Iterable[Record]) -> None:
        for path, name in self._references:
            self._targets[name].note_wanted(records, path)

    def _due(self) -> Iterable[Request]:
        """The references' requests that the state of things asks for now."""
        if not self._targets:
            return ()
        return _joined(
            *(target.due(may_page=not self._is_own(target), over=self._over) for target in self._targets.values())
        )

    def _is_own(self, target: Target) -> bool:
        return target.collection.resource is self.resource


def _joined(*parts: Iterable[Request]) -> Iterable[Request]:
    """One after the other. Most answers are followed by nothing, which costs nothing then."""
    some = [part for part in parts if part]
    return chain.from_iterable(some) if some else ()
