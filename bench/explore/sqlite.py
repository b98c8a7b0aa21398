"""The table as an SQLite file: takes a table, makes what sqlite and Datasette read, without and with indexes."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

import duckdb

from bench.explore.stations import COLUMNS, Table

_KEY = "CREATE TABLE stations (id INTEGER PRIMARY KEY, "
_KINDS = {"BIGINT": "INTEGER", "INTEGER": "INTEGER", "BOOLEAN": "INTEGER", "DOUBLE": "REAL"}
"""Of DuckDB's types; all others become texts, as there are no dates."""
INDEXES = ("world", "world, colour", "day, world", "mass", "world, active, mass")
"""What somebody would give their Datasette who knows what will be asked."""
_AT_ONCE = 50_000


def make(table: Table, kind: str) -> None:
    """Make the file `sqlite` or `indexed` where it is not there; a million rows take a quarter of a minute each."""
    file = table.sqlite if kind == "sqlite" else table.indexed
    if file.exists():
        return
    begun = time.perf_counter()
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    if kind == "sqlite":
        _fill(draft, table.parquet)
    else:
        make(table, "sqlite")
        shutil.copyfile(table.sqlite, draft)
        _index(draft)
    draft.rename(file)
    size, taken = file.stat().st_size / 1e9, time.perf_counter() - begun
    print(f"Made {file.name} of {table.rows:,} rows: {size:.2f} GB in {taken:.0f} s", flush=True)


def _fill(file: Path, parquet: Path) -> None:
    with duckdb.connect() as source, sqlite3.connect(file) as database:
        columns = source.execute(f"DESCRIBE SELECT * FROM read_parquet('{parquet}')").fetchall()
        _hurry(database)
        kinds = [f"{name} {_KINDS.get(type_, 'TEXT')}" for name, type_, *_ in columns[1:]]
        database.execute(_KEY + ", ".join(kinds) + ")")
        shown = ", ".join(name if type_ in _KINDS else f"CAST({name} AS VARCHAR)" for name, type_, *_ in columns)
        rows = source.execute(f"SELECT {shown} FROM read_parquet('{parquet}')")
        places = ", ".join("?" * COLUMNS)
        while some := rows.fetchmany(_AT_ONCE):
            database.executemany(f"INSERT INTO stations VALUES ({places})", some)


def _index(file: Path) -> None:
    with sqlite3.connect(file) as database:
        _hurry(database)
        for columns in INDEXES:
            database.execute(f'CREATE INDEX "{columns}" ON stations ({columns})')
        database.execute("ANALYZE")


def _hurry(database: sqlite3.Connection) -> None:
    """A draft needs no care: it is made again when it breaks."""
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {setting}")
