"""A table's columns as far as they are known: takes chunks of records, gives each as an Arrow table.

A type is decided over all records, so it may change with any chunk; who has written chunks before looks at `schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ladle.snapshots.columns import Gather, Ready, make_ready
from ladle.snapshots.found import REST, Fields, position
from ladle.snapshots.gather import Chunk
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.resolve import Names
from ladle.snapshots.types import ARROW, Kind, column_type, widen
from ladle.sources.source import Dataset, Reference

Columns = list[tuple[list[Any], list[Any]]]
"""For each column a chunk's raw values, and the same as the column's reader reads them."""


class Shape:
    """Columns and their kinds over all chunks that were learned."""

    def __init__(self, dataset: Dataset, *, names: Mapping[Reference, Names]) -> None:
        named = [column for column in dataset.columns if column.name != REST]
        self._ready = [make_ready(column, names=names) for column in named]
        self._kinds: dict[str, Kind] = {column.name: column.first for column in self._ready}
        self._next = position(dataset)
        self._fields = Fields(dataset)
        self._hidden: set[str] = set()

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Names and types, in table order."""
        return tuple(TableColumn(ready.name, column_type(self._kinds[ready.name])) for ready in self._shown())

    @property
    def schema(self) -> pa.Schema:
        """The same for Arrow."""
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    def learn(self, chunk: Chunk) -> Columns:
        """Take a chunk's values, widen what is too narrow for them, add fields that are new."""
        if self._next is not None:
            self._discover(chunk, at=self._next)
        columns: Columns = []
        for ready in self._ready:
            raw = _values(ready.gather, chunk)
            typed = ready.typed(raw)
            self._kinds[ready.name] = widen(self._kinds[ready.name], ready.kind(typed))
            columns.append((raw, typed))
        if self._next is not None:
            self._hidden = self._fields.hidden({name for name, kind in self._kinds.items() if kind == "none"})
        return columns

    def table(self, columns: Columns) -> pa.Table:
        """Values that were learned, as a table of the columns as they are known now."""
        arrays = [
            ready.array(raw, typed, kind=self._kinds[ready.name])
            for ready, (raw, typed) in zip(self._ready, columns, strict=True)
            if ready.name not in self._hidden
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _shown(self) -> list[Ready]:
        return [ready for ready in self._ready if ready.name not in self._hidden]

    def _discover(self, chunk: Chunk, *, at: int) -> None:
        """Add the fields that no earlier record had, behind those that were found before."""
        new = self._fields.new(chunk)
        self._ready[at:at] = new
        self._next = at + len(new)
        self._kinds |= {ready.name: "none" for ready in new}


def _values(gather: Gather, chunk: Chunk) -> list[Any]:
    if len(chunk.runs) == 1:
        return gather(*chunk.runs[0])
    return [value for records, item in chunk.runs for value in gather(records, item)]
