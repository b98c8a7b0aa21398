"""What has changed: takes two snapshots of a dataset and a key, gives the rows that were added, removed and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ladle.errors import BadInput, unknown
from ladle.explore.differing import ADDED, CHANGED, REMOVED, Differing, differing
from ladle.explore.keys import How, Side, key_of, unique_columns
from ladle.explore.query import ROW, ask, table
from ladle.explore.rows import MOST, check_range, read_rows
from ladle.snapshots.index import EVERY
from ladle.snapshots.manifest import Manifest
from ladle.sources.source import ColumnType

Kind = Literal["added", "removed", "changed"]
KINDS: tuple[Kind, ...] = ("added", "removed", "changed")
"""In the order in which rows are given."""
_OF_FILE: Mapping[int, Kind] = {ADDED: "added", REMOVED: "removed", CHANGED: "changed"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDiff:
    """A column of either snapshot: its type in each, None where it lacks, and in how many rows its cell has changed."""

    name: str
    before: ColumnType | None
    after: ColumnType | None
    cells: int

    @property
    def fate(self) -> Literal["added", "removed", "retyped", "kept"]:
        """What became of the column itself."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "kept" if self.before == self.after else "retyped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDiff:
    """One row that differs: as it was (None: it is added), as it is (None: it is removed), and the changed columns."""

    kind: Kind
    before: Row | None
    after: Row | None
    changed: tuple[str, ...] = ()

    @property
    def row(self) -> Row:
        """As it is, or was at last."""
        return self.after if self.after is not None else self.before or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """How two snapshots differ by a key. Cells are compared in columns that both have; a new column changes no row."""

    before: Manifest
    after: Manifest
    key: tuple[str, ...]
    key_from: How
    """The resource's key, chosen, or the first column that is unique in both."""
    unique: tuple[str, ...]
    """Columns that are unique in both by the profile, and could each be the key."""
    added: int
    removed: int
    changed: int
    same: int
    columns: tuple[ColumnDiff, ...]
    """The later snapshot's, then those that it has no more."""
    _sides: tuple[Side, Side] = field(repr=False)
    _found: Differing = field(repr=False)

    def total(self, *, only: str | None = None, column: str | None = None) -> int:
        """How many rows differ: of one kind, or with another cell in one column. Raises BadInput for other words."""
        self._check(only, column)
        if column is not None:
            return next(each.cells for each in self.columns if each.name == column)
        return sum(number for kind, number in zip(KINDS, self._found.kinds, strict=True) if only in (None, kind))

    def rows(
        self, *, only: str | None = None, column: str | None = None, offset: int = 0, limit: int = 10
    ) -> list[RowDiff]:
        """Rows that differ: added, removed, changed, each in table order; `limit` is 1 to 1000.

        `only` one of these kinds; `column`: only rows whose cell in it has changed.
        """
        self._check(only, column)
        check_range(offset=offset, limit=limit)
        found = self._lines(only, column, offset=offset, limit=limit)
        before, after = (
            _rows_at(side, {line[place] for line in found} - {None}) for place, side in enumerate(self._sides, start=1)
        )
        names = list(self._sides[1].types)
        return [
            RowDiff(
                kind=_OF_FILE[kind],
                before=before.get(old),
                after=after.get(new),
                changed=tuple(names[number] for number in numbers),
            )
            for kind, old, new, numbers in found
        ]

    def _lines(self, only: str | None, column: str | None, *, offset: int, limit: int) -> list[tuple[Any, ...]]:
        """Lines of the file: what is before them is known by number, unless one column is asked for."""
        sql = f"SELECT c0, c1, c2, c3 FROM {table(4)} WHERE "  # noqa: S608 - our own words
        if column is not None:
            sql += f"list_contains(c3, $number) ORDER BY {ROW} LIMIT $limit OFFSET $offset"
            number = self._sides[1].numbers[column]
            return ask(self._found.path, sql, number=number, limit=limit, offset=min(offset, 2**62))
        kinds = self._found.kinds
        first = 0 if only is None else sum(kinds[: KINDS.index(only)])
        last = min(first + offset + limit, first + self.total(only=only))
        sql += f"{ROW} >= $first AND {ROW} < $last ORDER BY {ROW}"
        return ask(self._found.path, sql, first=min(first + offset, last), last=last)

    def _check(self, only: str | None, column: str | None) -> None:
        if only is not None and only not in KINDS:
            raise BadInput(unknown("kind of difference", only, KINDS))
        if column is None:
            return
        if only in ("added", "removed"):
            raise BadInput(f'The column "{column}" has changed in no {only} row.', hint="Leave one of the two out.")
        shared = [each.name for each in self.columns if each.before and each.after]
        if column not in shared:
            raise BadInput(unknown("column in both snapshots", column, shared))


def diff(before: Side, after: Side, *, key: Sequence[str] = ()) -> Diff:
    """How two snapshots of one dataset differ; without `key`, by the resource's key or the first unique column.

    Raises BadInput for snapshots of different datasets, for a key that can't be one, and where its values repeat.
    """
    if before.manifest.name != after.manifest.name:
        raise BadInput(
            f"{before.manifest.id} is of {before.manifest.name} and {after.manifest.id} of {after.manifest.name}.",
            hint="Only snapshots of the same dataset can be compared.",
        )
    sides = (before, after)
    chosen = key_of(sides, chosen=key)
    found = differing(sides, chosen.columns)
    added, removed, changed = found.kinds
    return Diff(
        before=before.manifest,
        after=after.manifest,
        key=chosen.columns,
        key_from=chosen.how,
        unique=tuple(unique_columns(sides)),
        added=added,
        removed=removed,
        changed=changed,
        same=after.manifest.rows - added - changed,
        columns=tuple(_columns(before, after, found)),
        _sides=sides,
        _found=found,
    )


def _columns(before: Side, after: Side, found: Differing) -> Iterable[ColumnDiff]:
    for number, (name, kind) in enumerate(after.types.items()):
        yield ColumnDiff(name=name, before=before.types.get(name), after=kind, cells=found.cells.get(number, 0))
    for name, kind in before.types.items():
        if name not in after.types:
            yield ColumnDiff(name=name, before=kind, after=None, cells=0)


def _rows_at(side: Side, numbers: Iterable[int]) -> dict[int | None, Row]:
    """Rows by their number, those that lie near each other read at once; a few between them may be among them."""
    found: dict[int | None, Row] = {}
    for first, last in _spans(sorted(numbers)):
        rows = read_rows(side.folder, side.manifest, offset=first, limit=last - first + 1)
        found.update(enumerate(rows, start=first))
    return found


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers that lie near each other, as the first and the last of them.

    >>> _spans([3, 4, 9, 500])
    [(3, 9), (500, 500)]
    """
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number - spans[-1][1] <= EVERY and number - spans[-1][0] < MOST:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans
