"""Any ten rows at once: takes a snapshot and a range or row numbers, gives typed rows, from the CSV by its index."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ladle.errors import BadInput, Damaged
from ladle.explore.cells import rows_of
from ladle.explore.kept import REMEDY
from ladle.explore.large import LARGE, WATCHED, Room, lines_of
from ladle.snapshots.files import CSV, INDEX
from ladle.snapshots.index import Index, Span, open_index
from ladle.snapshots.manifest import Manifest, TableColumn

MOST = 1000


def read_rows(
    folder: Path,
    manifest: Manifest,
    *,
    offset: int,
    limit: int,
    columns: Sequence[int] | None = None,
    longest: int | None = None,
) -> list[dict[str, Any]]:
    """Rows `offset` to `offset + limit` in table order; fewer at the end, none past it. `columns` by their numbers.

    Of texts in large rows that are longer than `longest` only the beginning, as a Cut. Raises BadInput for a range that
    can't be and for rows that hold too much together, Damaged when CSV or index are not those that were kept.
    """
    check_range(offset=offset, limit=limit)
    limit = min(limit, manifest.rows - offset)
    shown = range(len(manifest.columns)) if columns is None else columns
    with _opened(folder, manifest) as table:
        return table.rows(range(offset, offset + limit), columns=shown, longest=longest) if limit > 0 else []


def read_numbered(
    folder: Path, manifest: Manifest, numbers: Sequence[int], *, columns: Sequence[int], longest: int | None = None
) -> list[dict[str, Any]]:
    """The rows with these numbers, counted from 0, in their order; otherwise as `read_rows`."""
    with _opened(folder, manifest) as table:
        return table.rows(numbers, columns=columns, longest=longest)


@dataclass(frozen=True, slots=True)
class _Table:
    """A snapshot's CSV, open, with its index."""

    path: Path
    handle: int
    index: Index
    columns: Sequence[TableColumn]

    def rows(self, numbers: Sequence[int], *, columns: Sequence[int], longest: int | None) -> list[dict[str, Any]]:
        """The rows with these numbers, in their order."""
        names, room = [self.columns[number].name for number in columns], Room(len(numbers))
        found: dict[int, dict[str, Any]] = {}
        for block, wanted in groupby(sorted(set(numbers)), key=lambda number: number // self.index.every):
            lines = list(wanted)
            for number, row in zip(lines, self._block(block, lines, columns, room, longest), strict=True):
                found[number] = dict(zip(names, row, strict=True))
        return [found[number] for number in numbers]

    def _block(
        self, block: int, numbers: Sequence[int], columns: Sequence[int], room: Room, longest: int | None
    ) -> Iterable[tuple[Any, ...]]:
        """Rows that lie between the same two offsets of the index."""
        first = block * self.index.every
        rows = min(self.index.every, self.index.rows - first)
        span = self.index.span(first, limit=rows)
        lines = [number - first for number in numbers]
        try:
            if (size := span.end - span.start) <= WATCHED:
                return self._values(self._read(span.start, size), rows, lines, columns)
            found = self._apart(span, lines, columns) if size > LARGE else self._together(span, rows, lines, columns)
            return list(room.taken(found, longest=longest))
        except ValueError as error:
            raise _damaged(self.path, str(error)) from error

    def _together(
        self, span: Span, rows: int, lines: Sequence[int], columns: Sequence[int]
    ) -> Iterable[tuple[Any, ...]]:
        return self._values(self._read(span.start, span.end - span.start), rows, lines, columns)

    def _apart(self, span: Span, lines: Sequence[int], columns: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The same, row by row: no more is in memory than the values that are wanted."""
        for line in lines_of(self._read, span.start, span.end, lines):
            yield from self._values(line, 1, [0], columns)

    def _values(self, raw: bytes, rows: int, lines: Sequence[int], columns: Sequence[int]) -> list[tuple[Any, ...]]:
        return rows_of(raw, rows=rows, lines=lines, types=[column.type for column in self.columns], columns=columns)

    def _read(self, start: int, size: int) -> bytes:
        return os.pread(self.handle, size, start)


@contextmanager
def _opened(folder: Path, manifest: Manifest) -> Iterator[_Table]:
    """The snapshot's CSV, refused unless it is as long as the index and the manifest say."""
    path, index = folder / CSV, _index(folder, manifest)
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise _damaged(path, error.strerror or "it can't be opened") from error
    try:
        if (found := os.fstat(handle).st_size) != index.size:
            raise _damaged(path, f"it has {found:,} bytes instead of {index.size:,}")
        yield _Table(path, handle, index, manifest.columns)
    finally:
        os.close(handle)


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
    index = open_index(folder / INDEX)
    if index.rows != manifest.rows or index.sha256 != manifest.files[CSV].sha256:
        raise _damaged(folder / INDEX, "it belongs to another CSV")
    return index


def _damaged(path: Path, what: str) -> Damaged:
    return Damaged(f'"{path}" can\'t be used: {what}.', hint=REMEDY)
