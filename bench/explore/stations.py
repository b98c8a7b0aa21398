"""The table to look into: takes a number of rows or a snapshot that is there, gives its files, always the same.

Twenty columns of mixed types, made by DuckDB from each row's number alone, so that a smaller table is a larger one's
first rows; imported by Ladle as anybody's Parquet file is. Everything stays in one folder for the next time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ladle.explore.finding import find
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.importing import import_file

SOURCE = "bench"
COLUMNS = 20
WORLDS = 60
_SQL = """
COPY (SELECT i AS id,
    'Station ' || (i * 2654435761 % 1000003) AS name,
    (hash(i, 1) % 100000)::DOUBLE / 10 AS mass,
    'World ' || least(hash(i, 2) % 60, hash(i, 3) % 60) AS world,
    DATE '2015-01-01' + (hash(i, 4) % 3650)::INTEGER AS day,
    ['red', 'green', 'blue', 'yellow', 'n/a'][1 + (hash(i, 5) % 5)::INTEGER] AS colour,
    (hash(i, 6) % 1000)::INTEGER AS height,
    ((hash(i, 7) % 1800000)::DOUBLE / 10000 - 90) AS latitude,
    ((hash(i, 8) % 3600000)::DOUBLE / 10000 - 180) AS longitude,
    (hash(i, 9) % 2 = 0) AS active,
    TIMESTAMP '2024-01-01 00:00:00' + INTERVAL (hash(i, 10) % 31536000) SECOND AS seen,
    CASE WHEN hash(i, 11) % 10 = 0 THEN NULL ELSE (hash(i, 11) % 500)::INTEGER END AS level,
    CASE WHEN hash(i, 12) % 20 = 0 THEN 'unknown' ELSE ((hash(i, 12) % 5000)::VARCHAR) END AS weight,
    'https://api.example/records/' || i || '/' AS url,
    'Country ' || (hash(i, 14) % 195) AS country,
    round(20 + 15 * sin(hash(i, 15) % 628 / 100.0), 2) AS temperature,
    (hash(i, 16) % 101)::INTEGER AS humidity,
    substr('clear sky,few clouds,light rain,mist,snow,thunderstorm', 1 + (hash(i, 17) % 30)::INTEGER, 12) AS weather,
    (hash(i, 18) % 1000000007)::BIGINT AS code,
    'note "' || (hash(i, 19) % 50) || '", of many' AS note
    FROM range({rows}) r(i)) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One snapshot's files, and beside them those that are made of them for tools that need another kind."""

    rows: int
    dataset: str
    home: Path
    csv: Path
    parquet: Path
    made: Path
    """The folder for what is made for other tools."""

    @staticmethod
    def of(told: dict[str, Any]) -> Table:
        """The table in what JSON holds of one, its paths as texts."""
        places = {name: Path(told[name]) for name in ("home", "csv", "parquet", "made")}
        return Table(rows=told["rows"], dataset=told["dataset"], **places)

    @property
    def sqlite(self) -> Path:
        """The table as an SQLite file, its id the primary key."""
        return self.made / "stations.sqlite3"

    @property
    def indexed(self) -> Path:
        """The same with an index for each question that one helps."""
        return self.made / "stations-indexed.sqlite3"


class Tables:
    """The tables of one folder: made when they are first asked for, kept for the next run."""

    def __init__(self, folder: Path, *, datasets: Sequence[str] = (), home: Path | None = None) -> None:
        self._folder = folder
        self._home = Home.open(folder / "home")
        self._known = {}
        for dataset in datasets:
            table = self._table(self._borrowed(dataset, home=home))
            self._known[table.rows] = table

    @property
    def given(self) -> list[int]:
        """Rows of the datasets that were named."""
        return sorted(self._known)

    def of(self, rows: int) -> Table:
        """The table with so many rows; one that is not there is made, which takes half a minute for each million."""
        if rows not in self._known:
            self._known[rows] = self._table(self._own(rows))
        return self._known[rows]

    def _own(self, rows: int) -> Snapshot:
        name = f"{SOURCE}/stations-{rows}"
        if next((self._home.snapshots / name).glob("*/manifest.json"), None) is None:
            print(f"Making a table of {rows:,} rows ...", flush=True)
            file = self._folder / f"stations-{rows}.parquet"
            write(file, rows=rows)
            import_file(file, name=name, key="id", home=self._home)
            file.unlink()
        return find(self._home, name)

    def _borrowed(self, dataset: str, *, home: Path | None) -> Snapshot:
        """A dataset of another home, which is only read: what a question keeps (orders, a database) lies in ours."""
        if home is not None:
            link = self._home.snapshots / dataset
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to((home / "snapshots" / dataset).resolve())
        return find(self._home, dataset)

    def _table(self, snapshot: Snapshot) -> Table:
        made = self._folder / "made" / snapshot.id
        made.mkdir(parents=True, exist_ok=True)
        return Table(
            rows=len(snapshot),
            dataset=snapshot.dataset,
            home=self._home.path,
            csv=snapshot.path("csv"),
            parquet=snapshot.path("parquet"),
            made=made,
        )


def write(file: Path, *, rows: int) -> None:
    """The Parquet file of so many rows."""
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as database:
        database.execute(_SQL.format(rows=rows, file=file))


def size(rows: int) -> str:
    """A number of rows as people say it: "10 M"; any that is no round one in digits."""
    return f"{rows // 1_000_000} M" if rows and rows % 1_000_000 == 0 else f"{rows:,}"
