"""A table's columns as far as they are known: takes chunks of records, gives each as an Arrow table.

A type is decided over all records, so it may change with any chunk; who has written chunks before looks at `schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ladle.snapshots.columns import Gather, found_column, make_ready
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
        self._ready = [make_ready(column, names=names) for column in dataset.columns]
        self._kinds: dict[str, Kind] = {column.name: column.first for column in self._ready}
        self._discovers = not dataset.columns

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Names and types, in table order."""
        return tuple(TableColumn(ready.name, column_type(self._kinds[ready.name])) for ready in self._ready)

    @property
    def schema(self) -> pa.Schema:
        """The same for Arrow."""
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    def learn(self, chunk: Chunk) -> Columns:
        """Take a chunk's values, widen what is too narrow for them, add fields that are new."""
        if self._discovers:
            self._discover(chunk)
        columns: Columns = []
        for ready in self._ready:
            raw = _values(ready.gather, chunk)
            typed = ready.typed(raw)
            self._kinds[ready.name] = widen(self._kinds[ready.name], ready.kind(typed))
            columns.append((raw, typed))
        return columns

    def table(self, columns: Columns) -> pa.Table:
        """Values that were learned, as a table of the columns as they are known now."""
        arrays = [
            ready.array(raw, typed, kind=self._kinds[ready.name])
            for ready, (raw, typed) in zip(self._ready, columns, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _discover(self, chunk: Chunk) -> None:
        """Add the fields that no earlier record had, in order of appearance."""
        shapes = dict.fromkeys(tuple(record) for records, _ in chunk.runs for record in records)
        fields = dict.fromkeys(name for shape in shapes for name in shape)
        new = [found_column(name) for name in fields if name not in self._kinds]
        self._ready += new
        self._kinds |= {ready.name: "none" for ready in new}


def _values(gather: Gather, chunk: Chunk) -> list[Any]:
    if len(chunk.runs) == 1:
        return gather(*chunk.runs[0])
    return [value for records, item in chunk.runs for value in gather(records, item)]
