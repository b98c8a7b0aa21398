"""Any ten rows at once: takes a snapshot and a range or row numbers, gives typed rows, from the CSV by its index.

Of a home on S3 the index is here, and the rows are asked for by their bytes: one request for a page, whatever the
table's size.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ladle.errors import BadInput, Damaged
from ladle.explore.cells import rows_of
from ladle.explore.kept import REMEDY, remedy, removed
from ladle.snapshots.files import CSV, INDEX
from ladle.snapshots.index import Index, Span, open_index
from ladle.snapshots.manifest import Manifest, TableColumn
from ladle.snapshots.published import There, here, there

MOST = 1000
SMALL = 16 << 20
"""Bytes of a CSV that is fetched from S3 when many places of it are wanted; of a larger one each is a request."""


def read_rows(
    folder: Path, manifest: Manifest, *, offset: int, limit: int, columns: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Rows `offset` to `offset + limit` in table order; fewer at the end, none past it. `columns` by their numbers.

    Raises BadInput for a range that can't be, Damaged when CSV or index are not those that were kept.
    """
    check_range(offset=offset, limit=limit)
    limit = min(limit, manifest.rows - offset)
    shown = range(len(manifest.columns)) if columns is None else columns
    with _opened(folder, manifest) as table:
        return table.rows(range(offset, offset + limit), columns=shown) if limit > 0 else []


def read_numbered(
    folder: Path, manifest: Manifest, numbers: Sequence[int], *, columns: Sequence[int]
) -> list[dict[str, Any]]:
    """The rows with these numbers, counted from 0, in their order; raises Damaged as `read_rows` does."""
    if manifest.files[CSV].size <= SMALL:
        here(folder, CSV, manifest, needed=False)
    with _opened(folder, manifest) as table:
        return table.rows(numbers, columns=columns)


@dataclass(frozen=True, slots=True)
class _Table:
    """A snapshot's CSV, open, with its index."""

    path: Path
    read: Callable[[Sequence[Span]], Sequence[bytes]]
    """The bytes of each of several spans."""
    index: Index
    columns: Sequence[TableColumn]

    def rows(self, numbers: Sequence[int], *, columns: Sequence[int]) -> list[dict[str, Any]]:
        """The rows with these numbers, in their order."""
        names = [self.columns[number].name for number in columns]
        found: dict[int, dict[str, Any]] = {}
        grouped = groupby(sorted(set(numbers)), key=lambda number: number // self.index.every)
        blocks = [(block * self.index.every, list(wanted)) for block, wanted in grouped]
        raws = self.read([self.index.span(first, limit=self._rows_from(first)) for first, _ in blocks])
        for (first, lines), raw in zip(blocks, raws, strict=True):
            for number, row in zip(lines, self._block(raw, first, lines, columns), strict=True):
                found[number] = dict(zip(names, row, strict=True))
        return [found[number] for number in numbers]

    def _rows_from(self, first: int) -> int:
        """How many rows there are from an offset of the index to the next."""
        return min(self.index.every, self.index.rows - first)

    def _block(self, raw: bytes, first: int, numbers: Sequence[int], columns: Sequence[int]) -> list[tuple[Any, ...]]:
        """Rows that lie between the same two offsets of the index."""
        rows = self._rows_from(first)
        lines, types = [number - first for number in numbers], [column.type for column in self.columns]
        try:
            return rows_of(raw, rows=rows, lines=lines, types=types, columns=columns)
        except ValueError as error:
            raise _damaged(self.path, str(error)) from error


@contextmanager
def _opened(folder: Path, manifest: Manifest) -> Iterator[_Table]:
    """The snapshot's CSV, refused unless it is as long as the index and the manifest say."""
    path, index = folder / CSV, _index(folder, manifest)
    if (lies := there(folder, CSV, manifest)) is not None:
        yield _Table(path, lambda spans: _asked(lies, spans), index, manifest.columns)
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise _damaged(path, error.strerror or "it can't be opened") from error
    try:
        if (found := os.fstat(handle).st_size) != index.size:
            raise _damaged(path, f"it has {found:,} bytes instead of {index.size:,}")
        yield _Table(path, lambda spans: [_pread(handle, span) for span in spans], index, manifest.columns)
    finally:
        os.close(handle)


def _pread(handle: int, span: Span) -> bytes:
    return os.pread(handle, span.end - span.start, span.start)


def _asked(lies: There, spans: Sequence[Span]) -> Sequence[bytes]:
    """The same from S3, all at once."""
    found = lies.store.ranges(lies.key, [(span.start, span.end) for span in spans]) if spans else []
    if found is None:
        raise Damaged(f"{lies.key} is missing on S3.", hint=REMEDY)
    return found


def check_range(*, offset: int, limit: int) -> None:
    """Raises BadInput unless `offset` is 0 or more and `limit` 1 to 1000."""
    if not _whole(offset) or offset < 0:
        raise BadInput(f"offset is {offset!r}.", hint="It must be a whole number, 0 or more.")
    if not _whole(limit) or not 1 <= limit <= MOST:
        raise BadInput(f"limit is {limit!r}.", hint=f"It must be a whole number from 1 to {MOST}.")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _index(folder: Path, manifest: Manifest) -> Index:
    """The snapshot's index, refused unless it is the one that was made for this CSV."""
    here(folder, INDEX, manifest, needed=True)
    try:
        index = open_index(folder / INDEX)
    except Damaged:
        if not removed(folder / INDEX):
            raise
        here(folder, INDEX, manifest, needed=True)
        index = open_index(folder / INDEX)
    if index.rows != manifest.rows or index.sha256 != manifest.files[CSV].sha256:
        raise _damaged(folder / INDEX, "it belongs to another CSV")
    return index


def _damaged(path: Path, what: str) -> Damaged:
    return Damaged(f'"{path}" can\'t be used: {what}.', hint=remedy(path))
