"""Counts of combinations: takes a snapshot's columns, gives every combination of values and how often it occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ladle.errors import BadInput, unknown
from ladle.explore.query import ROW, ask, table
from ladle.explore.values import at_second
from ladle.snapshots.files import PARQUET
from ladle.snapshots.manifest import Manifest

Order = Literal["count", "first"]
_ORDERS: dict[str, str] = {"count": "n DESC, f", "first": "f"}


@dataclass(slots=True)
class CountRow:
    """One combination: its values in the order of the columns, how many rows have it, and their share of all rows."""

    values: tuple[Any, ...]
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Combinations of some columns' values. `rows` may be a part; `combinations` is how many there are in all."""

    columns: tuple[str, ...]
    total_rows: int
    combinations: int
    rows: list[CountRow]


def count(
    folder: Path, manifest: Manifest, columns: Sequence[str], *, limit: int | None, offset: int, order: str
) -> Counts:
    """Combinations by count, largest first and ties by first appearance, or all by first appearance.

    Raises BadInput for a column that is unknown, repeated or not given, and for a limit, offset or order that can't be.
    """
    numbers = _numbers(columns, known=[column.name for column in manifest.columns])
    times = [manifest.columns[number].type == "timestamp" for number in numbers]
    _check(limit=limit, offset=offset, order=order)
    sql = _sql(numbers, times=times, width=len(manifest.columns), order=order)
    found = ask(folder / PARQUET, sql, limit=limit, offset=offset)
    if found:
        combinations = found[0][-1]
    elif offset:
        combinations = count(folder, manifest, columns, limit=1, offset=0, order=order).combinations
    else:
        combinations = 0
    rows = _rows(found, times=times, total=manifest.rows)
    return Counts(columns=tuple(columns), total_rows=manifest.rows, combinations=combinations, rows=rows)


def _sql(numbers: Sequence[int], *, times: Sequence[bool], width: int, order: str) -> str:
    """The question, made of our own words and numbers alone; times as seconds: DuckDB needs a library to give them."""
    by = ", ".join(f"c{number}" for number in numbers)
    told = ("CAST(epoch(c{}) AS BIGINT)" if time else "c{}" for time in times)
    shown = ", ".join(each.format(number) for each, number in zip(told, numbers, strict=True))
    return (
        f"WITH g AS MATERIALIZED (SELECT {by}, count(*) AS n, min({ROW}) AS f FROM {table(width)} GROUP BY {by}) "  # noqa: S608 - see above
        f"SELECT {shown}, n, (SELECT count(*) FROM g) FROM g ORDER BY {_ORDERS[order]} LIMIT $limit OFFSET $offset"
    )


def _rows(found: list[tuple[Any, ...]], *, times: Sequence[bool], total: int) -> list[CountRow]:
    if not any(times):
        return [CountRow(row[:-2], row[-2], row[-2] / total) for row in found]
    return [CountRow(tuple(map(_value, row[:-2], times)), row[-2], row[-2] / total) for row in found]


def _value(value: Any, time: bool) -> Any:
    return at_second(value) if time and value is not None else value


def _numbers(columns: Sequence[str], *, known: Sequence[str]) -> list[int]:
    """Where the columns stand in the table."""
    if not columns:
        raise BadInput("No column is named.", hint=f"Name one or more of: {', '.join(known)}.")
    for position, name in enumerate(columns):
        if name not in known:
            raise BadInput(unknown("column", name, known))
        if name in columns[:position]:
            raise BadInput(f'The column "{name}" is named twice.', hint="Name each column once.")
    return [known.index(name) for name in columns]


def _check(*, limit: int | None, offset: int, order: str) -> None:
    if limit is not None and (type(limit) is not int or limit < 1):
        raise BadInput(f"limit is {limit!r}.", hint="It must be a whole number, 1 or more.")
    if type(offset) is not int or offset < 0:
        raise BadInput(f"offset is {offset!r}.", hint="It must be a whole number, 0 or more.")
    if order not in _ORDERS:
        raise BadInput(unknown("order", order, _ORDERS))
