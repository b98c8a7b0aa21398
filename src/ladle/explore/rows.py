"""Any ten rows at once: takes a snapshot and a range or row numbers, gives typed rows, from the CSV by its index.

Of a home on S3 the index is here, and the rows are asked for by their bytes: one request for a page, whatever the
table's size.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ladle.errors import BadInput, Damaged
from ladle.explore.cells import rows_of
from ladle.explore.kept import REMEDY, remedy, removed
from ladle.explore.large import LARGE, WATCHED, Room, lines_of
from ladle.snapshots.files import CSV, INDEX
from ladle.snapshots.index import Index, Span, open_index
from ladle.snapshots.manifest import Manifest, TableColumn
from ladle.snapshots.published import There, here, there

MOST = 1000
SMALL = 16 << 20
"""Bytes of a CSV that is fetched from S3 when many places of it are wanted, and of places asked for at once."""


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
    if manifest.files[CSV].size <= SMALL:
        here(folder, CSV, manifest, needed=False)
    with _opened(folder, manifest) as table:
        return table.rows(numbers, columns=columns, longest=longest)


class _Block(NamedTuple):
    """Rows between the same two offsets of the index: the first's number, how many, which are wanted, their bytes."""

    first: int
    rows: int
    lines: Sequence[int]
    span: Span

    @property
    def size(self) -> int:
        return self.span.end - self.span.start

    @property
    def is_large(self) -> bool:
        """One row is read after the other."""
        return self.size > LARGE


@dataclass(frozen=True, slots=True)
class _Table:
    """A snapshot's CSV, open, with its index."""

    path: Path
    read: Callable[[Sequence[Span]], Iterator[bytes]]
    """The bytes of each of several spans; they are fetched as they are taken."""
    index: Index
    columns: Sequence[TableColumn]

    def rows(self, numbers: Sequence[int], *, columns: Sequence[int], longest: int | None) -> list[dict[str, Any]]:
        """The rows with these numbers, in their order."""
        names, room = [self.columns[number].name for number in columns], Room(len(numbers))
        found: dict[int, dict[str, Any]] = {}
        grouped = groupby(sorted(set(numbers)), key=lambda number: number // self.index.every)
        blocks = [self._block(number * self.index.every, list(wanted)) for number, wanted in grouped]
        raws = self.read([block.span for block in blocks if not block.is_large])
        for block in blocks:
            rows = self._rows(block, raws, columns)
            taken = rows if block.size <= WATCHED else room.taken(rows, longest=longest)
            try:
                for line, row in zip(block.lines, taken, strict=True):
                    found[block.first + line] = dict(zip(names, row, strict=True))
            except ValueError as error:
                raise _damaged(self.path, str(error)) from error
        return [found[number] for number in numbers]

    def _block(self, first: int, numbers: Sequence[int]) -> _Block:
        rows = min(self.index.every, self.index.rows - first)
        return _Block(first, rows, [number - first for number in numbers], self.index.span(first, limit=rows))

    def _rows(self, block: _Block, raws: Iterator[bytes], columns: Sequence[int]) -> Iterable[tuple[Any, ...]]:
        if block.is_large:
            return self._apart(block.span, block.lines, columns)
        try:
            return self._values(next(raws), block.rows, block.lines, columns)
        except ValueError as error:
            raise _damaged(self.path, str(error)) from error

    def _apart(self, span: Span, lines: Sequence[int], columns: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The same, row by row: no more is in memory than the values that are wanted."""
        for line in lines_of(self._read, span.start, span.end, lines):
            yield from self._values(line, 1, [0], columns)

    def _values(self, raw: bytes, rows: int, lines: Sequence[int], columns: Sequence[int]) -> list[tuple[Any, ...]]:
        return rows_of(raw, rows=rows, lines=lines, types=[column.type for column in self.columns], columns=columns)

    def _read(self, start: int, size: int) -> bytes:
        return next(self.read([Span(start, start + size, 0)]))


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
        yield _Table(path, lambda spans: (_pread(handle, span) for span in spans), index, manifest.columns)
    finally:
        os.close(handle)


def _pread(handle: int, span: Span) -> bytes:
    return os.pread(handle, span.end - span.start, span.start)


def _asked(lies: There, spans: Sequence[Span]) -> Iterator[bytes]:
    """The same from S3: several at once, as far as they have room together."""
    left = list(reversed(spans))
    while left:
        asked = [left.pop()]
        room = SMALL - (asked[0].end - asked[0].start)
        while left and (room := room - (left[-1].end - left[-1].start)) >= 0:
            asked.append(left.pop())
        found = lies.store.ranges(lies.key, [(span.start, span.end) for span in asked])
        if found is None:
            raise Damaged(f"{lies.key} is missing on S3.", hint=REMEDY)
        yield from found


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
