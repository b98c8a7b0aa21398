"""From journal to table: takes a run's journal and its definition, gives typed chunks in table order.

Three readings, none of which holds more than a chunk of records: the first notes where the dataset's answers lie
and learns what references stand for, the second surveys all records (columns, types, repeated keys), the third
gives the chunks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ladle.collect.batch import matched
from ladle.collect.journal import Entry, Place, places, read_place
from ladle.collect.request import item_request, page_of
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.columns import at_path, found_column, make_ready, nothing
from ladle.snapshots.manifest import Gap, TableColumn
from ladle.snapshots.resolve import Names, learn, names_for
from ladle.snapshots.types import ARROW, Kind, as_json, column_type, widen
from ladle.sources.paging import AnswerError, Record
from ladle.sources.source import Dataset, Item, Reference, Resource, Source


@dataclass(frozen=True, slots=True)
class Part:
    """One answer: its records in order, the list's item that it was called for, its size in bytes."""

    records: list[Record]
    item: Item
    size: int


class Collected:
    """What a run has collected of a dataset so far, as a table. Made once; then `columns` and `chunks()`."""

    def __init__(
        self, journal: Path, *, source: Source, dataset: Dataset, base_url: str, bounds: Bounds = BOUNDS
    ) -> None:
        self.resource: Resource = source.resources[dataset.resource]
        self.names: dict[Reference, Names] = names_for(dataset, base_url=base_url)
        self.claimed: int | None = None
        self.unread: dict[str, Gap] = {}
        """Answers that can't be read as the definition says, by key."""
        self.duplicates = 0
        """Set when `chunks` has run to its end."""
        self._bounds, self._source = bounds, source
        self._gather_keys = nothing if self.resource.key is None else at_path(self.resource.key)
        self._covered = 0
        self._places = self._note_places(journal, source=source)
        self._ready = [make_ready(column, names=self.names) for column in dataset.columns]
        self._kinds: dict[str, Kind] = {column.name: column.first for column in self._ready}
        self._repeated: set[int] = set()
        self._survey(discover=not dataset.columns)

    @property
    def answers(self) -> int:
        """Number of the dataset's own answers; of a list that is called for in batches, the items they cover."""
        return self._covered

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The table's columns with their types, decided over all records."""
        return tuple(TableColumn(ready.name, column_type(self._kinds[ready.name])) for ready in self._ready)

    @property
    def schema(self) -> pa.Schema:
        """The chunks' schema."""
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    def chunks(self) -> Iterator[pa.Table]:
        """The table in order, each record once, in chunks that end as the bounds say, with a whole answer."""
        self.duplicates = 0
        for raw in self._raw(self._once()):
            arrays = [
                ready.array(values, kind=self._kinds[ready.name])
                for ready, values in zip(self._ready, raw, strict=True)
            ]
            yield pa.Table.from_arrays(arrays, schema=self.schema)

    def _note_places(self, journal: Path, *, source: Source) -> list[Place]:
        """Where the dataset's own answers lie, in table order."""
        found: dict[int, tuple[int, Place]] = {}
        for entry, place in places(journal):
            if entry.kind != "answer":
                continue
            learn(self.names.values(), entry, source=source)
            own = entry.resource == self.resource.name and entry.role not in ("lookup", "lookups")
            # A page that was read again counts as it was read last.
            if own and entry.reading >= found.get(entry.position, (0, place))[0]:
                found[entry.position] = (entry.reading, place)
                self._covered += len(matched(self.resource, entry.position, ())) if entry.role == "items" else 1
        return [place for _, (_, place) in sorted(found.items())]

    def _survey(self, *, discover: bool) -> None:
        """Decide columns, types and which keys repeat, over all records."""
        hashes = array("q")
        for raw in self._raw(self._surveyed(hashes, discover=discover)):
            for ready, values in zip(self._ready, raw, strict=False):
                self._kinds[ready.name] = widen(self._kinds[ready.name], ready.kind(values))
        self._repeated = _repeated(hashes)

    def _surveyed(self, hashes: array[int], *, discover: bool) -> Iterator[Part]:
        """All answers as they come, while hashes of keys and fields not met before are noted."""
        for part in self._parts():
            if discover:
                self._discover(part.records)
            if self.resource.key is not None:
                hashes.extend(map(hash, self._keys(part.records)))
            yield part

    def _discover(self, records: list[Record]) -> None:
        """Add the fields that no earlier record had, in order of appearance."""
        shapes = dict.fromkeys(map(tuple, records))
        fields = dict.fromkeys(name for shape in shapes for name in shape)
        new = [found_column(name) for name in fields if name not in self._kinds]
        self._ready += new
        self._kinds |= {ready.name: "none" for ready in new}

    def _once(self) -> Iterator[Part]:
        """The answers without records whose key was there before. Only keys whose hash repeats are ever remembered."""
        seen: set[Any] = set()
        for part in self._parts():
            if self._repeated:
                keys = self._keys(part.records)
                kept = [record for record, key in zip(part.records, keys, strict=True) if self._is_new(key, seen=seen)]
                self.duplicates += len(part.records) - len(kept)
                part = replace(part, records=kept)
            yield part

    def _is_new(self, key: Any, *, seen: set[Any]) -> bool:
        if key is None or hash(key) not in self._repeated:
            return True
        new = key not in seen
        seen.add(key)
        return new

    def _keys(self, records: list[Record]) -> Iterator[Any]:
        """What tells the records apart, hashable; None where a record has none, or its resource."""
        return map(_hashable, self._gather_keys(records, {}))

    def _raw(self, parts: Iterable[Part]) -> Iterator[list[list[Any]]]:
        """Chunks of raw values, a list for each column that is known by then. Records are let go answer by answer."""
        raw: list[list[Any]] = []
        rows = size = 0
        for part in parts:
            raw += [[] for _ in self._ready[len(raw) :]]
            for ready, values in zip(self._ready, raw, strict=True):
                values += ready.gather(part.records, part.item)
            rows, size = rows + len(part.records), size + part.size
            if rows >= self._bounds.chunk_rows or size >= self._bounds.chunk_bytes:
                yield raw
                raw, rows, size = [], 0, 0
        if rows:
            yield raw

    def _parts(self) -> Iterator[Part]:
        """The dataset's own answers in table order; one that can't be read is noted and left out."""
        last = -1.0
        for place in self._places:
            entry = read_place(place)
            try:
                page = page_of(self.resource, entry)
            except AnswerError as error:
                self.unread[entry.key] = Gap(entry.key, str(error))
                continue
            if page.count is not None and entry.started >= last:
                self.claimed, last = page.count, entry.started
            if entry.role == "items":
                yield from self._parts_of_batch(entry, page.records)
            else:
                yield Part(page.records, self._item(entry), len(entry.body))

    def _parts_of_batch(self, entry: Entry, records: list[Record]) -> Iterator[Part]:
        """One part for each item of a batch, in the list's order; an item without a record is noted by its name."""
        batch = matched(self.resource, entry.position, records)
        for number, (item, found) in enumerate(batch, start=entry.position):
            if found:
                yield Part(found, item, len(entry.body) // len(batch))
            else:
                key = item_request(self._source, self.resource, item, number).key
                self.unread[key] = Gap(key, f"The answer to {entry.key} has no record of it.")

    def _item(self, entry: Entry) -> Item:
        items = self.resource.each.items if self.resource.each is not None and entry.role == "item" else ()
        return items[entry.position] if 0 <= entry.position < len(items) else {}


def _hashable(key: Any) -> Any:
    return as_json(key) if isinstance(key, (dict, list)) else key


def _repeated(hashes: array[int]) -> set[int]:
    """The hashes that occur more than once. 8 bytes a record are kept of the keys, not the keys themselves."""
    if not hashes:
        return set()
    packed = pa.Array.from_buffers(pa.int64(), len(hashes), [None, pa.py_buffer(hashes)])
    # Sorting takes 16 bytes a record beside the hashes, a table of the distinct ones eighty.
    ordered = packed.take(pc.array_sort_indices(packed))
    return set(ordered[1:].filter(pc.equal(ordered[1:], ordered[:-1])).to_pylist())  # type: ignore[arg-type]  # none is null
