"""A file that was made elsewhere: takes a CSV or Parquet file, gives its columns as ours and its rows in pieces.

It is gone through twice, once to know the types over all rows and once to write: memory stays flat, however long it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa

from ladle.errors import BadInput
from ladle.snapshots.dialect import Dialect, column_names
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.result import Way, kept, way_of
from ladle.snapshots.texts import TextColumn
from ladle.snapshots.types import ARROW

BLOCK, LARGEST_BLOCK = 4 << 20, 1 << 30
"""Bytes of a CSV that are read at once, and at most: a row must fit into a block."""
BATCH = 20_000
"""Rows of a Parquet file that are read at once."""


class OwnTable(Protocol):
    """A table in a file."""

    columns: tuple[TableColumn, ...]
    notes: tuple[str, ...]
    schema: pa.Schema

    def tables(self) -> Iterator[pa.Table]:
        """The rows in order, as the columns say."""


class OwnCsv:
    """A CSV file; raises BadInput for one that is cut or torn otherwise than its first lines say."""

    def __init__(self, path: Path, dialect: Dialect, *, missing: tuple[str, ...] = ()) -> None:
        self._path, self._dialect, self._missing, self._block = path, dialect, missing, BLOCK
        cells = dialect.first if dialect.header else [""] * len(dialect.first)
        names, notes = column_names(cells)
        self._texts = self._seen(names)
        self.columns = tuple(TableColumn(name, text.type) for name, text in zip(names, self._texts, strict=True))
        self.schema = _schema(self.columns)
        self.notes = (*(notes if dialect.header else ()), *(text.note for text in self._texts if text.note))

    def tables(self) -> Iterator[pa.Table]:
        """The rows in order, as the columns say."""
        for batch in self._batches():
            typed = [text.typed(values) for text, values in zip(self._texts, batch.columns, strict=True)]
            table = pa.Table.from_arrays(typed, schema=self.schema)
            # A block may hold a million short rows: written at once, each takes fifty bytes of memory more.
            for row in range(0, table.num_rows, BATCH):
                yield table.slice(row, BATCH)

    def _seen(self, names: list[str]) -> list[TextColumn]:
        """The columns after all rows; begun anew with larger blocks where a row is longer than one."""
        while True:
            texts = [TextColumn(name) for name in names]
            try:
                for batch in self._batches():
                    for text, values in zip(texts, batch.columns, strict=True):
                        text.see(values)
            except _TooLong:
                self._block *= 8
            else:
                return texts

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Every cell as text, or null."""
        import pyarrow.csv

        dialect, names = self._dialect, [str(number) for number in range(len(self._dialect.first))]
        read = pyarrow.csv.ReadOptions(
            column_names=names,
            skip_rows=dialect.blank,
            skip_rows_after_names=int(dialect.header),
            encoding=dialect.encoding,
            block_size=self._block,
            use_threads=False,
        )
        parse = pyarrow.csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            escape_char=dialect.escape or False,
            double_quote=not dialect.escape,
            newlines_in_values=bool(dialect.quote),
            ignore_empty_lines=len(names) > 1,  # in a single column an empty line is a missing value
        )
        convert = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=["", *self._missing],
        )
        try:
            with pyarrow.csv.open_csv(
                str(self._path), read_options=read, parse_options=parse, convert_options=convert
            ) as lines:
                yield from lines
        except (pa.ArrowInvalid, UnicodeError) as error:
            if "straddling" in str(error) and self._block < LARGEST_BLOCK:
                raise _TooLong from error
            if "Empty CSV" in str(error):  # a header and nothing else
                return
            told = ", ".join(f"{name} {sign}" for name, sign in dialect.told().items())
            hint = f"It was read with {told}; say what is otherwise."
            raise BadInput(f'"{self._path}" can\'t be read: {_first_line(error)}.', hint=hint) from error


class OwnParquet:
    """A Parquet file; raises BadInput for one that can't be read or holds bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        fields = self._fields()
        names, notes = column_names([field.name for field in fields])
        self._ways = [_way(field) for field in fields]
        fit = [True] * len(fields)
        for batch in self._batches():
            fit = [fits and way.fits(a) for fits, way, a in zip(fit, self._ways, batch.columns, strict=True)]
        types = [way.type if fits else "text" for way, fits in zip(self._ways, fit, strict=True)]
        self.columns = tuple(TableColumn(name, each) for name, each in zip(names, types, strict=True))
        self.schema = _schema(self.columns)
        self.notes = (*notes, *_unzoned(self.columns, fields))

    def tables(self) -> Iterator[pa.Table]:
        """The rows in order, as the columns say."""
        for batch in self._batches():
            ours = [kept(way, c, a) for way, c, a in zip(self._ways, self.columns, batch.columns, strict=True)]
            yield pa.Table.from_arrays(ours, schema=self.schema)

    def _fields(self) -> list[Any]:
        import pyarrow.parquet as pq

        try:
            return list(pq.read_schema(self._path))
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _batches(self) -> Iterator[Any]:
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self._path, pre_buffer=False) as file:
                for batch in file.iter_batches(batch_size=BATCH):
                    yield pa.RecordBatch.from_arrays([_plain(a) for a in batch.columns], names=batch.schema.names)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> BadInput:
        return BadInput(f'"{self._path}" can\'t be read as Parquet: {_first_line(error)}.')


class _TooLong(Exception):
    """A row is longer than a block."""


def _schema(columns: tuple[TableColumn, ...]) -> pa.Schema:
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in columns])


def _plain(values: Any) -> Any:
    """Dictionaries and extension types as the values that they stand for."""
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _way(field: Any) -> Way:
    """How a column is kept: lists and objects as JSON text."""
    kind = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if _holds_bytes(kind):
        raise BadInput(f'The column "{field.name}" holds bytes.', hint="Leave it out, or write it as text.")
    return way_of(kind) if _is_plain(kind) else Way("text", typed=partial(_as_json, name=field.name))


def _holds_bytes(kind: Any) -> bool:
    """Whether they stand there, or anywhere within lists and objects."""
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return True
    return any(_holds_bytes(kind.field(number).type) for number in range(kind.num_fields))


def _is_plain(kind: Any) -> bool:
    """Whether Arrow itself writes values of that type as text."""
    try:
        pa.array([], kind).cast(pa.string())
    except pa.ArrowNotImplementedError:
        return False
    return True


def _as_json(values: Any, *, name: str) -> Any:
    try:
        told = [None if each is None else orjson.dumps(each, default=str).decode() for each in values.to_pylist()]
    except (ValueError, OverflowError, TypeError) as error:  # a date beyond the year 9999, say: Python has none
        what = f'The column "{name}" holds a value within a list or an object that JSON can\'t tell: {error}.'
        raise BadInput(what, hint="Leave it out, or write it as text.") from error
    return pa.array(told, pa.string())


def _unzoned(columns: tuple[TableColumn, ...], fields: list[Any]) -> Iterator[str]:
    for column, field in zip(columns, fields, strict=True):
        if pa.types.is_timestamp(field.type) and field.type.tz is None:
            yield f'The times in "{column.name}" name no offset and are taken as UTC.'


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
