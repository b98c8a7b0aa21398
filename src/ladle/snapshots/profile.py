"""What a table's columns hold: takes the Parquet file, gives the missing, distinct, top values and range of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.manifest import TableColumn
from ladle.sources.source import ColumnType

TOP = 10
BINS = 20
CUT = 200
"""Characters that a top value is cut to."""
EPOCH = date(1970, 1, 1)
# Timestamps and dates as seconds and days: DuckDB needs no time zones then, and histograms are arithmetic.
_AS_NUMBER = {"timestamp": "CAST(epoch({}) AS BIGINT)", "date": "CAST({} - DATE '1970-01-01' AS BIGINT)"}
_BIN_OF_WHOLE = "CAST(({} :: HUGEINT - $low :: HUGEINT) // $width :: HUGEINT AS INTEGER)"
_BIN_OF_NUMBER = "CAST(greatest(least(floor({} / $width - $low / $width), $last), 0) AS INTEGER)"


def profile(
    parquet: Path,
    *,
    columns: Sequence[TableColumn],
    rows: int,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """A document of plain JSON values: `rows`, `distinct_exact`, and for each of `columns` its figures.

    `wanted` is called before each column; what it raises ends the work.
    """
    with duckdb.connect() as connection:
        # One thread, so that sums of doubles add up in the same order each time: same journal, same bytes.
        connection.execute("SET threads = 1")
        ask = _Asker(connection, parquet, columns)
        exact = rows <= bounds.exact_rows
        found = []
        for number in range(len(columns)):
            wanted()
            found.append(ask.column(number, exact=exact, few=bounds.few))
    return {"rows": rows, "distinct_exact": exact, "columns": found}


def profile_bytes(document: dict[str, Any]) -> bytes:
    """The bytes of `profile.json`."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Asker:
    """One Parquet file, its columns addressed by number: names never enter the SQL."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, parquet: Path, columns: Sequence[TableColumn]) -> None:
        self._connection = connection
        self._path = str(parquet)
        self._columns = columns
        aliases = ", ".join(f"c{number}" for number in range(len(columns)))
        self._table = f"FROM read_parquet($path) AS t({aliases})"

    def column(self, number: int, *, exact: bool, few: int) -> dict[str, Any]:
        """All figures of one column; where they are not exact, top values only of about `few` distinct ones at most."""
        column = self._columns[number]
        value = _AS_NUMBER.get(column.type, "{}").format(f"c{number}")
        missing, distinct = self._all(
            f"SELECT count(*) - count({value}), approx_count_distinct({value}) {self._table}"
        )[0]
        top: list[dict[str, Any]] = []
        if exact or distinct <= few:
            top, distinct = self._top(value, column.type)
        told = {"name": column.name, "type": column.type, "missing": missing, "distinct": distinct, "top": top}
        if column.type == "text":
            return told | self._text(value)
        return told if column.type == "boolean" else told | self._range(value, column.type)

    def _all(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, {"path": self._path, **values}).fetchall()

    def _top(self, value: str, kind: ColumnType) -> tuple[list[dict[str, Any]], int]:
        """The most frequent values, ties by first appearance, and the number of distinct ones."""
        shown = f"left(v, {CUT})" if kind == "text" else "v"
        found = self._all(
            f"WITH g AS MATERIALIZED (SELECT {value} AS v, count(*) AS n, min(file_row_number) AS f "  # noqa: S608 - put together from our own words and numbers
            f"{self._table} WHERE v IS NOT NULL GROUP BY v) "
            f"SELECT {shown}, n, (SELECT count(*) FROM g) FROM g ORDER BY n DESC, f LIMIT {TOP}"
        )
        return [{"value": _told(v, kind), "count": n} for v, n, _ in found], found[0][2] if found else 0

    def _text(self, value: str) -> dict[str, Any]:
        figures = (
            f"count(*) FILTER (trim({value}) = ''), min(length({value})), max(length({value})), avg(length({value}))"
        )
        blank, low, high, mean = self._all(f"SELECT {figures} {self._table}")[0]
        return {"blank": blank, "length": {"min": low, "max": high, "mean": mean}}

    def _range(self, value: str, kind: ColumnType) -> dict[str, Any]:
        low, high, mean = self._all(f"SELECT min({value}), max({value}), avg({value}) {self._table}")[0]
        told = {"min": _told(low, kind), "max": _told(high, kind), "histogram": self._histogram(value, kind, low, high)}
        return told | {"mean": mean} if kind in ("integer", "number") else told

    def _histogram(self, value: str, kind: ColumnType, low: Any, high: Any) -> list[dict[str, Any]]:
        """Counts in at most BINS bins of equal width, each from `from` up to `to`, the last one with its `to`."""
        if low is None:
            return []
        bins, width = _bins(low, high, whole=kind != "number")
        if kind != "number":
            place, bound = _BIN_OF_WHOLE, {"low": low, "width": width}
        elif width:
            place, bound = _BIN_OF_NUMBER, {"low": low, "width": width, "last": bins - 1}
        else:
            place, bound = "0", {}
        sql = f"SELECT {place.format(value)} AS b, count(*) {self._table} WHERE {value} IS NOT NULL GROUP BY b"
        counts = dict(self._all(sql, **bound))
        edges = [_told(low + width * number, kind) for number in range(bins)] + [_told(high, kind)]
        return [{"from": edges[b], "to": edges[b + 1], "count": counts.get(b, 0)} for b in range(bins)]


def _bins(low: Any, high: Any, *, whole: bool) -> tuple[int, Any]:
    """Number and width of the bins between two values.

    >>> _bins(0, 12, whole=True), _bins(66, 264, whole=True), _bins(0.0, 1.0, whole=False)
    ((13, 1), (20, 10), (20, 0.05))
    """
    if not whole:
        # Halves the overflow of high - low: both ends of a double's range may be in the table.
        width = high / BINS - low / BINS
        return (BINS, width) if width else (1, 0.0)
    span = high - low + 1
    width = -(-span // BINS)
    return -(-span // width), width


def _told(value: Any, kind: ColumnType) -> Any:
    """A value as plain JSON: days and seconds since 1970 become dates and times in ISO 8601."""
    if value is None or kind not in ("date", "timestamp"):
        return value
    if kind == "date":
        return (EPOCH + timedelta(days=value)).isoformat()
    return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
