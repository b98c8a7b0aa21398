"""Which requests are still to be made: takes a source and the answers so far, gives the next requests, each once.

The planner touches nothing. It is told what was answered, from the network or from the journal, and says what
follows; so a run that is resumed asks for exactly what an undisturbed one would still ask for.

    begin()                 → the first page of each collection, or one request for each item of a list
    answered(request, page) → the pages that are now known to exist, the children of its records; when all have come,
                              those that must be read again since the collection moved; references' requests as soon as
                              they are due, see `target`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from ladle.collect.child import Child
from ladle.collect.children import Children
from ladle.collect.collection import Collection
from ladle.collect.parts import PlanPart, part_of, target_part
from ladle.collect.request import Request
from ladle.collect.settling import Settled
from ladle.collect.target import Target
from ladle.collect.whole import Whole
from ladle.sources.paging import Page, Record
from ladle.sources.source import Dataset, Source

Member = Whole | Children


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
        self._members = members(source, dataset, again=again)
        self._children = _children_by_parent(self._members)
        self._tables = [self._members[name] for name in dict.fromkeys((dataset.resource, *dataset.tables))]
        self._paged = [member for member in self._members.values() if isinstance(member, Whole) and member.paged]
        self._targets = {name: Target(Collection(source, source.resources[name])) for _, name in self._references}
        main = self._members[dataset.resource]
        self.settling = (main.parent if isinstance(main, Children) else main).settling
        """Of the dataset's own pages, or its parent's."""

    @property
    def claimed(self) -> int | None:
        """The API's own number of records, as last told; for a list of items, their number. None where it lacks."""
        told = [table.claimed for table in self._tables]
        return None if None in told else sum(each for each in told if each is not None)

    @property
    def records(self) -> int:
        """Records so far; of a page that was read again those of its latest reading."""
        return sum(table.records for table in self._tables)

    @property
    def settled(self) -> Mapping[str, Settled]:
        """What the readings of each resource's pages came to, a parent's too, to be asked at the end."""
        return {name: each.settled for name, each in self._members.items() if isinstance(each, Whole)}

    @property
    def now(self) -> float:
        """When the last page had come, in seconds since 1970."""
        return max(member.settling.now for member in self._paged)

    def begin(self) -> Iterable[Request]:
        """The first requests of the run."""
        return _joined(*(member.begin() for member in self._members.values()))

    def answered(self, request: Request, page: Page, *, started: float = 0.0, ended: float = 0.0) -> Iterable[Request]:
        """What follows from an answer that was sent and came at these times, in seconds since 1970.

        Raises AnswerError, before anything is changed, where it leads astray.
        """
        target = self._targets.get(request.resource)
        if target is not None and request.role in ("lookup", "lookups"):
            target.note_looked_up(request, page.records)
            return self._due()
        member = self._members.get(request.resource)
        if member is None:
            assert target is not None  # noqa: S101 - what is not collected whole is referred to
            return self._answered_target(request, page, target)
        further = member.answered(request, page, started=started, ended=ended)
        if target is not None:
            at = request.key if isinstance(member, Children) else None
            target.note_found(page.records, at=at)
        if member.resource is self.resource:
            self._note_wanted(page.records)
        return _joined(further, self._born(request, page), self._settle(member), self._due())

    def _answered_target(self, request: Request, page: Page, target: Target) -> Iterable[Request]:
        """What follows from a page of a resource that is only referred to."""
        collection = target.collection
        caught_up = collection.catch_up(request)
        collection.learn(request, page)
        collection.open -= 1
        target.note_found(page.records)
        return _joined(caught_up, self._due())

    def given_up(self, request: Request, *, refused: bool = False) -> Iterable[Request]:
        """What follows when a request is given up; `refused` when the API said that there is no such page."""
        member = self._members.get(request.resource)
        if request.role in ("lookup", "lookups"):
            return self._due()
        if member is None:
            self._targets[request.resource].collection.open -= 1
            return self._due()
        member.given_up(request, refused=refused)
        return _joined(self._settle(member), self._due())

    def instead(self, request: Request) -> Iterable[Request]:
        """What is asked for instead of a batch that the API refuses: each of its ids. Nothing where that is no way."""
        if request.role == "lookups":
            return self._targets[request.resource].instead(request)
        return self._members[request.resource].instead(request) if request.role == "items" else ()

    def note_refused(self, request: Request) -> None:
        """A batch of the journal that the API refused: its ids are asked for one by one from the beginning."""
        if request.role == "lookups" and request.resource in self._targets:
            self._targets[request.resource].refused.add(request.key)
        elif request.role == "items":
            self._members[request.resource].instead(request)

    def lost_behind(self, request: Request) -> None:
        """Nobody knows what follows a page: nothing is judged by what has come."""
        member = self._members.get(request.resource)
        if isinstance(member, Whole) and member.paged:
            member.settling.given_up(replace(request, position=request.position + 1), refused=False)

    def go_on(self) -> Iterable[Request]:
        """What follows when a journal was replayed to its end."""
        self.replaying = False
        return _joined(*(self._settle(member) for member in self._members.values()), self._due())

    def is_past_end(self, request: Request, status: int | None = None) -> bool:
        """Whether a page that the API refuses with a status lies past the end, by what it told of its pages."""
        if request.role != "page":
            return False
        member = self._members.get(request.resource)
        collection = self._targets[request.resource].collection if member is None else member.collection
        return collection is not None and collection.is_past_end(request.position, status)

    def take_past(self) -> Iterable[Request]:
        """Pages that have turned out to lie past the end since the last call: to be kept as empty answers."""
        past = [taken for member in self._paged if (taken := member.settling.take_past())]
        return chain.from_iterable(past)

    def take_barred(self) -> Iterable[Child]:
        """Children that can't be asked for, since the last call."""
        if not self._children:
            return ()
        return [child for kin in self._children.values() for each in kin for child in each.take_barred()]

    def parts(self) -> list[PlanPart]:
        """The whole run's requests by resource, those made included: what it costs, as far as is known now."""
        over = self._over
        members = [part_of(member, over=member.finished and not self.replaying) for member in self._members.values()]
        return [
            *members,
            *(target_part(each, own=self._is_member(each), over=over) for each in self._targets.values()),
        ]

    def _born(self, request: Request, page: Page) -> Iterable[Request]:
        """The children of a page's records."""
        kin = self._children.get(request.resource)
        return chain.from_iterable([each.born(request, page.records) for each in kin]) if kin else ()

    def _settle(self, member: Member) -> Iterable[Request]:
        return () if self.replaying else member.settle()

    @property
    def _over(self) -> bool:
        """No further record will come that is not referred to."""
        return not self.replaying and all(member.finished for member in self._members.values())

    def _note_wanted(self, records: Iterable[Record]) -> None:
        for path, name in self._references:
            self._targets[name].note_wanted(records, path)

    def _due(self) -> Iterable[Request]:
        """The references' requests that the state of things asks for now."""
        if not self._targets:
            return ()
        over = self._over
        return _joined(*(target.due(may_page=self._may_page(target), over=over) for target in self._targets.values()))

    def _may_page(self, target: Target) -> bool:
        """Its pages aren't read anyway, and it has some."""
        return not self._is_member(target) and target.collection.resource.each is None

    def _is_member(self, target: Target) -> bool:
        return target.collection.resource.name in self._members


def members(source: Source, dataset: Dataset, *, again: bool = True) -> dict[str, Member]:
    """Every resource that is collected whole for a dataset, by name, a parent before its children."""
    known: dict[str, Member] = {}
    for name in dict.fromkeys((dataset.resource, *dataset.tables)):
        resource = source.resources[name]
        parent = resource.each.parent if resource.each else None
        for whole in (parent, name if parent is None else None):
            if whole is not None and whole not in known:
                known[whole] = Whole(source, source.resources[whole], again=again)
        owner = known[parent] if parent is not None else None
        if isinstance(owner, Whole):
            known[name] = Children(source, resource, owner)
    return known


def _children_by_parent(known: Mapping[str, Member]) -> dict[str, list[Children]]:
    kin: dict[str, list[Children]] = {}
    for member in known.values():
        if isinstance(member, Children):
            kin.setdefault(member.parent.resource.name, []).append(member)
    return kin


def _joined(*parts: Iterable[Request]) -> Iterable[Request]:
    """One after the other. Most answers are followed by nothing, which costs nothing then."""
    some = [part for part in parts if part]
    return chain.from_iterable(some) if some else ()
