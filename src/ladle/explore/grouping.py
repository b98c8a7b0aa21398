"""Counting in SQL: takes terms, a view and an order, gives the question for DuckDB with its values apart; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ladle.errors import BadInput, unknown
from ladle.explore.filters import condition
from ladle.explore.query import ROW, table
from ladle.explore.terms import Term
from ladle.explore.view import View
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest

FORMAT = 1
"""A number for each change of what a count means, so that no older cache answers for it."""
ORDERS = ("count", "first", "value")
_PART = 20
"""Of few combinations first rows are looked for in one of so many rows at most: in all it takes longer."""
_SURE = 20
"""So many rows for each combination are gone through for that, and then nearly all are among them …"""
_LEAST = 100_000
"""… but at least so many: a group of rows in the file."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: the SQL with its values apart, and the name that the answer is kept under."""

    parquet: Path
    sql: str
    quick: str
    """The same, looking for first rows near the beginning alone: it gives null where there is one without. Or empty."""
    values: dict[str, Any]
    rows: int
    name: str
    terms: tuple[Term, ...]
    inner: str
    order: str


def question(
    folder: Path, manifest: Manifest, terms: Sequence[Term], view: View, *, order: str, spread: int | None = None
) -> Question:
    """What DuckDB is asked; raises BadInput for what can't be. `spread`: so many combinations at most, where known."""
    if order not in ORDERS:
        raise BadInput(unknown("order", order, ORDERS))
    where, values = condition(view, manifest.columns)
    inner = _keyed(terms, width=len(manifest.columns), where=where)
    keys = _keys(terms)
    counted = f"SELECT {keys}, count(*) AS n, min(f) AS f FROM {inner} GROUP BY {keys}"  # noqa: S608 - our own words and numbers alone
    sql = f"SELECT f, n FROM ({counted}) ORDER BY {_by(terms, order)}"  # noqa: S608 - as above
    told = [FORMAT, manifest.files[CSV].sha256, sql, sorted((name, str(value)) for name, value in values.items())]
    name = hashlib.sha256(orjson.dumps(told)).hexdigest()[:32]
    near = max(_LEAST, (spread or 0) * _SURE)
    few = spread is not None and near <= manifest.rows // _PART and order != "first"
    quick = _quick(terms, inner, near=near, by=_by(terms, order)) if few else ""
    return Question(folder / PARQUET, sql, quick, values, manifest.rows, name, tuple(terms), inner, order)


def listing(wanted: Question) -> str:
    """The SQL that gives all combinations with their values: those of a bin's smallest."""
    keys, order = _keys(wanted.terms), _by(wanted.terms, wanted.order)
    told = ", ".join(f"k{place}" if term.bins is None else f"v{place}" for place, term in enumerate(wanted.terms))
    least = "".join(f", min(x{place}) AS v{place}" for place, term in enumerate(wanted.terms) if term.bins)
    counted = f"SELECT {keys}{least}, count(*) AS n, min(f) AS f FROM {wanted.inner} GROUP BY {keys}"  # noqa: S608 - as above
    return f"SELECT {told}, n FROM ({counted}) ORDER BY {order}"  # noqa: S608 - as above


def _keys(terms: Sequence[Term], *, of: str = "") -> str:
    return ", ".join(f"{of}k{place}" for place in range(len(terms)))


def _by(terms: Sequence[Term], order: str) -> str:
    by_value = ", ".join(f"k{place} NULLS LAST" for place in range(len(terms)))
    return {"count": "n DESC, f", "first": "f", "value": by_value}[order]


def _keyed(terms: Sequence[Term], *, width: int, where: str) -> str:
    """The rows of the view, each with its number `f`, the values `x0`, `x1` … and the terms' keys `k0`, `k1` …"""
    sources = ", ".join(f"{term.source} AS x{place}" for place, term in enumerate(terms))
    keys = ", ".join(f"{term.key.format(x=f'x{place}')} AS k{place}" for place, term in enumerate(terms))
    rows = f"SELECT {sources}, {ROW} AS f FROM {table(width)} WHERE {where}"  # noqa: S608 - as above
    return f"(SELECT *, {keys} FROM ({rows}))"  # noqa: S608 - as above


def _quick(terms: Sequence[Term], inner: str, *, near: int, by: str) -> str:
    """Counted in all rows, first rows from the first `near` alone; null of a combination that is not among them."""
    keys = _keys(terms)
    same = " AND ".join(f"g.k{place} IS NOT DISTINCT FROM h.k{place}" for place in range(len(terms)))
    counted = f"SELECT {keys}, count(*) AS n FROM {inner} GROUP BY {keys}"  # noqa: S608 - as above
    firsts = f"SELECT {keys}, min(f) AS f FROM {inner} WHERE f < {near} GROUP BY {keys}"  # noqa: S608 - as above
    both = f"SELECT {_keys(terms, of='g.')}, n, f FROM ({counted}) g LEFT JOIN ({firsts}) h ON {same}"  # noqa: S608 - as above
    return f"SELECT f, n FROM ({both}) ORDER BY {by}"  # noqa: S608 - as above
