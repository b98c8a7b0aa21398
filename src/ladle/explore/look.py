"""A part of a view: takes a snapshot's folder and a view, gives some of its rows and how many it has in all."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ladle.errors import Damaged
from ladle.explore.kept import check_size
from ladle.explore.numbers import Numbers
from ladle.explore.orders import begun_again, order_of
from ladle.explore.rows import check_range, read_numbered, read_rows
from ladle.explore.view import View, chosen
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Look:
    """Some rows of a view, typed, and how many the view has in all, counted exactly."""

    rows: list[dict[str, Any]]
    total: int


def look(folder: Path, manifest: Manifest, view: View, *, offset: int, limit: int) -> Look:
    """Rows `offset` to `offset + limit` of a view; fewer at the end, none past it.

    Raises BadInput for a view or a range that can't be, Damaged when a file is not the one that was kept.
    """
    check_range(offset=offset, limit=limit)
    columns = chosen(view, manifest.columns)
    if view.whole:
        return Look(read_rows(folder, manifest, offset=offset, limit=limit, columns=columns), manifest.rows)
    check_size(folder / PARQUET, manifest)
    numbers = order_of(folder, manifest, view).result()
    part = _part(numbers, folder, manifest, view, offset=offset, limit=limit)
    return Look(read_numbered(folder, manifest, part, columns=columns), numbers.count)


def prepare(folder: Path, manifest: Manifest, view: View) -> Future[int]:
    """How many rows a view has, when that is known; raises as `look` does."""
    chosen(view, manifest.columns)
    told: Future[int] = Future()
    if view.whole:
        told.set_result(manifest.rows)
        return told
    check_size(folder / PARQUET, manifest)
    order_of(folder, manifest, view).add_done_callback(lambda done: _tell(told, done))
    return told


def _part(numbers: Numbers, folder: Path, manifest: Manifest, view: View, *, offset: int, limit: int) -> list[int]:
    """Row numbers of a page. Damage that shows only now, in what is read, is mended by making the order again."""
    try:
        return numbers.part(offset, limit)
    except (Damaged, OSError):
        return begun_again(folder, manifest, view).result().part(offset, limit)


def _tell(told: Future[int], done: Future[Numbers]) -> None:
    error = done.exception()
    if error is None:
        told.set_result(done.result().count)
    else:
        told.set_exception(error)
