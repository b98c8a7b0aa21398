"""Answers gathered into chunks: takes answers in table order, gives chunks of about as many records as bounds allow.

Arrow's arrays are made of thousands of records at once, however few an answer holds: what is done for each column
is then done a hundred times less often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.sources.paging import Record
from ladle.sources.sift import Sift
from ladle.sources.source import Item, Resource


@dataclass(frozen=True, slots=True)
class Part:
    """One answer: its records in order, the list's item or parent's record that it was asked for, its size in bytes."""

    records: list[Record]
    item: Mapping[str, Any]
    size: int


@dataclass(slots=True)
class Chunk:
    """Answers that follow one another in the table; `runs` are records with the item that they came for."""

    runs: list[tuple[list[Record], Mapping[str, Any]]] = field(default_factory=list)
    rows: int = 0
    size: int = 0

    def add(self, part: Part) -> None:
        """Put an answer behind the others. Those of no item, as all pages are, make one run."""
        self.rows += len(part.records)
        self.size += part.size
        if self.runs and not part.item and not self.runs[-1][1]:
            self.runs[-1][0].extend(part.records)
        elif part.records:
            self.runs.append((list(part.records), part.item))

    def sifted(self, sift: Sift) -> Chunk:
        """The chunk without the records that do not count."""
        runs = [(sift(records), item) for records, item in self.runs]
        return Chunk(runs, sum(len(records) for records, _ in runs), self.size)


class Gathering:
    """Gathers answers; where a chunk ends depends on the answers and the bounds alone."""

    def __init__(self, *, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._chunk = Chunk()

    def add(self, part: Part) -> Chunk | None:
        """Take an answer; gives the chunk that it makes full."""
        self._chunk.add(part)
        full = self._chunk.rows >= self._bounds.chunk_rows or self._chunk.size >= self._bounds.chunk_bytes
        return self.rest() if full else None

    def rest(self) -> Chunk:
        """What was gathered since the last full chunk."""
        chunk, self._chunk = self._chunk, Chunk()
        return chunk


def item_of(resource: Resource, role: str, position: int) -> Item:
    """The item of the resource's list that an answer was called for; none for a page."""
    items = resource.each.items if resource.each is not None and role == "item" else ()
    return items[position] if 0 <= position < len(items) else {}
