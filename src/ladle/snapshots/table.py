"""From journal to table: takes a run's journal and its definition, gives typed chunks in table order.

Three readings, none of which holds more than a chunk of records: the first notes where the dataset's answers lie
and learns what references stand for, the second surveys all records (columns, types, repeated keys), the third
gives the chunks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ladle.collect.journal import Entry, Place, places, read_place
from ladle.snapshots.columns import found_column, make_ready
from ladle.snapshots.manifest import Gap, TableColumn
from ladle.snapshots.resolve import Names, learn, names_for
from ladle.snapshots.types import ARROW, Kind, column_type, widen
from ladle.sources.paging import AnswerError, Record, dig, read_answer
from ladle.sources.source import Dataset, Item, Reference, Resource, Source

CHUNK_ROWS = 100_000
CHUNK_BYTES = 64 << 20
"""A chunk also ends at this size of answers, so that long texts don't fill the memory."""


@dataclass
class Chunk:
    """Records in table order, and the list's item that each was called for."""

    records: list[Record] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    size: int = 0


class Collected:
    """What a run has collected of a dataset so far, as a table. Made once; then `columns` and `chunks()`."""

    def __init__(self, journal: Path, *, source: Source, dataset: Dataset, base_url: str) -> None:
        self.resource: Resource = source.resources[dataset.resource]
        self.names: dict[Reference, Names] = names_for(dataset, base_url=base_url)
        self.claimed: int | None = None
        self.unread: dict[str, Gap] = {}
        """Answers that can't be read as the definition says, by key."""
        self.duplicates = 0
        """Set when `chunks` has run to its end."""
        self._places = self._note_places(journal, source=source)
        self._ready = [make_ready(column, names=self.names) for column in dataset.columns]
        self._kinds: dict[str, Kind] = {column.name: column.first for column in self._ready}
        self._repeated: set[int] = set()
        self._survey(discover=not dataset.columns)

    @property
    def answers(self) -> int:
        """Number of the dataset's own answers."""
        return len(self._places)

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The table's columns with their types, decided over all records."""
        return tuple(TableColumn(ready.name, column_type(self._kinds[ready.name])) for ready in self._ready)

    @property
    def schema(self) -> pa.Schema:
        """The chunks' schema."""
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    def chunks(self) -> Iterator[pa.Table]:
        """The table in order, each record once, in chunks of at most CHUNK_ROWS (the last page may exceed it)."""
        seen: set[Any] = set()
        self.duplicates = 0
        for chunk in self._read():
            kept = self._once(chunk, seen=seen)
            arrays = [
                ready.array(ready.gather(kept.records, kept.items), kind=self._kinds[ready.name])
                for ready in self._ready
            ]
            yield pa.Table.from_arrays(arrays, schema=self.schema)

    def _note_places(self, journal: Path, *, source: Source) -> list[Place]:
        """Where the dataset's own answers lie, in table order."""
        found: list[tuple[int, Place]] = []
        for entry, place in places(journal):
            if entry.kind != "answer":
                continue
            learn(self.names.values(), entry, source=source)
            if entry.resource == self.resource.name and entry.role != "lookup":
                found.append((entry.position, place))
        return [place for _, place in sorted(found, key=lambda each: each[0])]

    def _survey(self, *, discover: bool) -> None:
        hashes = array("q")
        for chunk in self._read(telling=True):
            if discover:
                self._discover(chunk)
            for ready in self._ready:
                kind = ready.kind(ready.gather(chunk.records, chunk.items))
                self._kinds[ready.name] = widen(self._kinds[ready.name], kind)
            if self.resource.key is not None:
                hashes.extend(hash(_key(record, self.resource)) for record in chunk.records)
        self._repeated = _repeated(hashes)

    def _discover(self, chunk: Chunk) -> None:
        """Add the fields that no earlier record had, in order of appearance."""
        fields: Record = {}
        for record in chunk.records:
            fields.update(record)
        new = [found_column(name) for name in fields if name not in self._kinds]
        self._ready += new
        self._kinds |= {ready.name: "none" for ready in new}

    def _once(self, chunk: Chunk, *, seen: set[Any]) -> Chunk:
        """The chunk without records whose key was there before. Only keys whose hash repeats are ever remembered."""
        if not self._repeated:
            return chunk
        kept = Chunk()
        for record, item in zip(chunk.records, chunk.items, strict=True):
            key = _key(record, self.resource)
            if key is not None and key in seen:
                self.duplicates += 1
                continue
            if hash(key) in self._repeated:
                seen.add(key)
            kept.records.append(record)
            kept.items.append(item)
        return kept

    def _read(self, *, telling: bool = False) -> Iterator[Chunk]:
        """Chunks as the API gave them."""
        chunk = Chunk()
        last = -1.0
        for place in self._places:
            entry = read_place(place)
            try:
                page = read_answer(self.resource, entry.body)
            except AnswerError as error:
                self.unread[entry.key] = Gap(entry.key, str(error))
                continue
            if telling and page.count is not None and entry.started >= last:
                self.claimed, last = page.count, entry.started
            chunk.records += page.records
            chunk.items += [self._item(entry)] * len(page.records)
            chunk.size += len(entry.body)
            if len(chunk.records) >= CHUNK_ROWS or chunk.size >= CHUNK_BYTES:
                yield chunk
                chunk = Chunk()
        if chunk.records:
            yield chunk

    def _item(self, entry: Entry) -> Item:
        items = self.resource.each.items if self.resource.each is not None and entry.role == "item" else ()
        return items[entry.position] if 0 <= entry.position < len(items) else {}


def _key(record: Record, resource: Resource) -> Any:
    """What tells the record apart, hashable; None when the record has none."""
    key = dig(record, resource.key) if resource.key is not None else None
    return orjson.dumps(key) if isinstance(key, (dict, list)) else key


def _repeated(hashes: array[int]) -> set[int]:
    """The hashes that occur more than once. 8 bytes a record are kept of the keys, not the keys themselves."""
    if not hashes:
        return set()
    packed = pa.Array.from_buffers(pa.int64(), len(hashes), [None, pa.py_buffer(hashes)])
    if pc.count_distinct(packed).as_py() == len(hashes):
        return set()
    counted: Any = pc.value_counts(packed)
    return {each["values"] for each in counted.to_pylist() if each["counts"] > 1}
