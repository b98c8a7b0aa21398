"""One snapshot to look into: takes a home and a name, gives rows, counts, profile, answers to SQL, tables and files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ladle.errors import BadInput, unknown
from ladle.explore.address import checked, read_view, write_view
from ladle.explore.charting import Charting
from ladle.explore.counts import Asked, CountRow, Counts, Order, asked, count, every, prepare_counts
from ladle.explore.diff import Diff, diff
from ladle.explore.export import export, tag
from ladle.explore.folders import siblings
from ladle.explore.frames import Frames
from ladle.explore.history import Moment, history
from ladle.explore.kept import check_size, pieces
from ladle.explore.keys import Side, key_of
from ladle.explore.look import Look, look, one_row, prepare
from ladle.explore.profile import read_profile
from ladle.explore.sandbox import Selected, limits_of, select_csv, select_rows
from ladle.explore.saying import view_words
from ladle.explore.stream import Stream
from ladle.explore.view import WHOLE, View
from ladle.explore.work import Work
from ladle.snapshots.files import CSV, INDEX, MANIFEST, PARQUET, PROFILE
from ladle.snapshots.manifest import Manifest, TableColumn, read_manifest
from ladle.snapshots.published import here

FileKind = Literal["csv", "parquet", "index", "profile", "manifest"]
_FILES = {"csv": CSV, "parquet": PARQUET, "index": INDEX, "profile": PROFILE, "manifest": MANIFEST}


@dataclass(frozen=True, slots=True)
class Snapshot(Charting, Frames):
    """One immutable version of a dataset. Questions raise BadInput for a wrong value, Damaged for a changed file."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """As the run's: `20261121-120103-7f3a9c`."""
        return self.manifest.id

    @property
    def dataset(self) -> str:
        """With its source: `swapi/people`."""
        return self.manifest.name

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Names and types, in table order."""
        return self.manifest.columns

    def __len__(self) -> int:
        return self.manifest.rows

    def path(self, kind: FileKind) -> Path:
        """Where one of the five files lies, fetched where the home is on S3; raises BadInput for another kind."""
        if kind not in _FILES:
            raise BadInput(unknown("file", kind, _FILES))
        path = self.folder / _FILES[kind]
        if kind != "manifest":
            here(self.folder, path.name, self.manifest, needed=True)
        return path

    def rows(self, *, offset: int = 0, limit: int = 10, view: View = WHOLE) -> list[dict[str, Any]]:
        """Rows in table order, typed (text, int, float, bool, date, aware datetime, None); `limit` is 1 to 1000.

        An offset past the end gives no rows. The time does not depend on the offset. `view`: as with `look`.
        """
        return self.look(view, offset=offset, limit=limit).rows

    def row(self, number: int) -> dict[str, Any]:
        """One row by its number in the table, from 1 as people count; raises NotFound where there is none."""
        return one_row(self.folder, self.manifest, number)

    def count(
        self,
        *terms: str,
        view: View = WHOLE,
        limit: int | None = None,
        offset: int = 0,
        order: Order = "count",
    ) -> Counts:
        """How often each combination of values occurs among the rows of a view; null counts as a value.

        A term is a column, or a column and a bin: `height:50`, `height:auto`, `created:month` (year, quarter, month,
        day, hour). `order`: "count" (largest first, ties by first appearance), "first" (by first appearance), "value".
        """
        return count(self._asked(terms, view, order), limit=limit, offset=offset)

    def prepare_count(self, *terms: str, view: View = WHOLE, order: Order = "count") -> Work[int]:
        """Begin to count, where that is not done; how many combinations there are, when that is known."""
        return prepare_counts(self._asked(terms, view, order))

    def count_every(self, *terms: str, view: View = WHOLE, order: Order = "count") -> Iterator[CountRow]:
        """All combinations, however many, one after the other."""
        return every(self._asked(terms, view, order))

    def _asked(self, terms: Sequence[str], view: View, order: str) -> Asked:
        check_size(self.folder / PARQUET, self.manifest)
        return asked(self.folder, self.manifest, terms, view=view, order=order)

    def profile(self) -> dict[str, Any]:
        """For each column of `columns`: type, missing, distinct, top values; blank and length of text; of numbers,
        dates and times min, max, histogram, mean and `quantiles` ("0.05", "0.25", "0.5", "0.75", "0.95").

        A text column of which at least half is numbers (`1,358`) has `numbers`: their count, min, max, mean, quantiles,
        histogram, and the most frequent `others` (`unknown`) with `other_count`. Snapshots of older versions of Ladle
        have neither `quantiles` nor `numbers`. Raises Damaged.
        """
        return read_profile(self.folder, self.manifest)

    def export(
        self, kind: str, *, view: View = WHOLE, made: Callable[[int], None] = lambda rows: None
    ) -> Iterator[bytes]:
        """The bytes of `csv`, `parquet`, `csv-for-spreadsheets`, `ndjson` or `xlsx`, in pieces: of the whole table (CSV
        and Parquet as the files are), or of all rows of a view. `made` is told how many rows are done, now and then.

        A sheet of `xlsx` holds 1,048,575 rows and 32,767 characters a cell: what is more is BadInput, before any byte.
        """
        return export(self.folder, self.manifest, kind=kind, view=view, made=made)

    def part(self, kind: Literal["csv", "parquet"], *, start: int, end: int) -> Iterator[bytes]:
        """Bytes `start` up to `end` of a file, streamed from where it lies; raises Damaged where it ends before.

        Both must lie within the file, whose size the manifest tells.
        """
        return pieces(self.folder / _FILES[kind], self.manifest, start=start, end=end)

    def tag(self, kind: str, *, view: View = WHOLE) -> str:
        """A word for the bytes that `export` gives: another for every snapshot, form and view, and for another Ladle
        where they are made as they are sent.
        """
        return tag(Stream(self.folder, self.manifest, checked(view, self.columns)), kind)

    def diff(self, other: Snapshot, *, key: str | Sequence[str] = ()) -> Diff:
        """What has changed from this snapshot to another of its dataset, usually a later one: added, removed, changed.

        Rows are told apart by the columns of `key`; without it by the resource's key where that is a column, else by
        the first column that is unique in both. Raises BadInput for another dataset and for a key whose values repeat.
        """
        return diff(self._side, other._side, key=_names(key))

    def history(self, *value: Any, key: str | Sequence[str] = ()) -> list[Moment]:
        """One record in every snapshot of the dataset, oldest first: `value` is its key's, one for each key column.

        `key` as for `diff`. A value is one of the column's type, or the text that stands for it.
        """
        sides = [Side(folder, read_manifest(folder)) for folder in reversed(siblings(self.folder))]
        by = key_of([self._side], chosen=_names(key)).columns
        return history(sides, by=by, value=value)

    def key(self) -> tuple[str, ...]:
        """The columns by which `history` finds a record when none are named; none where no column is unique."""
        try:
            return key_of([self._side]).columns
        except BadInput:
            return ()

    def previous(self) -> Snapshot | None:
        """The snapshot of the dataset that was taken before this one; None where this is the first."""
        before = next((folder for folder in siblings(self.folder) if folder.name < self.folder.name), None)
        return None if before is None else Snapshot(before, read_manifest(before))

    @property
    def _side(self) -> Side:
        return Side(self.folder, self.manifest)

    def sql(
        self,
        query: str,
        *,
        offset: int = 0,
        limit: int = 10,
        env: Mapping[str, str] = os.environ,
        wanted: Callable[[], None] = lambda: None,
    ) -> Selected:
        """Rows of the result of one SELECT on the table `data`, typed as `rows` are; `limit` is 1 to 1000.

        It is run in a process of its own that reaches nothing else, within the settings LADLE_SQL_…; what `wanted`
        raises ends it. Raises BadInput for anything but a SELECT, for what DuckDB refuses, and beyond a limit.
        """
        limits = limits_of(env)
        return select_rows(self.folder, self.manifest, query, offset=offset, limit=limit, limits=limits, wanted=wanted)

    def sql_csv(
        self,
        query: str,
        *,
        for_spreadsheets: bool = False,
        env: Mapping[str, str] = os.environ,
        wanted: Callable[[], None] = lambda: None,
    ) -> Iterator[bytes]:
        """The whole result of a SELECT as CSV, piece by piece; what can be wrong is raised before the first."""
        limits = limits_of(env)
        return select_csv(
            self.folder, self.manifest, query, limits=limits, for_spreadsheets=for_spreadsheets, wanted=wanted
        )

    def check(self, view: View) -> None:
        """Raise BadInput for a column, an operator or a value of the view that can't be."""
        checked(view, self.columns)

    def look(self, view: View = WHOLE, *, offset: int = 0, limit: int = 10, longest: int | None = None) -> Look:
        """Some rows of a view and how many it has in all, exactly. A view's first question may take seconds, for a
        sorted one of ten million rows; its row numbers are then kept in the home, and any page of it comes at once.

        Several rows hold 32 million characters at most, beyond that BadInput. Of a row of many kilobytes, texts that
        are longer than `longest` characters come as a `Cut`: the beginning, and the `length` of all.
        """
        return look(self.folder, self.manifest, view, offset=offset, limit=limit, longest=longest)

    def pairs(self, view: View) -> list[tuple[str, str]]:
        """The keys and values of an address that holds the view, as `view` reads them."""
        return write_view(view)

    def prepare(self, view: View) -> Work[int]:
        """Begin to work out which rows a view has, where that is not known; how many there are, when that is known."""
        return prepare(self.folder, self.manifest, view)

    def view(self, pairs: Iterable[tuple[str, str]], *, reserved: Collection[str] = ()) -> View:
        """The view that a query's keys and values ask for, as in an address: `[("height__gte", "150")]`.

        `reserved` keys are passed over.
        """
        return read_view(pairs, self.columns, reserved=reserved)

    def words(self, view: View) -> str:
        """The view in words: "where height at least 150, sorted by mass, descending"; nothing for the whole table."""
        return view_words(view, self.columns)


def _names(key: str | Sequence[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)
