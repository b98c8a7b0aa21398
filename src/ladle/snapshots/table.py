"""What is known of a table beside its rows: takes what was met on the way, gives the figures for the manifest."""

from __future__ import annotations

from dataclasses import dataclass, field

from ladle.collect.hashes import hashes_of
from ladle.collect.journal import Entry
from ladle.snapshots.manifest import Gap, RunFacts
from ladle.snapshots.resolve import Names
from ladle.sources.paging import Page
from ladle.sources.source import Reference, Resource


@dataclass(slots=True, kw_only=True)
class Told:
    """The API's own number of records, of which the one counts that was told last."""

    claimed: int | None = None
    """The API's own number of records, as last told."""
    _told: tuple[float, int] = (-1.0, -1)

    def told(self, count: int | None, *, started: float, position: int) -> None:
        """Note the API's own number; the one that was asked for last counts, then the one farthest in the table."""
        if count is not None and (started, position) >= self._told:
            self.claimed, self._told = count, (started, position)


@dataclass(slots=True)
class Parents(Told):
    """The records of a parent, for each of which there is one request: what their children are held against."""

    resource: Resource
    without: list[str] = field(default_factory=list)
    """Keys of the requests that have no usable answer."""
    _keys: set[int] = field(default_factory=set)

    @property
    def distinct(self) -> int:
        """How many there are, by the resource's own key, or where it has none by all that they hold."""
        return len(self._keys)

    def took(self, entry: Entry, page: Page) -> None:
        """Note an answer of theirs."""
        if entry.role == "page":
            self.told(page.count, started=entry.started, position=entry.position)
        self._keys.update(hashes_of(page.held, self.resource.key))


@dataclass(slots=True)
class Collected(Told):
    """What was met on the way through a dataset's answers; the same however often they are gone through."""

    resource: Resource
    names: dict[Reference, Names] = field(default_factory=dict)
    answers: int = 0
    """Number of the dataset's own answers; of a list that is called for in batches, the items they cover."""
    unread: dict[str, Gap] = field(default_factory=dict)
    """Answers that can't be read as the definition says, by key."""
    cut: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By key, answers for one item each that told another count than they held: that count, and what they held."""
    parents: Parents | None = None
    """Of children."""

    @property
    def paged(self) -> Resource:
        """The resource whose pages it rests on: its own, or its parent."""
        return (self.parents or self).resource

    def took(self, entry: Entry, page: Page) -> None:
        """Note what an answer tells of the number of records: a page's of all of them, an item's of its own."""
        if entry.role == "page":
            self.told(page.count, started=entry.started, position=entry.position)
        elif page.count is not None and page.count != len(page.held):
            self.cut[entry.key] = (page.count, len(page.held))

    def told_before(self, other: Collected) -> None:
        """Take over the numbers that were told in answers that only `other` has seen."""
        self.told(other.claimed, started=other._told[0], position=other._told[1])
        self.cut |= other.cut

    def settle(self, facts: RunFacts) -> None:
        """Take the count of the moment that the pages are of, which need not be the last."""
        known = facts.settled_of(self.paged.name).claimed
        if known is not None and self.parents is not None:
            self.parents.claimed, self.claimed = known, self.claimed and known
        elif known is not None:
            self.claimed = known
