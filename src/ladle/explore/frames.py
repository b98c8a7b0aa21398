"""To other tools: takes a table, gives it as pandas, Polars or petl have it, each of which may lack."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ladle.errors import Damaged, SettingError
from ladle.explore.address import checked
from ladle.explore.kept import check_size, readable, remedy, whole
from ladle.explore.query import relation
from ladle.explore.stream import Stream
from ladle.explore.values import column_values
from ladle.explore.view import WHOLE, View
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest


class Frames:
    """A snapshot's table as other tools have it; errors as a snapshot's others."""

    __slots__ = ()
    folder: Path
    manifest: Manifest

    def arrow(self, view: View = WHOLE) -> pa.Table:
        """The whole table, or all rows of a view."""
        return _arrow(Stream(self.folder, self.manifest, checked(view, self.manifest.columns)))

    def pandas(self, view: View = WHOLE) -> Any:
        """The same as a pandas DataFrame; raises SettingError when pandas is not installed."""
        return _to_pandas(self.arrow(view))

    def polars(self, view: View = WHOLE) -> Any:
        """The same as `arrow` as a DataFrame of Polars; raises SettingError when Polars is not installed."""
        return _to_polars(lambda: self.arrow(view))

    def duckdb(self) -> Any:
        """The table as a DuckDBPyRelation, read from the Parquet file when it is asked; for `.filter()`, `.df()` …"""
        return relation(whole(self.folder / PARQUET, self.manifest))

    def petl(self, view: View = WHOLE) -> Any:
        """The rows as petl's table, read as it is gone through; raises SettingError when petl is not installed."""
        check_size(self.folder / PARQUET, self.manifest)
        stream = Stream(self.folder, self.manifest, checked(view, self.manifest.columns))
        return to_petl([column.name for column in stream.columns], stream.tables)


def _arrow(stream: Stream) -> pa.Table:
    """A view whole, with the types of the Parquet file; raises Damaged."""
    import pyarrow.parquet as pq

    path = stream.folder / PARQUET
    check_size(path, stream.manifest)
    try:
        if stream.entire:
            return pq.read_table(readable(path))
        types = pq.read_schema(readable(path))
    except (OSError, pa.ArrowException) as error:
        raise Damaged(f'"{path}" can\'t be read: {error}.', hint=remedy(path)) from error
    schema = pa.schema([types.field(column.name) for column in stream.columns])
    return pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in stream.tables())])


def _to_pandas(table: pa.Table) -> Any:
    """A DataFrame that keeps whole numbers exact beside missing ones; raises SettingError without pandas."""
    pandas = _loaded("pandas")
    nullable = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
    return table.to_pandas(types_mapper=nullable.get)


def _to_polars(table: Callable[[], pa.Table]) -> Any:
    """A DataFrame of Polars; raises SettingError without Polars, before the table is read."""
    return _loaded("polars").from_arrow(table())


def to_petl(names: list[str], tables: Callable[[], Iterator[pa.Table]]) -> Any:
    """A table of petl, read anew each time it is gone through, a few MB at a time; raises SettingError without petl."""
    return _loaded("petl").wrap(_Rows(names, tables))


class _Rows:
    """A header and rows, as petl goes through them."""

    def __init__(self, names: list[str], tables: Callable[[], Iterator[pa.Table]]) -> None:
        self._names, self._tables = names, tables

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        yield tuple(self._names)
        for table in self._tables():
            yield from zip(*map(column_values, table.columns), strict=True)


def _loaded(name: str) -> Any:
    """An extra that most do without, and that takes half a second to load: it is loaded when it is asked for."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SettingError(f"{name} is not installed.", hint=f"Install it: pip install 'ladle[{name}]'.") from error
