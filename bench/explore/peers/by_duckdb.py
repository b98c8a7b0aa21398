"""Bare DuckDB: takes a table's CSV or Parquet file, answers by SQL on the file as it lies there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from bench.explore.stations import Table


class ByDuckDB:
    """A connection; the file is read anew for each question."""

    def __init__(self, source: str, *, spill: Path, footer: bool = False) -> None:
        self._database = duckdb.connect(config={"temp_directory": str(spill)})
        if footer:
            self._database.execute("SET parquet_metadata_cache = true")
        self._source = source

    def size(self) -> tuple[int, int]:
        """Counted, which is free in Parquet."""
        ((rows,),) = self._asked("SELECT count(*) FROM {}")
        return rows, len(self._asked("DESCRIBE SELECT * FROM {}"))

    def page(self, offset: int) -> list[int]:
        """By OFFSET."""
        return [row["id"] for row in self._rows(f"SELECT * FROM {{}} LIMIT 10 OFFSET {offset}")]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """Largest first."""
        return self._asked(f"SELECT {', '.join(columns)}, count(*) AS n FROM {{}} GROUP BY ALL ORDER BY n DESC")

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """Both in one statement."""
        by = ", ".join(columns)
        grouped = f"WITH g AS MATERIALIZED (SELECT {by}, count(*) AS n FROM {{}} GROUP BY ALL)"
        found = self._asked(f"{grouped} SELECT {by}, n, (SELECT count(*) FROM g) FROM g ORDER BY n DESC LIMIT 10")
        return found[0][-1], [row[-2] for row in found]

    def top(self, world: str) -> list[float]:
        """Sorted, whole rows."""
        where = f"WHERE world = '{world}' AND active"
        return [row["mass"] for row in self._rows(f"SELECT * FROM {{}} {where} ORDER BY mass DESC LIMIT 10")]

    def sorted_page(self, offset: int) -> list[float]:
        """Sorted anew each time, whole rows."""
        statement = f"SELECT * FROM {{}} ORDER BY mass DESC LIMIT 10 OFFSET {offset}"
        return [row["mass"] for row in self._rows(statement)]

    def profile(self) -> int:
        """SUMMARIZE."""
        return len(self._asked("SUMMARIZE SELECT * FROM {}"))

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        """By Arrow: its own rows have times only where yet another library is installed."""
        rows: list[dict[str, Any]] = self._database.sql(statement.format(self._source)).to_arrow_table().to_pylist()
        return rows

    def _asked(self, statement: str) -> list[tuple[Any, ...]]:
        return self._database.execute(statement.format(self._source)).fetchall()


def opened(table: Table, how: str) -> ByDuckDB:
    """A connection, and what stands after FROM; with `footer kept` the Parquet file's footer is read once."""
    source = f"read_csv('{table.csv}')" if how == "csv" else f"read_parquet('{table.parquet}')"
    return ByDuckDB(source, spill=table.made / "spill", footer=how == "footer kept")
