"""Questions for a profile: takes a Parquet file and its columns, gives figures, bins, quantiles and top values of them.

Columns are addressed by number: names never enter the SQL. Each question is one scan.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ladle.snapshots.bins import bin_of, histogram, told
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.numeric import possible_sql, sql_of
from ladle.sources.source import ColumnType

if TYPE_CHECKING:
    import duckdb

TOP = 10
CUT = 200
"""Characters that a top value is cut to."""
QUANTILES = ("0.05", "0.25", "0.5", "0.75", "0.95")
AT_ONCE = 1_000_000
"""So many values are held at once, 8 bytes each, for quantiles, which cost 0.06 s a million."""
WIDE = 40
"""Columns from which on the least of MEMORY is never enough: a scan holds a buffer for each."""
MEMORY = ("32MB", "256MB", "4GB")
"""What DuckDB holds at once, more is spilled; where that is not enough (hundreds of columns), the next is tried."""
PART = 50
"""Columns that are asked about together: DuckDB plans a question about a thousand for longer than about a thousand."""
COPIED = 100_000
"""Up to so many rows, the columns of a part are copied out of a file with more of them, which is slow to be opened."""
SPILL = ".spill"
"""Where to, beside the Parquet file, each who asks behind a number of its own."""
# Timestamps and dates as seconds and days: DuckDB needs no time zones then, and histograms are arithmetic.
_AS_NUMBER = {"timestamp": "CAST(epoch({}) AS BIGINT)", "date": "CAST({} - DATE '1970-01-01' AS BIGINT)"}
_ANY = {"missing": "count(*) - count({v})"}
_RANGE = {"min": "min({v})", "max": "max({v})"}
# trim takes Unicode's spaces away, at ten times the cost of a comparison: the least of them but " " is no-break space.
_BLANK = "count(CASE WHEN {v} < '!' OR {v} >= chr(160) THEN nullif(trim({v}) = '', false) END)"
_LENGTH = {"shortest": "min(length({v}))", "longest": "max(length({v}))", "mean_length": "avg(length({v}))"}
_POSSIBLE = f"count(CASE WHEN {possible_sql('{v}')} THEN 1 END)"
_NUMBERS = ("count({x})", "min({x})", "max({x})", "avg({x})")
_OF_TYPE: Mapping[ColumnType, Mapping[str, str]] = {
    "text": {"blank": _BLANK, "possible": _POSSIBLE, **_LENGTH},
    "integer": {**_RANGE, "mean": "avg({v})"},
    "number": {**_RANGE, "mean": "avg({v})"},
    "boolean": {},
    "date": _RANGE,
    "timestamp": _RANGE,
}
# The low bits of a row's number, strewn by the golden ratio: as many rows of every part and of every period.
_STREWN = "(file_row_number % 2147483648) * 1327217885 % 2147483648"

_NUMBER = re.compile(r"\bx([0-9]+)\b")

Top = tuple[list[dict[str, Any]], int]
"""The most frequent values, and the number of distinct ones."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a column that have an order and a distance: numbers, days, seconds, or the numbers in its texts."""

    number: int
    """The column's."""
    kind: ColumnType
    low: Any
    high: Any


def load() -> None:
    """Load DuckDB before it is needed, in a thread that has time for it: 0.1 s."""
    import duckdb  # noqa: F401


