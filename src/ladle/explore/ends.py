"""How far a column's values go: takes a snapshot and a view, gives the smallest and the largest from the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from math import prod
from pathlib import Path
from typing import Any

from ladle.explore.profile import read_profile
from ladle.explore.query import ask, table
from ladle.explore.reading import expression, read
from ladle.explore.terms import Term
from ladle.explore.view import View, number_of
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest


def ends_of(folder: Path, manifest: Manifest, view: View, name: str) -> tuple[Any, Any] | None:
    """The smallest and the largest value of a column in all of the table, as a view reads it; None where it has none.

    Of the whole table: the bins of a column are the same whatever is filtered.
    """
    number = number_of(name, manifest.columns)
    kind = read(view, manifest.columns)[number].type
    if kind != manifest.columns[number].type:
        return _of_texts(folder, manifest, view, number)
    told = read_profile(folder, manifest)["columns"][number]
    if told.get("min") is None:
        return None
    return _typed(told["min"], kind), _typed(told["max"], kind)


def likely_of(folder: Path, manifest: Manifest, terms: Sequence[Term]) -> int:
    """How many combinations the whole table has, about, where no column depends on another; fewer where one does.

    Bins and readings are not reckoned.
    """
    told = read_profile(folder, manifest)["columns"]
    plain = [term for term in terms if term.bins is None and not term.reads_text]
    return prod(max(1, int(told[term.number]["distinct"])) for term in plain)


def _of_texts(folder: Path, manifest: Manifest, view: View, number: int) -> tuple[float, float] | None:
    """Those of the numbers in a column of texts, which not every profile has."""
    told = expression(number, view, manifest.columns)
    sql = f"SELECT min({told}), max({told}) FROM {table(len(manifest.columns))}"  # noqa: S608 - our own words and numbers alone
    low, high = ask(folder / PARQUET, sql)[0]
    return None if low is None else (low, high)


def _typed(value: Any, kind: str) -> Any:
    if kind == "timestamp":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "date" else float(value) if kind == "number" else value
