"""Which requests are still to be made: takes a source and the answers so far, gives the next requests, each once.

The planner touches nothing. It is told what was answered, from the network or from the journal, and says what
follows; so a run that is resumed asks for exactly what an undisturbed one would still ask for.

    begin()                 → the first page of the collection, or one request for each item of its list
    answered(request, page) → the pages that are now known to exist; references' requests as soon as they are due

References are resolved the cheaper way. Paging the whole collection that is referred to costs a known number of
calls; asking for each reference costs one call for each. The moment more distinct references have been seen than
there are pages, paging has won, since references only ever grow in number. Otherwise, when everything else has
been answered, each reference is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil

from ladle.collect.request import Request, item_request, link_request, lookup_request, page_request
from ladle.sources.paging import AnswerError, Page, Record, canonical, dig
from ladle.sources.source import Dataset, Resource, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """One resource's share of a plan; `exact` when the number can't change any more."""

    resource: str
    requests: int
    exact: bool
    why: str


@dataclass(slots=True)
class _Collection:
    """What is known of one collection that is being paged."""

    resource: Resource
    asked: int = 0
    """Pages asked for so far; for links, the number of the last."""
    last: int | None = None
    """The last page's number, as the API's count says."""
    size: int | None = None
    open: int = 0
    count: int | None = None
    seen: set[str] = field(default_factory=set)
    """Keys of link pages, to notice a loop."""

    @property
    def begun(self) -> bool:
        return self.asked > 0

    @property
    def finished(self) -> bool:
        return self.begun and self.open == 0

    def pages(self) -> int | None:
        """How many pages it has, as far as known or expected."""
        if self.last is not None:
            return max(self.last, self.asked)
        if self.finished:
            return self.asked
        if self.resource.paging.style == "none":
            return 1
        expected, size = self.resource.expected, self.resource.page_size
        return ceil(expected / size) or 1 if expected is not None and size else None


@dataclass(slots=True)
class _Target:
    """A resource that records refer to: what must be resolved, and how."""

    collection: _Collection
    wanted: dict[str, str] = field(default_factory=dict)
    """Canonical reference → as written."""
    found: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """References asked for one by one."""
    one_by_one: bool = False

    def unresolved(self) -> list[str]:
        return [name for name in self.wanted if name not in self.found and name not in self.asked]


class Planner:
    """Decides what to ask for next. Feed it every answer once, in any order in which they can come."""

    def __init__(self, source: Source, dataset: Dataset) -> None:
        self.source = source
        self.resource = source.resources[dataset.resource]
        self.records = 0
        self._references = [
            (column.path or "", column.reference.resource) for column in dataset.columns if column.reference
        ]
        self._main = _Collection(self.resource)
        self._targets = {name: _Target(_Collection(source.resources[name])) for _, name in self._references}

    @property
    def claimed(self) -> int | None:
        """The API's own number of records, as last told; for a list of items, their number."""
        return len(self.resource.each.items) if self.resource.each else self._main.count

    def begin(self) -> Iterable[Request]:
        """The first requests of the run."""
        each = self.resource.each
        if each is None:
            return self._ask(self._main, 1)
        self._main.asked = self._main.last = self._main.open = len(each.items)
        return (item_request(self.source, self.resource, item, number) for number, item in enumerate(each.items))

    def answered(self, request: Request, page: Page) -> Iterator[Request]:
        """What follows from an answer. Raises AnswerError, before anything is changed, where it leads astray."""
        target = self._targets.get(request.resource)
        if request.role == "lookup":
            assert target is not None, f"nothing refers to {request.resource}"  # noqa: S101 - lookups come from targets
            target.collection.open -= 1
            target.found.add(request.key)
            return iter(())
        is_main = request.resource == self.resource.name
        collection = self._main if is_main or target is None else target.collection
        further = list(self._further(collection, request, page))
        collection.open -= 1
        if target is not None:
            self._note_found(target, page.records)
        if is_main:
            self.records += len(page.records)
            self._note_wanted(page.records)
        return self._chain(further, self._due())

    def given_up(self, request: Request) -> Iterator[Request]:
        """What follows when a request is given up: nothing of its own, but references may be due now."""
        target = self._targets.get(request.resource)
        is_main = request.resource == self.resource.name and request.role != "lookup"
        collection = self._main if is_main or target is None else target.collection
        collection.open -= 1
        return self._due()

    def parts(self) -> list[PlanPart]:
        """The whole run's requests by resource, those made included: what it costs, as far as is known now."""
        return [self._main_part(), *(self._target_part(target) for target in self._targets.values())]

    def _further(self, collection: _Collection, request: Request, page: Page) -> Iterable[Request]:
        """The pages that this one makes known."""
        style = collection.resource.paging.style
        if page.count is not None:
            collection.count = page.count
        if style == "none" or request.role == "item":
            collection.last = collection.last or 1
            return ()
        if style == "link":
            return self._linked(collection, request, page)
        if collection.size is None and page.records:
            collection.size = self._size(collection, page)
        last = max(collection.asked, collection.last or 0)
        if page.count is not None and collection.size:
            last = max(last, ceil(page.count / collection.size))
        if page.next and page.records and request.position >= last:
            last = request.position + 1
        collection.last = last if page.count is not None or not page.next else collection.last
        return self._ask(collection, last)

    @staticmethod
    def _size(collection: _Collection, page: Page) -> int:
        """The page size, from a first page: its length, unless it is the only one and may be short."""
        more = page.next is not None or (page.count or 0) > len(page.records)
        return len(page.records) if more else max(len(page.records), collection.resource.page_size or 0)

    def _linked(self, collection: _Collection, answered: Request, page: Page) -> Iterable[Request]:
        collection.seen.add(answered.key)
        if page.next is None:
            collection.last = collection.asked
            return ()
        request = link_request(self.source, collection.resource, page.next, collection.asked + 1)
        if request.key in collection.seen:
            raise AnswerError(f"The next page is said to be {request.key}, which was read before.")
        collection.asked += 1
        collection.open += 1
        return (request,)

    def _ask(self, collection: _Collection, last: int) -> Iterable[Request]:
        """Requests for the pages up to `last` that were not asked for yet."""
        first, collection.asked = collection.asked + 1, max(collection.asked, last)
        collection.open += max(0, last - first + 1)
        return (page_request(self.source, collection.resource, number) for number in range(first, last + 1))

    def _note_found(self, target: _Target, records: Iterable[Record]) -> None:
        key = target.collection.resource.key or ""
        target.found.update(canonical(str(dig(record, key)), self.source.base_url) for record in records)

    def _note_wanted(self, records: Iterable[Record]) -> None:
        for path, name in self._references:
            wanted = self._targets[name].wanted
            for record in records:
                reference = dig(record, path)
                if isinstance(reference, str) and reference:
                    wanted.setdefault(canonical(reference, self.source.base_url), reference)

    def _due(self) -> Iterator[Request]:
        return self._chain(*(self._due_of(target) for target in self._targets.values()))

    def _due_of(self, target: _Target) -> Iterable[Request]:
        """The requests for references that the state of things asks for now."""
        collection, over = target.collection, self._main.finished
        if collection.resource is self.resource:
            return self._one_by_one(target) if over else ()
        pages = collection.pages()
        if not collection.begun and not target.one_by_one:
            if pages is not None and len(target.wanted) > pages:
                return self._ask(collection, 1)
            if over and pages is None and len(target.wanted) > 2:
                # How many pages there are is not known: the first one tells, and resolves some.
                return self._ask(collection, 1)
        if over and collection.open == 0:
            return self._one_by_one(target)
        return ()

    def _one_by_one(self, target: _Target) -> Iterable[Request]:
        target.one_by_one = True
        due, resource = target.unresolved(), target.collection.resource
        first = len(target.asked)
        target.asked.update(due)
        target.collection.open += len(due)
        written = [target.wanted[name] for name in due]
        return (lookup_request(self.source, resource, each, first + n) for n, each in enumerate(written))

    @staticmethod
    def _chain(*parts: Iterable[Request]) -> Iterator[Request]:
        return (request for part in parts for request in part)

    def _main_part(self) -> PlanPart:
        pages, each = self._main.pages(), self.resource.each
        if each:
            return PlanPart(
                resource=self.resource.name,
                requests=len(each.items),
                exact=True,
                why="one call for each item of its list",
            )
        why = "pages" if self.resource.paging.style != "none" else "one call"
        if pages is None:
            return PlanPart(
                resource=self.resource.name, requests=1, exact=False, why=f"{why}, their number is told by the first"
            )
        exact = self._main.last is not None or self.resource.paging.style == "none"
        return PlanPart(resource=self.resource.name, requests=pages, exact=exact, why=why)

    def _target_part(self, target: _Target) -> PlanPart:
        collection, name = target.collection, target.collection.resource.name
        pages = collection.pages()
        lookups = len(target.asked)
        if collection.begun:
            exact = collection.last is not None and self._main.finished
            return PlanPart(
                resource=name, requests=(pages or 1) + lookups, exact=exact, why="pages, cheaper than each reference"
            )
        if target.one_by_one or self._main.finished:
            requests = len(target.wanted)
            return PlanPart(
                resource=name, requests=requests, exact=True, why="one call for each reference, cheaper than its pages"
            )
        why = "its pages, or one call for each reference where that is cheaper"
        return PlanPart(resource=name, requests=pages or 1, exact=False, why=why)
