"""The rows of a view by number: takes a snapshot and a view, gives its row numbers in order, kept for the next time.

DuckDB works the numbers out once; they are written whole into a cache of the home, from which any page of the view is
read at once. A cache that can't be written costs time, nothing else; one that is damaged is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from ladle.errors import Damaged
from ladle.explore import cache
from ladle.explore.desk import Desk
from ladle.explore.filters import condition
from ladle.explore.numbers import Numbers, of_bytes, of_file, pieces
from ladle.explore.ordering import Key, numbers_sql
from ladle.explore.profile import distinct_texts
from ladle.explore.query import ROW, ask_numbers, table
from ladle.explore.reading import expression
from ladle.explore.view import View, sorted_by
from ladle.explore.work import Meter, Work, answered
from ladle.home import write_whole
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest

FORMAT = 1
"""A number for each change of what a view means, so that no older cache answers for it."""
DESK = Desk("orders", most=2)


@dataclass(frozen=True, slots=True)
class Question:
    """A view of one snapshot's rows: the SQL with its values apart, and the name it is kept under.

    `sql` says what is asked and makes the name; it is `quick_sql` that is run.
    """

    parquet: Path
    sql: str
    values: dict[str, Any]
    rows: int
    name: str
    keys: tuple[Key, ...]
    where: str
    width: int

    @property
    def quick_sql(self) -> str:
        """The same in the way that takes the least time: what the profile says of texts is read only now."""
        texts = distinct_texts(self.parquet.parent)
        keys = [replace(key, texts=texts.get(key.expression)) for key in self.keys]
        return numbers_sql(keys, where=self.where, width=self.width, rows=self.rows)


def question(folder: Path, manifest: Manifest, view: View) -> Question:
    """What DuckDB is asked; raises BadInput for what can't be asked."""
    where, values = condition(view, manifest.columns)
    keys = tuple(
        Key(expression(number, view, manifest.columns), down) for number, down in sorted_by(view, manifest.columns)
    )
    order = [f"{key.expression} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in keys]
    sql = f"SELECT {ROW} FROM {table(len(manifest.columns))} WHERE {where} ORDER BY {', '.join([*order, ROW])}"  # noqa: S608 - our own words and numbers alone
    told = [FORMAT, manifest.files[CSV].sha256, sql, sorted((name, str(value)) for name, value in values.items())]
    name = hashlib.sha256(orjson.dumps(told)).hexdigest()[:32]
    return Question(folder / PARQUET, sql, values, manifest.rows, name, keys, where, len(manifest.columns))


def order_of(folder: Path, manifest: Manifest, view: View) -> Work[Numbers]:
    """The view's row numbers: there already, or being worked out in another thread, once for all who ask."""
    wanted = question(folder, manifest, view)
    path = cache.place(folder, wanted.name)
    if path is not None and (kept := _kept(path, wanted)) is not None:
        return answered(kept)
    return _begun(path, wanted)


def begun_again(folder: Path, manifest: Manifest, view: View) -> Work[Numbers]:
    """The same, worked out anew whatever the cache holds."""
    wanted = question(folder, manifest, view)
    return _begun(cache.place(folder, wanted.name), wanted)


def _begun(path: Path | None, wanted: Question) -> Work[Numbers]:
    return DESK.ask(f"{wanted.parquet}/{wanted.name}", lambda meter: _build(path, wanted, meter))


def _kept(path: Path, wanted: Question) -> Numbers | None:
    """The numbers in the cache, if they are there and whole."""
    try:
        found = of_file(path, name=wanted.name, rows=wanted.rows)
        cache.used(path)
        return found
    except (OSError, Damaged):
        return None


def _build(path: Path | None, wanted: Question, meter: Meter) -> Numbers:
    batches: Iterable[Any] = ask_numbers(wanted.parquet, wanted.quick_sql, watch=meter.watch, **wanted.values)
    raw = pieces(batches, name=wanted.name, rows=wanted.rows)
    if path is None:
        return of_bytes(b"".join(raw), name=wanted.name, rows=wanted.rows)
    try:
        cache.make_room(path)
    except OSError:
        return of_bytes(b"".join(raw), name=wanted.name, rows=wanted.rows)
    try:
        write_whole(path, raw, durable=False)
        return of_file(path, name=wanted.name, rows=wanted.rows)
    except OSError:  # a full disk, or one that is to be read only: what was asked for is answered all the same
        again = ask_numbers(wanted.parquet, wanted.quick_sql, watch=meter.watch, **wanted.values)
        return of_bytes(b"".join(pieces(again, name=wanted.name, rows=wanted.rows)), name=wanted.name, rows=wanted.rows)
