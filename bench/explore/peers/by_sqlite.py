"""sqlite: takes the table in an SQLite file, answers by SQL; at its best with indexes and pages found by key."""

from __future__ import annotations

import sqlite3
from typing import Any

from bench.explore.stations import Table


class BySqlite:
    """A connection that reads only."""

    def __init__(self, file: str, *, by_key: bool) -> None:
        self._database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._by_key = by_key

    def size(self) -> tuple[int, int]:
        """Counted."""
        return self._asked("SELECT count(*) FROM stations")[0][0], len(self._asked("PRAGMA table_info(stations)"))

    def page(self, offset: int) -> list[int]:
        """By OFFSET; or by key, which here happens to be the row's number."""
        part = f"WHERE id >= {offset} ORDER BY id LIMIT 10" if self._by_key else f"LIMIT 10 OFFSET {offset}"
        return [row[0] for row in self._asked(f"SELECT * FROM stations {part}")]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """Largest first."""
        by = ", ".join(columns)
        return self._asked(f"SELECT {by}, count(*) AS n FROM stations GROUP BY {by} ORDER BY n DESC")

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """All fetched."""
        found = self.counts(*columns)
        return len(found), [row[-1] for row in found[:10]]

    def top(self, world: str) -> list[float]:
        """Whole rows."""
        where = f"WHERE world = '{world}' AND active = 1"
        return [row[2] for row in self._asked(f"SELECT * FROM stations {where} ORDER BY mass DESC LIMIT 10")]

    def sorted_page(self, offset: int) -> list[float]:
        """Whole rows, by OFFSET."""
        return [row[2] for row in self._asked(f"SELECT * FROM stations ORDER BY mass DESC LIMIT 10 OFFSET {offset}")]

    def profile(self) -> int:
        """Values, distinct ones, smallest and largest of each column, a statement each."""
        names = [row[1] for row in self._asked("PRAGMA table_info(stations)")]
        figures = "count({0}), count(DISTINCT {0}), min({0}), max({0})"
        return len([self._asked(f"SELECT {figures.format(name)} FROM stations") for name in names])

    def _asked(self, statement: str) -> list[tuple[Any, ...]]:
        return self._database.execute(statement).fetchall()


def opened(table: Table, how: str) -> BySqlite:
    """The file opened."""
    file = table.indexed if how == "indexed" else table.sqlite
    return BySqlite(str(file), by_key=how == "indexed")
