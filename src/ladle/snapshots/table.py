"""What is known of a table beside its rows: takes what was met on the way, gives the figures for the manifest."""

from __future__ import annotations

from dataclasses import dataclass, field

from ladle.snapshots.manifest import Gap
from ladle.snapshots.resolve import Names
from ladle.sources.source import Reference, Resource


@dataclass(slots=True)
class Collected:
    """What was met on the way through a dataset's answers; the same however often they are gone through."""

    resource: Resource
    names: dict[Reference, Names] = field(default_factory=dict)
    answers: int = 0
    """Number of the dataset's own answers; of a list that is called for in batches, the items they cover."""
    unread: dict[str, Gap] = field(default_factory=dict)
    """Answers that can't be read as the definition says, by key."""
    claimed: int | None = None
    """The API's own number of records, as last told."""
    _told: tuple[float, int] = (-1.0, -1)

    def told(self, count: int | None, *, started: float, position: int) -> None:
        """Note the API's own number; the one that was asked for last counts, then the one farthest in the table."""
        if count is not None and (started, position) >= self._told:
            self.claimed, self._told = count, (started, position)

    def told_before(self, other: Collected) -> None:
        """Take over the number that was told in answers that only `other` has seen."""
        self.told(other.claimed, started=other._told[0], position=other._told[1])
