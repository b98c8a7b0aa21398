"""Which requests are still to be made: takes a source and the answers so far, gives the next requests, each once.

The planner touches nothing. It is told what was answered, from the network or from the journal, and says what
follows; so a run that is resumed asks for exactly what an undisturbed one would still ask for.

    begin()                 → the first page of the collection, or one request for each item of its list
    answered(request, page) → the pages that are now known to exist; when all have come, those that must be read again
                              since the collection moved; references' requests as soon as they are due

References are resolved the cheaper way. Paging the whole collection that is referred to costs a number of calls
that is known or expected; asking for each reference costs one request for each. The moment more references are
unresolved than there are pages left, paging has won, since references only ever grow in number. Otherwise, when
everything else has been answered, each reference is asked for, several in one request where the API takes batches of
them: a batch costs what a page does. Where nobody knows how many pages there are, they are
read one after another while that has cost no more than the references would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ladle.collect.batch import cost, id_of, ids_of, items_requests, lookup_batch, lookups
from ladle.collect.collection import Collection
from ladle.collect.request import Request, item_request, lookup_request
from ladle.collect.settling import Settling
from ladle.sources.paging import Page, Record, canonical, dig
from ladle.sources.source import Dataset, Resource, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """One resource's share of a plan; `exact` when the number can't change any more."""

    resource: str
    requests: int
    exact: bool
    why: str


@dataclass(slots=True)
class _Target:
    """A resource that records refer to: what must be resolved, and how."""

    collection: Collection
    wanted: dict[str, str] = field(default_factory=dict)
    """Canonical reference → as written."""
    found: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """References asked for, one by one or in batches."""
    ids: set[str] = field(default_factory=set)
    """Ids of the records that came, where the API takes batches of ids."""
    lookups: set[str] = field(default_factory=set)
    """Keys of the requests for references."""

    def unresolved(self) -> list[str]:
        open_ = [name for name in self.wanted if name not in self.found and name not in self.asked]
        return [name for name in open_ if id_of(name) not in self.ids] if self.ids else open_

    def cost(self, references: int) -> int:
        """Requests for so many references."""
        return cost(references, lookup_batch(self.collection.resource))

    def is_paging_cheaper(self, *, over: bool) -> bool:
        """Whether the pages that are left cost less than the references that are, `over` if none can be added."""
        collection, left, pages = self.collection, self.cost(len(self.unresolved())), self.collection.pages()
        if collection.reach <= collection.asked:
            return False
        if pages is not None:
            return left > pages - collection.asked
        # Nobody knows how many pages there are: two requests are cheaper than to look.
        return over and left > 2 and collection.asked < self.cost(len(self.wanted))


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
        self._targets = {name: _Target(Collection(source, source.resources[name])) for _, name in self._references}

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

    def answered(self, request: Request, page: Page, *, started: float = 0.0, ended: float = 0.0) -> Iterator[Request]:
        """What follows from an answer that was sent and came at these times, in seconds since 1970.

        Raises AnswerError, before anything is changed, where it leads astray.
        """
        target = self._targets.get(request.resource)
        if target is not None and request.role in ("lookup", "lookups"):
            self._note_looked_up(target, request, page.records)
            return self._due()
        collection = self._collection_of(request)
        if collection is self._main:
            return self._answered_main(request, page, target, started=started, ended=ended)
        assert target is not None  # noqa: S101 - a collection that is not the dataset's is a target's
        caught_up = collection.catch_up(request)
        collection.learn(request, page)
        collection.open -= 1
        self._note_found(target, page.records)
        return self._chain(caught_up, self._due())

    def _answered_main(
        self, request: Request, page: Page, target: _Target | None, *, started: float, ended: float
    ) -> Iterator[Request]:
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
            self._note_found(target, page.records)
        self._note_wanted(page.records)
        return self._chain(caught_up, collection.ask(), self._settle(), self._due())

    def given_up(self, request: Request, *, refused: bool = False) -> Iterator[Request]:
        """What follows when a request is given up; `refused` when the API said that there is no such page."""
        collection = self._collection_of(request)
        is_lookup = request.role in ("lookup", "lookups")
        if not is_lookup and (collection is not self._main or not self._paged):
            collection.open -= 1
        elif not is_lookup:
            collection.open -= self.settling.closes(request)
            self.settling.given_up(request, refused=refused)
        return self._chain(self._settle(), self._due())

    def go_on(self) -> Iterator[Request]:
        """What follows when a journal was replayed to its end."""
        self.replaying = False
        return self._chain(self._settle(), self._due())

    def is_past_end(self, request: Request) -> bool:
        """Whether a page that the API refuses lies past the end, by the latest count."""
        own = request.role == "page" and self._collection_of(request) is self._main
        return own and self.settling.is_past_end(request.position)

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
        return [self._main_part(), *(self._target_part(target) for target in self._targets.values())]

    def _note_looked_up(self, target: _Target, request: Request, records: Iterable[Record]) -> None:
        # In lookups and asked too: the journal may hold it from a time when it was due earlier.
        target.lookups.add(request.key)
        if request.role == "lookups":
            target.ids.update(ids_of(target.collection.resource, records, self.source.base_url))
            return
        target.asked.add(request.key)
        target.found.add(request.key)

    def _note_found(self, target: _Target, records: Iterable[Record]) -> None:
        if lookup_batch(target.collection.resource):
            target.ids.update(ids_of(target.collection.resource, records, self.source.base_url))
        key = target.collection.resource.key or ""
        target.found.update(canonical(str(dig(record, key)), self.source.base_url) for record in records)

    def _note_wanted(self, records: Iterable[Record]) -> None:
        for path, name in self._references:
            wanted = self._targets[name].wanted
            known = (str, int) if lookup_batch(self._targets[name].collection.resource) else (str,)
            for record in records:
                value = dig(record, path)
                for reference in value if isinstance(value, list) else [value]:
                    if type(reference) in known and (written := str(reference)).strip():
                        wanted.setdefault(canonical(written, self.source.base_url), written)

    def _due(self) -> Iterator[Request]:
        return self._chain(*(self._due_of(target) for target in self._targets.values()))

    def _due_of(self, target: _Target) -> Iterable[Request]:
        """The requests for references that the state of things asks for now."""
        collection, over = target.collection, self._over
        can_page = collection.resource is not self.resource and not target.lookups
        if can_page and target.is_paging_cheaper(over=over):
            return collection.ask()
        if over and collection.open == 0:
            return self._one_by_one(target)
        return ()

    def _one_by_one(self, target: _Target) -> Iterable[Request]:
        due, resource = target.unresolved(), target.collection.resource
        first = len(target.asked)
        target.asked.update(due)
        if lookup_batch(resource):
            batches = lookups(self.source, resource, due, len(target.lookups))
            target.lookups.update(request.key for request in batches)
            return batches
        target.lookups.update(due)
        written = [target.wanted[name] for name in due]
        return (lookup_request(self.source, resource, each, first + n) for n, each in enumerate(written))

    @staticmethod
    def _chain(*parts: Iterable[Request]) -> Iterator[Request]:
        return (request for part in parts for request in part)

    def _main_part(self) -> PlanPart:
        name, each, pages = self.resource.name, self.resource.each, self._main.pages()
        if each:
            batch = self.resource.batch
            why = f"one request for each {f'{batch.size:,} items' if batch else 'item'} of its list"
            return PlanPart(resource=name, requests=cost(len(each.items), batch), exact=True, why=why)
        if self.resource.paging.style == "none":
            return PlanPart(resource=name, requests=1, exact=True, why="one request")
        if pages is None:
            why = "pages, their number is told by the first"
            return PlanPart(resource=name, requests=self._main.known, exact=False, why=why)
        again, settled = self.settling.reread, self._over
        if not again and self.resource.verify and pages > 1:
            return PlanPart(resource=name, requests=pages * 2, exact=False, why="pages, each read twice")
        if not again:
            return PlanPart(resource=name, requests=pages, exact=self._main.ended, why="pages")
        number = "1 page" if again == 1 else f"{again:,} pages"
        why = f"pages, and reading again {number} that moved"
        requests = self._main.walked + pages if self._main.walked else pages + again
        return PlanPart(resource=name, requests=requests, exact=settled, why=why)

    def _target_part(self, target: _Target) -> PlanPart:
        collection, pages, over = target.collection, target.collection.pages(), self._over
        name, asked = collection.resource.name, collection.asked + len(target.lookups)
        if collection.resource is self.resource:
            why = f"{_each(collection.resource)} that its own pages don't hold"
            return PlanPart(resource=name, requests=asked, exact=over, why=why)
        if over and collection.open == 0:
            why = "pages, cheaper than each reference" if collection.begun else _each(collection.resource)
            return PlanPart(resource=name, requests=asked, exact=True, why=why)
        if collection.begun:
            exact = over and collection.ended and collection.asked == collection.known
            why = "pages, cheaper than each reference"
            return PlanPart(resource=name, requests=max(pages or 1, asked), exact=exact, why=why)
        why = f"its pages, or {_each(collection.resource)} where that is cheaper"
        return PlanPart(resource=name, requests=pages or 1, exact=False, why=why)


def _each(resource: Resource) -> str:
    """What references to a resource cost."""
    batch = lookup_batch(resource)
    return f"one request for each {batch.size:,} references" if batch else "one request for each reference"
