"""References to one resource: takes those that records hold and records that came, gives requests for the others.

They are resolved the cheaper way. Paging the whole collection that is referred to costs a number of calls that is known
or expected; asking for each reference costs one request for each. The moment more references are unresolved than there
are pages left, paging has won, since references only ever grow in number. Otherwise, when everything else has been
answered, each reference is asked for, several in one request where the API takes batches of them: a batch costs what a
page does. Where nobody knows how many pages there are, they are read one after another while that has cost no more than
the references would.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ladle.collect.batch import cost, ids_of, lookup_batch, lookups
from ladle.collect.collection import Collection
from ladle.collect.lookup import lookup_request
from ladle.collect.naming import Naming
from ladle.collect.request import Request
from ladle.sources.paging import Record, dig


@dataclass(slots=True)
class Target:
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
    refused: set[str] = field(default_factory=set)
    """Keys of batches that the API has refused: their references are asked for one by one."""
    naming: Naming = field(init=False)
    _batches: dict[str, list[str]] = field(default_factory=dict)
    """By the key of a batch under way, the references that it is for."""

    def __post_init__(self) -> None:
        source = self.collection.source
        self.naming = Naming(self.collection.resource, source.base_url, key_param=source.key_param)

    def unresolved(self) -> list[str]:
        """Canonical references of which nothing is known and that were not asked for."""
        open_ = [name for name in self.wanted if name not in self.found and name not in self.asked]
        return [name for name in open_ if self.naming.id_of(name) not in self.ids] if self.ids else open_

    def note_wanted(self, records: Iterable[Record], path: str) -> None:
        """Take the references that lie at a path in records."""
        for record in records:
            value = dig(record, path)
            for reference in value if isinstance(value, list) else [value]:
                if type(reference) in (str, int) and (written := str(reference).strip()):
                    self.wanted.setdefault(self.naming.name(written), written)

    def note_found(self, records: Iterable[Record], *, at: str | None = None) -> None:
        """Take records of its own answers; `at` names the answer, where that is one record's address."""
        if lookup_batch(self.collection.resource):
            self.ids.update(ids_of(self.collection.resource, records, self.naming))
        key = self.collection.resource.key
        if key is not None:
            self.found.update(self.naming.name(str(dig(record, key))) for record in records)
        if at is not None:
            self.found.update((at, at.removeprefix(f"{self.collection.resource.name}/")))

    def note_looked_up(self, request: Request, records: Iterable[Record]) -> None:
        """Take the answer to a request for references."""
        # In lookups and asked too: the journal may hold it from a time when it was due earlier.
        self.lookups.add(request.key)
        if request.role == "lookups":
            self.ids.update(ids_of(self.collection.resource, records, self.naming))
            return
        self.asked.add(request.key)
        self.found.add(request.key)

    def instead(self, request: Request) -> Iterable[Request]:
        """What is asked for instead of a batch that was refused: each of its references."""
        names = self._batches.pop(request.key, [])
        self.lookups.discard(request.key)
        return self._singly([name for name in names if name not in self.found])

    def due(self, *, may_page: bool, over: bool) -> Iterable[Request]:
        """The requests that the state of things asks for now; `over` if no further reference can come."""
        if may_page and not self.lookups and self._is_paging_cheaper(over=over):
            return self.collection.ask()
        return self._one_by_one() if over and self.collection.open == 0 else ()

    def _cost(self, references: int) -> int:
        """Requests for so many references."""
        return cost(references, lookup_batch(self.collection.resource))

    def _is_paging_cheaper(self, *, over: bool) -> bool:
        """Whether the pages that are left cost less than the references that are."""
        collection, pages = self.collection, self.collection.pages()
        if collection.reach <= collection.asked:
            return False
        left = self._cost(len(self.unresolved()))
        if pages is not None:
            return left > pages - collection.asked
        # Nobody knows how many pages there are: two requests are cheaper than to look.
        return over and left > 2 and collection.asked < self._cost(len(self.wanted))

    def _one_by_one(self) -> Iterable[Request]:
        due = self.unresolved()
        source, resource = self.collection.source, self.collection.resource
        if not lookup_batch(resource):
            return self._singly(due)
        self.asked.update(due)
        named: dict[str, list[str]] = {}
        for name in due:
            named.setdefault(self.naming.id_of(name), []).append(name)
        further: list[Request] = []
        for request, ids in lookups(source, resource, named, len(self.lookups)):
            names = [name for id_ in ids for name in named[id_]]
            if request.key in self.refused:
                further += self._singly(names)
            else:
                self._batches[request.key] = names
                self.lookups.add(request.key)
                further.append(request)
        return further

    def _singly(self, names: list[str]) -> Iterable[Request]:
        """A request for each of these."""
        source, resource, first = self.collection.source, self.collection.resource, len(self.lookups)
        self.asked.update(names)
        self.lookups.update(names)
        written = [self.wanted[name] for name in names]
        return (lookup_request(source, resource, self.naming, each, first + n) for n, each in enumerate(written))
