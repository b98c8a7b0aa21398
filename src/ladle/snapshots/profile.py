"""What a table's columns hold: takes the Parquet file, gives the missing, distinct, top values and range of each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.manifest import TableColumn
from ladle.sources.source import ColumnType

if TYPE_CHECKING:
    import duckdb

TOP = 10
BINS = 20
CUT = 200
"""Characters that a top value is cut to."""
WIDE = 40
"""Columns from which on the least of MEMORY is never enough: a scan holds a buffer for each."""
MEMORY = ("32MB", "256MB", "4GB")
"""What DuckDB holds at once, more is spilled; where that is not enough (hundreds of columns), the next is tried."""
PART = 50
"""Columns that are asked about together: DuckDB plans a question about a thousand for longer than about a thousand."""
COPIED = 100_000
"""Up to so many rows, the columns of a part are copied out of a file with more of them, which is slow to be opened."""
SPILL = ".spill"
"""Where to, beside the Parquet file."""
EPOCH = date(1970, 1, 1)
# Timestamps and dates as seconds and days: DuckDB needs no time zones then, and histograms are arithmetic.
_AS_NUMBER = {"timestamp": "CAST(epoch({}) AS BIGINT)", "date": "CAST({} - DATE '1970-01-01' AS BIGINT)"}
# The inner braces are filled with the names under which a column's numbers are bound.
_BIN_OF_WHOLE = "CAST(({} :: HUGEINT - {{low}} :: HUGEINT) // {{width}} :: HUGEINT AS INTEGER)"
_BIN_OF_NUMBER = "CAST(greatest(least(floor({} / {{width}} - {{low}} / {{width}}), {{last}}), 0) AS INTEGER)"
_ANY = {"missing": "count(*) - count({v})"}
_RANGE = {"min": "min({v})", "max": "max({v})"}
# trim takes Unicode's spaces away, at ten times the cost of a comparison: the least of them but " " is no-break space.
_BLANK = "count(CASE WHEN {v} < '!' OR {v} >= chr(160) THEN nullif(trim({v}) = '', false) END)"
_LENGTH = {"min": "min(length({v}))", "max": "max(length({v}))", "mean": "avg(length({v}))"}
_OF_TYPE: Mapping[ColumnType, Mapping[str, str]] = {
    "text": {"blank": _BLANK, **_LENGTH},
    "integer": {**_RANGE, "mean": "avg({v})"},
    "number": {**_RANGE, "mean": "avg({v})"},
    "boolean": {},
    "date": _RANGE,
    "timestamp": _RANGE,
}


def profile(
    parquet: Path,
    *,
    columns: Sequence[TableColumn],
    rows: int,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """A document of plain JSON values: `rows`, `distinct_exact`, and for each of `columns` its figures.

    What does not fit into memory is put beside the file for the time being. `wanted` is called before each question;
    what it raises ends the work.
    """
    import duckdb  # here, so that nobody loads its 40 MB before a table is whole

    spill = parquet.parent / SPILL
    try:
        for memory in MEMORY[len(columns) >= WIDE : -1]:
            with suppress(duckdb.OutOfMemoryException), _connect(memory, spill=spill) as connection:
                return _profile(_File(connection, parquet, columns, wanted), rows=rows, bounds=bounds)
        with _connect(MEMORY[-1], spill=spill) as connection:
            return _profile(_File(connection, parquet, columns, wanted), rows=rows, bounds=bounds)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def load() -> None:
    """Load DuckDB before it is needed, in a thread that has time for it: 0.1 s."""
    import duckdb  # noqa: F401


def _connect(memory: str, *, spill: Path) -> duckdb.DuckDBPyConnection:
    """One thread, so that sums of doubles add up in the same order each time: same journal, same bytes."""
    import duckdb

    return duckdb.connect(config={"threads": 1, "memory_limit": memory, "temp_directory": str(spill)})


def _profile(file: _File, *, rows: int, bounds: Bounds) -> dict[str, Any]:
    exact = rows <= bounds.exact_rows
    found: list[dict[str, Any]] = []
    for numbers in _parts(len(file.columns)):
        found += _profile_part(_Asker(file, numbers, copied=rows <= COPIED), exact=exact, few=bounds.few)
    return {"rows": rows, "distinct_exact": exact, "columns": found}


def _parts(columns: int) -> list[range]:
    return [range(first, min(first + PART, columns)) for first in range(0, columns, PART)]


def _profile_part(ask: _Asker, *, exact: bool, few: int) -> list[dict[str, Any]]:
    """The part of the document that some columns have."""
    figures = ask.figures(exact=exact)
    bins = ask.histograms(figures)
    tops = [exact or told["distinct"] <= few for told in figures]
    return [
        _figures_of(column, figures[place], bins[place], ask.top(place) if tops[place] else ([], None))
        for place, column in enumerate(ask.columns)
    ]


def profile_bytes(document: dict[str, Any]) -> bytes:
    """The bytes of `profile.json`."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


Top = tuple[list[dict[str, Any]], int | None]
"""The most frequent values, and the number of distinct ones where all were counted."""


@dataclass(frozen=True, slots=True)
class _File:
    """One Parquet file. `wanted` is called before each question."""

    connection: duckdb.DuckDBPyConnection
    parquet: Path
    columns: Sequence[TableColumn]
    wanted: Callable[[], None]