class Asker:
    """One Parquet file, to be used in a `with`, some of its columns at a time; those are told by their numbers.

    What does not fit into memory is put beside the file meanwhile. `wanted` is called before each question; what it
    raises ends the work.
    """

    def __init__(
        self, parquet: Path, *, columns: Sequence[TableColumn], some: range, wanted: Callable[[], None]
    ) -> None:
        self._path, self._spill = str(parquet), parquet.parent / f"{SPILL}-{some.start}"
        self._columns, self._some, self._wanted = columns, some, wanted
        self._memory = list(MEMORY[len(columns) >= WIDE :])
        self._connection: duckdb.DuckDBPyConnection | None = None
        aliases = ", ".join(f"c{number}" for number in range(len(columns)))
        self._whole = f"FROM read_parquet($path) AS t({aliases})"
        self._values = [_AS_NUMBER.get(column.type, "{}").format(f"c{n}") for n, column in enumerate(columns)]
        self._part, self._copied, self._begun = range(0), False, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def parts(self, *, rows: int) -> Iterator[range]:
        """Columns to ask about, until the next ones are."""
        for first in range(0, len(self._some), PART):
            self._part = self._some[first : first + PART]
            self._copied, self._begun = rows <= COPIED and len(self._columns) > PART, False
            yield self._part

    def figures(self, *, exact: bool) -> dict[int, dict[str, Any]]:
        """What one number tells of each column; `possible` of text: how many may be numbers, by their first sign."""
        asked: dict[int, dict[str, str]] = {}
        for number in self._part:
            value, kind = self._values[number], self._columns[number].type
            figures = {name: sql.format(v=value) for name, sql in {**_ANY, **_OF_TYPE[kind]}.items()}
            asked[number] = figures if exact else figures | {"distinct": f"approx_count_distinct({value})"}
        row = iter(self._one([sql for figures in asked.values() for sql in figures.values()]))
        return {number: {name: next(row) for name in figures} for number, figures in asked.items()}

    def numbers(self, columns: Sequence[int]) -> dict[int, dict[str, Any]]:
        """How many of these columns' texts are `numbers`, and their `min`, `max` and `mean`."""
        row = iter(self._one([sql.format(x=f"x{number}") for number in columns for sql in _NUMBERS]))
        return {n: {name: next(row) for name in ("numbers", "min", "max", "mean")} for n in columns}

    def histogram(self, of: Series) -> list[dict[str, Any]]:
        """Counts in at most 20 bins of equal width.

        Grouped: DuckDB's own `histogram` takes 2 MB a column and, where rows are few, five times as long.
        """
        value = self._value(of)
        sql, bound = bin_of(value, of.kind, low=of.low, high=of.high)
        table = self._with_numbers(value)
        found = self._all(f"SELECT {sql} AS b, count(*) {table} WHERE {value} IS NOT NULL GROUP BY b", **bound)
        return histogram(of.kind, low=of.low, high=of.high, counts=dict(found))

    def quantiles(self, series: Sequence[Series], *, rows: int, most: int) -> dict[int, dict[str, Any]]:
        """Of each of `series` the values that such shares of its values do not exceed, by the column's number.

        Beyond `most` rows they are those of as many, evenly drawn.
        """
        where = f" WHERE {_STREWN} < {most * 2**31 // rows}" if rows > most else ""
        several = max(1, AT_ONCE // max(1, min(rows, most)))
        found: dict[int, dict[str, Any]] = {}
        for at in range(0, len(series), several):
            part = series[at : at + several]
            asked = [f"quantile_disc({self._value(each)}, [{', '.join(QUANTILES)}])" for each in part]
            for each, values in zip(part, self._one(asked, where=where), strict=True):
                told_values = [told(value, each.kind) for value in values or ()]
                found[each.number] = dict(zip(QUANTILES, told_values, strict=False))
        return found

    def top(self, number: int) -> Top:
        """The most frequent values of a column, ties by first appearance, and the number of distinct ones."""
        return self._top(number, where=f"{self._values[number]} IS NOT NULL")

    def no_numbers(self, number: int) -> list[dict[str, Any]]:
        """The most frequent texts of a column that are neither blank nor a number."""
        c = f"c{number}"
        return self._top(number, where=f"{c} IS NOT NULL AND trim({c}) <> '' AND {sql_of(c)} IS NULL")[0]

    def _top(self, number: int, *, where: str) -> Top:
        kind, value = self._columns[number].type, self._values[number]
        shown = f"left(v, {CUT})" if kind == "text" else "v"
        found = self._all(
            f"WITH g AS MATERIALIZED (SELECT {value} AS v, count(*) AS n, min(file_row_number) AS f "  # noqa: S608 - put together from our own words and numbers
            f"{self._table()} WHERE {where} GROUP BY v) "
            f"SELECT {shown}, n, (SELECT count(*) FROM g) FROM g ORDER BY n DESC, f LIMIT {TOP}"
        )
        return [{"value": told(v, kind), "count": n} for v, n, _ in found], found[0][2] if found else 0

    def _value(self, each: Series) -> str:
        text = self._columns[each.number].type == "text"
        return f"x{each.number}" if text else self._values[each.number]

    def _one(self, asked: Sequence[str], *, where: str = "") -> tuple[Any, ...]:
        """One row of figures over the whole table."""
        sql = ", ".join(asked)
        return self._all(f"SELECT {sql} {self._with_numbers(sql)}{where}")[0] if asked else ()

    def _table(self) -> str:
        return "FROM part" if self._copied else self._whole

    def _with_numbers(self, asked: str) -> str:
        """The table, with the numbers in texts as x0, x1 … so far as they are asked for: each takes 3 ms to plan."""
        numbers = sorted(set(map(int, _NUMBER.findall(asked))))
        read = "".join(f", {sql_of(f'c{number}')} AS x{number}" for number in numbers)
        columns = ", ".join(f"c{number}" for number in self._part)
        return f"FROM (SELECT file_row_number, {columns}{read} {self._table()})" if numbers else self._table()

    def _all(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The answer, with the least memory that is enough for it and was for those before."""
        import duckdb  # here, so that nobody loads its 40 MB before a table is whole

        self._wanted()
        bound = values if self._copied else {"path": self._path, **values}
        while True:
            try:
                return self._connected().execute(sql, bound).fetchall()
            except duckdb.OutOfMemoryException:
                if len(self._memory) == 1:
                    raise
                self._close()
                del self._memory[0]

    def _connected(self) -> duckdb.DuckDBPyConnection:
        """One thread, so that sums of doubles add up in the same order each time: same journal, same bytes."""
        import duckdb

        if self._connection is None:
            self._connection = duckdb.connect(
                config={"threads": 1, "memory_limit": self._memory[0], "temp_directory": str(self._spill)}
            )
        if self._copied and not self._begun:
            some = ", ".join(f"c{number}" for number in self._part)
            copied = f"CREATE OR REPLACE TEMP TABLE part AS SELECT file_row_number, {some} {self._whole}"
            self._connection.execute("PRAGMA enable_optimizer")  # without it, all columns would be read for these few
            self._connection.execute(copied, {"path": self._path})
            self._connection.execute(
                "PRAGMA disable_optimizer"
            )  # of so few rows, planning better costs more than it saves
        self._begun = True
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection, self._begun = None, False
