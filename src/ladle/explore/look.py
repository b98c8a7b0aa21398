"""A part of a view: takes a snapshot's folder and a view, gives some of its rows and how many it has in all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ladle.errors import Damaged, NotFound
from ladle.explore.kept import check_size
from ladle.explore.numbers import Numbers
from ladle.explore.orders import begun_again, order_of
from ladle.explore.reading import read
from ladle.explore.rows import check_range, read_numbered, read_rows
from ladle.explore.view import View, chosen
from ladle.explore.work import Work, answered
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Look:
    """Some rows of a view, typed, and how many the view has in all, counted exactly."""

    rows: list[dict[str, Any]]
    total: int
    numbers: tuple[int, ...]
    """Where each of the rows stands in the table, from 1 as people count."""


def look(folder: Path, manifest: Manifest, view: View, *, offset: int, limit: int, longest: int | None = None) -> Look:
    """Rows `offset` to `offset + limit` of a view; fewer at the end, none past it. `longest`: as in `read_rows`.

    Raises BadInput for a view or a range that can't be and for rows that hold too much together, Damaged when a file is
    not the one that was kept.
    """
    check_range(offset=offset, limit=limit)
    read(view, manifest.columns)
    columns = chosen(view, manifest.columns)
    if view.whole:
        rows = read_rows(folder, manifest, offset=offset, limit=limit, columns=columns, longest=longest)
        return Look(rows, manifest.rows, tuple(range(offset + 1, offset + len(rows) + 1)))
    check_size(folder / PARQUET, manifest)
    numbers = order_of(folder, manifest, view).result()
    part = _part(numbers, folder, manifest, view, offset=offset, limit=limit)
    rows = read_numbered(folder, manifest, part, columns=columns, longest=longest)
    return Look(rows, numbers.count, tuple(number + 1 for number in part))


def one_row(folder: Path, manifest: Manifest, number: int) -> dict[str, Any]:
    """The row with that number, from 1; raises NotFound where there is none."""
    rows = read_rows(folder, manifest, offset=number - 1, limit=1) if number > 0 else []
    if not rows:
        what = f"Its rows are numbered from 1 to {manifest.rows:,}." if manifest.rows else "It has none."
        raise NotFound(f"There is no row {number:,} in {manifest.id}.", hint=what)
    return rows[0]


def prepare(folder: Path, manifest: Manifest, view: View) -> Work[int]:
    """How many rows a view has, when that is known; raises as `look` does."""
    read(view, manifest.columns)
    chosen(view, manifest.columns)
    if view.whole:
        return answered(manifest.rows)
    check_size(folder / PARQUET, manifest)
    return order_of(folder, manifest, view).then(lambda numbers: numbers.count)


def _part(numbers: Numbers, folder: Path, manifest: Manifest, view: View, *, offset: int, limit: int) -> list[int]:
    """Row numbers of a page. Damage that shows only now, in what is read, is mended by making the order again."""
    try:
        return numbers.part(offset, limit)
    except (Damaged, OSError):
        return begun_again(folder, manifest, view).result().part(offset, limit)