class _Asker:
    """Some columns of a file, addressed by their numbers: names never enter the SQL. Each question is one scan."""

    def __init__(self, file: _File, numbers: Sequence[int], *, copied: bool) -> None:
        self._file = file
        self.columns = [file.columns[number] for number in numbers]
        aliases = ", ".join(f"c{number}" for number in range(len(file.columns)))
        bound = {"path": str(file.parquet)}
        self._table, self._bound = f"FROM read_parquet($path) AS t({aliases})", bound
        self._values = [
            _AS_NUMBER.get(column.type, "{}").format(f"c{n}") for n, column in zip(numbers, self.columns, strict=True)
        ]
        if copied and len(numbers) < len(file.columns):
            some = ", ".join(f"c{number}" for number in numbers)
            self._bound = {}
            self._all("PRAGMA enable_optimizer")  # without it, all columns would be read for these few
            self._all(f"CREATE OR REPLACE TEMP TABLE part AS SELECT file_row_number, {some} {self._table}", **bound)
            self._all("PRAGMA disable_optimizer")  # of so few rows, planning better takes longer than it saves
            self._table = "FROM part"

    def figures(self, *, exact: bool) -> list[dict[str, Any]]:
        """What one number tells of each column, by its name in the profile."""
        asked: list[dict[str, str]] = []
        for column, value in zip(self.columns, self._values, strict=True):
            figures = {name: sql.format(v=value) for name, sql in {**_ANY, **_OF_TYPE[column.type]}.items()}
            asked.append(figures if exact else figures | {"distinct": f"approx_count_distinct({value})"})
        row = iter(self._one([sql for figures in asked for sql in figures.values()]))
        return [{name: next(row) for name in figures} for figures in asked]

    def histograms(self, figures: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """For each column its counts in at most BINS bins of equal width; none for text and truth values."""
        return [
            self._histogram(place, told=told) if column.type != "text" and told.get("min") is not None else []
            for place, (column, told) in enumerate(zip(self.columns, figures, strict=True))
        ]

    def _histogram(self, place: int, *, told: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Grouped: DuckDB's own `histogram` takes 2 MB a column and, where rows are few, five times as long."""
        kind, value = self.columns[place].type, self._values[place]
        sql, values = _bin_of(value, kind, low=told["min"], high=told["max"])
        sql = sql.format(**{name: f"${name}" for name in values})
        found = self._all(f"SELECT {sql} AS b, count(*) {self._table} WHERE {value} IS NOT NULL GROUP BY b", **values)
        return _histogram(kind, told=told, counts=dict(found))

    def top(self, place: int) -> Top:
        """The most frequent values of a column, ties by first appearance, and the number of distinct ones."""
        kind, value = self.columns[place].type, self._values[place]
        shown = f"left(v, {CUT})" if kind == "text" else "v"
        found = self._all(
            f"WITH g AS MATERIALIZED (SELECT {value} AS v, count(*) AS n, min(file_row_number) AS f "  # noqa: S608 - put together from our own words and numbers
            f"{self._table} WHERE v IS NOT NULL GROUP BY v) "
            f"SELECT {shown}, n, (SELECT count(*) FROM g) FROM g ORDER BY n DESC, f LIMIT {TOP}"
        )
        return [{"value": _told(v, kind), "count": n} for v, n, _ in found], found[0][2] if found else 0

    def _one(self, asked: Sequence[str], **values: Any) -> tuple[Any, ...]:
        """One row of figures over the whole table."""
        return self._all(f"SELECT {', '.join(asked)} {self._table}", **values)[0] if asked else ()

    def _all(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        self._file.wanted()
        return self._file.connection.execute(sql, {**self._bound, **values}).fetchall()


def _figures_of(column: TableColumn, figures: dict[str, Any], bins: list[dict[str, Any]], top: Top) -> dict[str, Any]:
    """A column's part of the document."""
    values, distinct = top
    distinct = figures["distinct"] if distinct is None else distinct
    told = {
        "name": column.name,
        "type": column.type,
        "missing": figures["missing"],
        "distinct": distinct,
        "top": values,
    }
    if column.type == "boolean":
        return told
    if column.type == "text":
        length = {name: figures[name] for name in ("min", "max", "mean")}
        return told | {"blank": figures["blank"], "length": length}
    told |= {"min": _told(figures["min"], column.type), "max": _told(figures["max"], column.type), "histogram": bins}
    return told | {"mean": figures["mean"]} if "mean" in figures else told


def _bin_of(value: str, kind: ColumnType, *, low: Any, high: Any) -> tuple[str, dict[str, Any]]:
    """The bin of a value in SQL, and what is bound in it."""
    bins, width = _bins(low, high, whole=kind != "number")
    if kind != "number":
        return _BIN_OF_WHOLE.format(value), {"low": low, "width": width}
    if width:
        return _BIN_OF_NUMBER.format(value), {"low": low, "width": width, "last": bins - 1}
    return "0", {}


def _histogram(kind: ColumnType, *, told: Mapping[str, Any], counts: dict[int, int]) -> list[dict[str, Any]]:
    """Each bin from `from` up to `to`, the last one with its `to`."""
    low, high = told["min"], told["max"]
    bins, width = _bins(low, high, whole=kind != "number")
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
