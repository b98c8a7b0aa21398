"""Any ten rows at once: takes a snapshot and a range or row numbers, gives typed rows, from the CSV by its index."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa

from ladle.errors import BadInput, Damaged
from ladle.explore.values import records
from ladle.snapshots.files import CSV, INDEX
from ladle.snapshots.index import Index, open_index
from ladle.snapshots.manifest import Manifest
from ladle.snapshots.types import ARROW

MOST = 1000
_AT_ONCE = 1 << 20
"""Bytes of the CSV that are read as one table: a hundred rows may be long, and a thousand times that too much."""
_REMEDY = "Collect the dataset again, or take the snapshot from a backup."


def read_rows(
    folder: Path, manifest: Manifest, *, offset: int, limit: int, columns: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Rows `offset` to `offset + limit` in table order; fewer at the end, none past it. `columns` by their numbers.

    Raises BadInput for a range that can't be, Damaged when CSV or index are not those that were kept.
    """
    check_range(offset=offset, limit=limit)
    index = _open(folder, manifest)
    limit = min(limit, manifest.rows - offset)
    if limit <= 0:
        return []
    span = index.span(offset, limit=limit)
    shown = list(range(len(manifest.columns))) if columns is None else columns
    raw = _read(folder / CSV, span.start, span.end, size=index.size)
    wanted = _parse(raw, manifest, shown, path=folder / CSV).slice(span.skip, limit)
    if wanted.num_rows != limit:
        raise _misplaced(folder / CSV)
    return records(wanted, names=[manifest.columns[number].name for number in shown])


def read_numbered(
    folder: Path, manifest: Manifest, numbers: Sequence[int], *, columns: Sequence[int]
) -> list[dict[str, Any]]:
    """The rows with these numbers, counted from 0, in their order; raises Damaged as `read_rows` does."""
    index = _open(folder, manifest)
    place = {number: at for at, number in enumerate(numbers)}
    found: list[dict[str, Any]] = [{}] * len(numbers)
    names = [manifest.columns[number].name for number in columns]
    for raw, lines in _slices(folder / CSV, index, sorted(place)):
        table = _parse(raw, manifest, columns, path=folder / CSV)
        if table.num_rows <= max(lines):
            raise _misplaced(folder / CSV)
        for row, number in zip(records(table.take(list(lines)), names=names), lines.values(), strict=True):
            found[place[number]] = row
    return found


def _slices(path: Path, index: Index, numbers: Sequence[int]) -> Iterator[tuple[bytes, dict[int, int]]]:
    """Pieces of the CSV of about a megabyte, and on which line of each which row stands."""
    pieces: list[bytes] = []
    lines: dict[int, int] = {}
    before, size = 0, 0
    for block in sorted({number // index.every for number in numbers}):
        first = block * index.every
        rows = min(index.every, index.rows - first)
        span = index.span(first, limit=rows)
        pieces.append(_read(path, span.start, span.end, size=index.size))
        begin, end = bisect_left(numbers, first), bisect_left(numbers, first + rows)
        lines |= {before + number - first: number for number in numbers[begin:end]}
        before, size = before + rows, size + span.end - span.start
        if size >= _AT_ONCE:
            yield b"".join(pieces), lines
            pieces, lines, before, size = [], {}, 0, 0
    if pieces:
        yield b"".join(pieces), lines


def check_range(*, offset: int, limit: int) -> None:
    """Raises BadInput unless `offset` is 0 or more and `limit` 1 to 1000."""
    if not _whole(offset) or offset < 0:
        raise BadInput(f"offset is {offset!r}.", hint="It must be a whole number, 0 or more.")
    if not _whole(limit) or not 1 <= limit <= MOST:
        raise BadInput(f"limit is {limit!r}.", hint=f"It must be a whole number from 1 to {MOST}.")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _open(folder: Path, manifest: Manifest) -> Index:
    """The snapshot's index, refused unless it is the one that was made for this CSV."""
    index = open_index(folder / INDEX)
    if index.rows != manifest.rows or index.sha256 != manifest.files[CSV].sha256:
        raise _damaged(folder / INDEX, "it belongs to another CSV")
    return index


def _read(path: Path, start: int, end: int, *, size: int) -> bytes:
    """Bytes of the CSV, refused when its size is not the index's."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise _damaged(path, error.strerror or "it can't be opened") from error
    try:
        if (found := os.fstat(handle).st_size) != size:
            raise _damaged(path, f"it has {found:,} bytes instead of {size:,}")
        return os.pread(handle, end - start, start)
    finally:
        os.close(handle)


def _parse(raw: bytes, manifest: Manifest, columns: Sequence[int], *, path: Path) -> pa.Table:
    """Some columns of a slice of the CSV, typed and named by their number: a slice has no header."""
    import pyarrow.csv

    numbers = [str(number) for number in range(len(manifest.columns))]
    types = {number: ARROW[column.type] for number, column in zip(numbers, manifest.columns, strict=True)}
    convert = pyarrow.csv.ConvertOptions(
        column_types=types,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
        include_columns=[numbers[each] for each in columns],
    )
    # One block: a row that lay across two would be refused.
    read = pyarrow.csv.ReadOptions(column_names=numbers, use_threads=False, block_size=len(raw) + 1)
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    try:
        return pyarrow.csv.read_csv(BytesIO(raw), read_options=read, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise _damaged(path, str(error)) from error


def _misplaced(path: Path) -> Damaged:
    return _damaged(path, "its rows are not where the index has them")


def _damaged(path: Path, what: str) -> Damaged:
    return Damaged(f'"{path}" can\'t be used: {what}.', hint=_REMEDY)
