"""Rows in another order: takes tables whose last column says where each row goes, gives the rows in that order.

Rows are put apart by the span of places that they belong to, and each span is then put in order by itself. So the
memory taken depends on no number of rows: what is more goes to a file without a name, which ends with the process.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from ladle import computing as pc

SPAN_BYTES = 16 << 20
"""About so much is put in order at once."""
HELD_BYTES = 48 << 20
"""So much waits in memory before it goes to the file."""


def ordered(
    pieces: Iterable[pa.Table],
    *,
    count: int,
    row_bytes: int,
    rows: int,
    span_bytes: int = SPAN_BYTES,
    held_bytes: int = HELD_BYTES,
) -> Iterator[pa.Table]:
    """The tables' rows without that last column, `rows` at a time: places run from 0 to `count`, each there once.

    `row_bytes` is about what a row takes. Raises OSError where the file can't be written.
    """
    per = max(1, span_bytes // max(1, row_bytes))
    with tempfile.TemporaryFile(prefix="ladle-") as file:
        apart = _Apart(per, held_bytes, file)
        for piece in pieces:
            apart.put(piece)
        for span in range(-(-count // per)):
            table = _in_order(apart.take(span))
            table = table.remove_column(table.num_columns - 1)
            yield from (table.slice(at, rows) for at in range(0, table.num_rows, rows))


class _Apart:
    """Rows by their span of `per` places, in memory up to a bound, then in a file: first all are put, then taken."""

    def __init__(self, per: int, most: int, file: Any) -> None:
        self._per, self._most, self._file = per, most, file
        self._held: dict[int, list[pa.Table]] = defaultdict(list)
        self._bytes = 0
        self._kept: dict[int, list[int]] = defaultdict(list)
        """Where in the file a span's rows begin."""

    def put(self, piece: pa.Table) -> None:
        """Put rows to those of their spans."""
        table, at = _in_order(piece), 0
        spans: Any = pc.value_counts(pc.divide(table.column(table.num_columns - 1), self._per))
        for each in spans.to_pylist():
            self._held[each["values"]].append(table.slice(at, each["counts"]))
            at += each["counts"]
        self._bytes += table.nbytes
        if self._bytes > self._most:
            self._write()

    def take(self, span: int) -> pa.Table:
        """All rows of a span, which are then held no more."""
        return pa.concat_tables([*map(self._read, self._kept.pop(span, [])), *self._held.pop(span, [])])

    def _write(self) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        for span, tables in self._held.items():
            self._kept[span].append(self._file.tell())
            with pa.ipc.new_stream(self._file, tables[0].schema, options=options) as writer:
                writer.write_table(pa.concat_tables(tables).combine_chunks())
        self._held.clear()
        self._bytes = 0

    def _read(self, begin: int) -> pa.Table:
        self._file.seek(begin)
        return pa.ipc.open_stream(self._file).read_all()


def _in_order(table: pa.Table) -> pa.Table:
    return table.combine_chunks().take(pc.sort_indices(table, [(table.schema.names[-1], "ascending")]))
