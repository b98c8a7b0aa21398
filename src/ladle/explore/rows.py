"""Any ten rows at once: takes a snapshot's folder and a range, gives typed rows, read from the CSV by its index."""

from __future__ import annotations

import os
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
_REMEDY = "Collect the dataset again, or take the snapshot from a backup."


def read_rows(folder: Path, manifest: Manifest, *, offset: int, limit: int) -> list[dict[str, Any]]:
    """Rows `offset` to `offset + limit` in table order; fewer at the end, none past it.

    Raises BadInput for a range that can't be, Damaged when CSV or index are not those that were kept.
    """
    check_range(offset=offset, limit=limit)
    index = _open(folder, manifest)
    limit = min(limit, manifest.rows - offset)
    if limit <= 0:
        return []
    span = index.span(offset, limit=limit)
    table = _parse(_read(folder / CSV, span.start, span.end, size=index.size), manifest, path=folder / CSV)
    wanted = table.slice(span.skip, limit)
    if wanted.num_rows != limit:
        raise _damaged(folder / CSV, "its rows are not where the index has them")
    return records(wanted, names=[column.name for column in manifest.columns])


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


def _parse(raw: bytes, manifest: Manifest, *, path: Path) -> pa.Table:
    """A slice of the CSV as a typed table, its columns named by their number: a slice has no header."""
    import pyarrow.csv

    numbers = [str(number) for number in range(len(manifest.columns))]
    types = {number: ARROW[column.type] for number, column in zip(numbers, manifest.columns, strict=True)}
    convert = pyarrow.csv.ConvertOptions(
        column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
    )
    # One block: a row that lay across two would be refused.
    read = pyarrow.csv.ReadOptions(column_names=numbers, use_threads=False, block_size=len(raw) + 1)
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    try:
        return pyarrow.csv.read_csv(BytesIO(raw), read_options=read, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> Damaged:
    return Damaged(f'"{path}" can\'t be used: {what}.', hint=_REMEDY)
