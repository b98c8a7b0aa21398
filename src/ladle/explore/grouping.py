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
from ladle.explore.firsts import Quick, quick
from ladle.explore.query import ROW, table
from ladle.explore.terms import Term
from ladle.explore.view import View
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest

FORMAT = 1
"""A number for each change of what a count means, so that no older cache answers for it."""
ORDERS = ("count", "first", "value")


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: the SQL with its values apart, and the name that the answer is kept under."""

    parquet: Path
    sql: str
    quick: Quick | None
    """The same in steps that take less time where first rows are near the beginning; None where they can't be."""
    values: dict[str, Any]
    rows: int
    name: str
    terms: tuple[Term, ...]
    inner: str
    order: str

    @property
    def by(self) -> str:
        """What combinations are ordered by, in SQL."""
        return _by(self.terms, self.order)


def question(
    folder: Path, manifest: Manifest, terms: Sequence[Term], view: View, *, order: str, likely: int = 0
) -> Question:
    """What DuckDB is asked; raises BadInput for what can't be. `likely`: so many combinations, about."""
    if order not in ORDERS:
        raise BadInput(unknown("order", order, ORDERS))
    where, values = condition(view, manifest.columns)
    inner = _keyed(terms, width=len(manifest.columns), where=where)
    keys = _keys(terms)
    counted = f"SELECT {keys}, count(*) AS n, min(f) AS f FROM {inner} GROUP BY {keys}"  # noqa: S608 - our own words and numbers alone
    sql = f"SELECT f, n FROM ({counted}) ORDER BY {_by(terms, order)}"  # noqa: S608 - as above
    told = [FORMAT, manifest.files[CSV].sha256, sql, sorted((name, str(value)) for name, value in values.items())]
    name = hashlib.sha256(orjson.dumps(told)).hexdigest()[:32]
    fast = quick(inner, keys=len(terms), by=_by(terms, order), rows=manifest.rows, likely=likely)
    return Question(folder / PARQUET, sql, fast, values, manifest.rows, name, tuple(terms), inner, order)


def listing(wanted: Question) -> str:
    """The SQL that gives all combinations with their values: those of a bin's smallest."""
    keys = _keys(wanted.terms)
    told = ", ".join(f"{'k' if term.bins is None else 'v'}{place}" for place, term in enumerate(wanted.terms))
    least = "".join(f", min(x{place}) AS v{place}" for place, term in enumerate(wanted.terms) if term.bins)
    counted = f"SELECT {keys}{least}, count(*) AS n, min(f) AS f FROM {wanted.inner} GROUP BY {keys}"  # noqa: S608 - as above
    return f"SELECT {told}, n FROM ({counted}) ORDER BY {wanted.by}"  # noqa: S608 - as above


def listing_of(wanted: Question, *, low: int, high: int) -> str:
    """The SQL that gives the values in the rows `$firsts`, in that order; `low` and `high` are the ends of these."""
    told = ", ".join(f"{'k' if term.bins is None else 'x'}{place}" for place, term in enumerate(wanted.terms))
    firsts = "unnest($firsts::BIGINT[]) AS row, generate_subscripts($firsts::BIGINT[], 1) AS place"
    near = f"SELECT * FROM {wanted.inner} WHERE f >= {low} AND f <= {high}"  # noqa: S608 - as above
    return f"SELECT {told} FROM (SELECT {firsts}) JOIN ({near}) ON f = row ORDER BY place"  # noqa: S608 - as above


def _keys(terms: Sequence[Term]) -> str:
    return ", ".join(f"k{place}" for place in range(len(terms)))


def _by(terms: Sequence[Term], order: str) -> str:
    by_value = ", ".join(f"k{place} NULLS LAST" for place in range(len(terms)))
    return {"count": "n DESC, f", "first": "f", "value": by_value}[order]


def _keyed(terms: Sequence[Term], *, width: int, where: str) -> str:
    """The rows of the view, each with its number `f`, the values `x0`, `x1` … and the terms' keys `k0`, `k1` …"""
    sources = ", ".join(f"{term.source} AS x{place}" for place, term in enumerate(terms))
    keys = ", ".join(f"{term.key.format(x=f'x{place}')} AS k{place}" for place, term in enumerate(terms))
    rows = f"SELECT {sources}, {ROW} AS f FROM {table(width)} WHERE {where}"  # noqa: S608 - as above
    return f"(SELECT *, {keys} FROM ({rows}))"  # noqa: S608 - as above
