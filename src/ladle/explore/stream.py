"""A view as a stream: takes a snapshot's folder and a view, gives all its rows as tables of a few MB, in its order.

The rows come from Parquet, from its beginning to its end; which of them the view has, and at which place, its row
numbers say. Only for a view that is sorted they are put into another order, on disk where memory is short.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ladle import computing as pc
from ladle.errors import Damaged
from ladle.explore.kept import check_size, readable, remedy
from ladle.explore.numbers import Numbers
from ladle.explore.ordered import ordered
from ladle.explore.orders import begun_again, order_of
from ladle.explore.view import WHOLE, View, chosen
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest, TableColumn
from ladle.snapshots.types import ARROW

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MOST_ROWS, MOST_BYTES = 5_000, 2 << 20
"""How much of a table is made into another form at once, by its size as CSV."""
_SORTED_TIMES = 4
"""So many times more is read at once of what is put into another order."""
_WINDOW = 1 << 21
"""Rows whose places are known at once: 16 MB of them."""
_NUMBERS = 1 << 18
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class Stream:
    """All rows of a view of one snapshot, to be gone through as often as wanted."""

    folder: Path
    manifest: Manifest
    view: View = WHOLE

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The view's columns, in its order."""
        return tuple(self.manifest.columns[number] for number in chosen(self.view, self.manifest.columns))

    @property
    def schema(self) -> pa.Schema:
        """Names and types as the table was built: Parquet knows no whole seconds."""
        return pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    @property
    def entire(self) -> bool:
        """Whether it is the table as it is kept."""
        return self.view.whole and self.columns == self.manifest.columns

    def count(self) -> int:
        """How many rows it has; the first time that takes as long as looking through the table."""
        return self.manifest.rows if self.view.whole else self._numbers().count

    def row_numbers(self, offset: int, limit: int) -> list[int]:
        """Which rows of the table stand there, counted from 0."""
        return self._numbers().part(offset, limit)

    def tables(self) -> Iterator[pa.Table]:
        """The rows, piece by piece; raises Damaged on the way, or before, where the file is not the one kept."""
        check_size(self.folder / PARQUET, self.manifest)
        schema = self.schema
        for table in self._found():
            columns = [each.cast(type_) for each, type_ in zip(table.columns, schema.types, strict=True)]
            yield pa.Table.from_arrays(columns, schema=schema)

    @property
    def _rows(self) -> int:
        """Rows of a piece."""
        size = self.manifest.files[CSV].size
        return max(1, min(MOST_BYTES * self.manifest.rows // size, MOST_ROWS))

    def _found(self) -> Iterator[pa.Table]:
        if self.view.whole:
            with self._opened() as file:
                groups = list(range(file.num_row_groups))
                yield from (pa.Table.from_batches([each]) for each in self._batches(file, groups, self._rows))
            return
        if not self.view.sort:
            yield from (table.remove_column(table.num_columns - 1) for table in self._placed(self._rows))
            return
        numbers = self._numbers()
        size = self.manifest.files[CSV].size // max(1, self.manifest.rows)
        placed = self._placed(self._rows * _SORTED_TIMES)
        yield from ordered(placed, count=numbers.count, row_bytes=size, rows=self._rows)

    def _placed(self, rows: int) -> Iterator[pa.Table]:
        """The view's rows in the table's order, with their places in the view in a last column."""
        with self._opened() as file:
            ends = list(accumulate(file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)))
            for _, window in groupby(range(len(ends)), key=lambda n: (ends[n] - 1) // _WINDOW):
                groups = list(window)
                begin = ends[groups[0] - 1] if groups[0] else 0
                places = self._places(begin, ends[groups[-1]])
                for group in groups:
                    first = (ends[group - 1] if group else 0) - begin
                    yield from self._of_group(file, group, places.slice(first, ends[group] - begin - first), rows)

    def _of_group(self, file: pq.ParquetFile, group: int, places: pa.Array[Any], rows: int) -> Iterator[pa.Table]:
        """The view's rows of one row group, which is not read where it has none."""
        if places.null_count == len(places):
            return
        at = 0
        for batch in self._batches(file, [group], rows):
            here = places.slice(at, batch.num_rows)
            at += batch.num_rows
            if here.null_count < len(here):
                table = pa.Table.from_batches([batch]).append_column(_PLACE, here)
                yield table if not here.null_count else table.filter(pc.is_valid(here))

    def _places(self, begin: int, end: int) -> pa.Array[Any]:
        """Where in the view each of these rows stands; null for one that it has not."""
        try:
            return _places(self._numbers(), begin, end)
        except (Damaged, OSError):  # of the cache, which is made again
            return _places(begun_again(self.folder, self.manifest, self.view).result(), begin, end)

    def _numbers(self) -> Numbers:
        return order_of(self.folder, self.manifest, self.view).result()

    def _batches(self, file: pq.ParquetFile, groups: list[int], rows: int) -> Iterator[pa.RecordBatch]:
        """Batches of the view's columns, which are named by their number: any name may be there twice as a path."""
        names = [column.name for column in self.columns]
        wanted = None if len(names) == len(self.manifest.columns) else names
        with self._damage_told():
            for batch in file.iter_batches(batch_size=rows, row_groups=groups, columns=wanted):
                yield batch.select(names).rename_columns([str(number) for number in range(len(names))])

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        import pyarrow.parquet as pq  # here, as everywhere: 10 MB that nobody needs who only collects or lists

        with self._damage_told():
            # With a buffer beforehand, all that has been read of the file stays in memory.
            file = pq.ParquetFile(readable(self.folder / PARQUET), pre_buffer=False)
        with file:
            yield file

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise Damaged(
                f'"{self.folder / PARQUET}" can\'t be read: {error}.', hint=remedy(self.folder / PARQUET)
            ) from error


def _places(numbers: Numbers, begin: int, end: int) -> pa.Array[Any]:
    rows, places = [], []
    for at in range(0, numbers.count, _NUMBERS):
        some: Any = numbers.arrow(at, _NUMBERS).cast(pa.int64())
        inside = pc.indices_nonzero(pc.and_(pc.greater_equal(some, begin), pc.less(some, end))).cast(pa.int64())
        rows.append(pc.subtract(some.take(inside), begin))
        places.append(pc.add(inside, at))
    which = pc.inverse_permutation(_joined(rows), max_index=end - begin - 1, output_type=pa.int64())
    return _joined(places).take(which)


def _joined(arrays: list[Any]) -> pa.Array[Any]:
    return pa.concat_arrays(arrays) if arrays else pa.array([], pa.int64())
