"""One snapshot to look into: takes a home and a name, gives rows, counts, profile, tables and files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from ladle.errors import BadInput, Damaged, NotFound, unknown
from ladle.explore.address import checked, read_view, write_view
from ladle.explore.counts import Counts, Order, count
from ladle.explore.export import check_size, export
from ladle.explore.frames import to_pandas
from ladle.explore.look import Look, look, prepare
from ladle.explore.profile import read_profile
from ladle.explore.saying import view_words
from ladle.explore.view import WHOLE, View
from ladle.home import Home
from ladle.snapshots.files import CSV, INDEX, MANIFEST, PARQUET, PROFILE
from ladle.snapshots.manifest import Manifest, TableColumn, read_manifest

FileKind = Literal["csv", "parquet", "index", "profile", "manifest"]
_FILES = {"csv": CSV, "parquet": PARQUET, "index": INDEX, "profile": PROFILE, "manifest": MANIFEST}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")  # no file system takes a longer name than 255


@dataclass(frozen=True, slots=True)
class Snapshot:
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
        """Where one of the five files lies; raises BadInput for another kind."""
        if kind not in _FILES:
            raise BadInput(unknown("file", kind, _FILES))
        return self.folder / _FILES[kind]

    def rows(self, *, offset: int = 0, limit: int = 10, view: View = WHOLE) -> list[dict[str, Any]]:
        """Rows in table order, typed (text, int, float, bool, date, aware datetime, None); `limit` is 1 to 1000.

        An offset past the end gives no rows. The time does not depend on the offset. `view`: as with `look`.
        """
        return self.look(view, offset=offset, limit=limit).rows

    def count(self, *columns: str, limit: int | None = None, offset: int = 0, order: Order = "count") -> Counts:
        """How often each combination of the columns' values occurs; null counts as a value.

        `order`: "count" (largest first, ties by first appearance) or "first" (by first appearance).
        """
        check_size(self.folder / PARQUET, self.manifest)
        return count(self.folder, self.manifest, columns, limit=limit, offset=offset, order=order)

    def profile(self) -> dict[str, Any]:
        """For each column: type, missing, distinct, top values; blank and length of text; range and histogram."""
        return read_profile(self.folder, self.manifest)

    def arrow(self) -> pa.Table:
        """The whole table."""
        import pyarrow.parquet as pq

        check_size(self.folder / PARQUET, self.manifest)
        try:
            return pq.read_table(self.folder / PARQUET)
        except (OSError, pa.ArrowException) as error:
            raise Damaged(f'"{self.folder / PARQUET}" can\'t be read: {error}.', hint="Collect it again.") from error

    def pandas(self) -> Any:
        """The whole table as a pandas DataFrame; raises SettingError when pandas is not installed."""
        return to_pandas(self.arrow())

    def export(self, kind: str) -> Iterator[bytes]:
        """The bytes of `csv`, `parquet` (the files as they are) or `ndjson`, piece by piece."""
        return export(self.folder, self.manifest, kind=kind)

    def check(self, view: View) -> None:
        """Raise BadInput for a column, an operator or a value of the view that can't be."""
        checked(view, self.columns)

    def look(self, view: View = WHOLE, *, offset: int = 0, limit: int = 10) -> Look:
        """Some rows of a view and how many it has in all, exactly. A view's first question may take seconds, for a
        sorted one of ten million rows; its row numbers are then kept in the home, and any page of it comes at once.
        """
        return look(self.folder, self.manifest, view, offset=offset, limit=limit)

    def pairs(self, view: View) -> list[tuple[str, str]]:
        """The keys and values of an address that holds the view, as `view` reads them."""
        return write_view(view)

    def prepare(self, view: View) -> Future[int]:
        """Begin to work out which rows a view has, where that is not known; how many there are, as a future."""
        return prepare(self.folder, self.manifest, view)

    def view(self, pairs: Iterable[tuple[str, str]], *, reserved: Collection[str] = ()) -> View:
        """The view that a query's keys and values ask for, as in an address: `[("height__gte", "150")]`.

        `reserved` keys are passed over.
        """
        return read_view(pairs, self.columns, reserved=reserved)

    def words(self, view: View) -> str:
        """The view in words: "where height at least 150, sorted by mass, descending"; nothing for the whole table."""
        return view_words(view, self.columns)


def find(home: Home, reference: str) -> Snapshot:
    """The snapshot of an id, or the latest of a dataset (`swapi/people`); raises NotFound, or Damaged."""
    by_dataset = "/" in reference
    parts = reference.split("/")
    found = _folders(home, *parts) if len(parts) == 2 else [] if by_dataset else _folders(home, name=reference)
    if found:
        return Snapshot(found[0], read_manifest(found[0]))
    folders = _folders(home)
    datasets = {f"{folder.parent.parent.name}/{folder.parent.name}": None for folder in folders}
    known = list(datasets) if by_dataset else [folder.name for folder in folders]
    kind = "snapshot of" if by_dataset else "snapshot"
    raise NotFound(unknown(kind, reference, known), hint="" if known else "Collect a dataset first.")


def all_snapshots(home: Home, *, dataset: str | None = None) -> list[Manifest]:
    """The manifests of all snapshots, or of one dataset's, newest first. Foreign and damaged folders are left out."""
    found: list[Manifest] = []
    for folder in _folders(home):
        try:
            manifest = read_manifest(folder)
        except Damaged:
            continue
        if manifest.id == folder.name and dataset in (None, manifest.name):
            found.append(manifest)
    return sorted(found, key=lambda manifest: manifest.id, reverse=True)


def _folders(home: Home, *dataset: str, name: str | None = None) -> list[Path]:
    """Every folder with a manifest that matches, newest first; unfinished ones begin with a dot and are left out."""
    if not all(map(_NAME.match, [*dataset, *([] if name is None else [name])])):
        return []
    pattern = "/".join(dataset or ("*", "*"))
    found = [path.parent for path in home.snapshots.glob(f"{pattern}/{name or '*'}/{MANIFEST}")]
    return sorted((folder for folder in found if _NAME.match(folder.name)), key=lambda path: path.name, reverse=True)
