"""The one door to DuckDB: takes a snapshot's Parquet file and a question with its values bound, gives rows.

Column names never enter the SQL: a column is addressed by its number (`c0`, `c1`, …), so that no name can be read
as anything else. Configuration is locked and no file outside the home's snapshots can be opened.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ladle.errors import Damaged

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ROW = "file_row_number"
"""DuckDB's own column for a row's number in the file, from 0: the order of appearance."""
_BATCH = 100_000
_REMEDY = "Collect the dataset again, or take the snapshot from a backup."
_mine = threading.local()


def table(width: int) -> str:
    """What follows FROM: the file that `ask` binds as `$path`, its columns named c0, c1 … by their number."""
    return f"read_parquet($path) AS t({', '.join(f'c{number}' for number in range(width))})"


def ask(parquet: Path, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The answer to a question about one Parquet file; raises Damaged when the file can't be read.

    `sql` reads FROM `table(...)` and holds `$name` for each of the values.
    """
    import duckdb  # here, since whoever only collects or lists needs none of its 40 MB

    path = parquet.resolve()
    try:
        return _cursor(path.parent.parent.parent.parent).execute(sql, {"path": str(path), **values}).fetchall()
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
        raise Damaged(f'"{parquet}" can\'t be read: {error}.', hint=_REMEDY) from error


def ask_numbers(parquet: Path, sql: str, **values: Any) -> Iterator[pa.Array[Any]]:
    """The first column of an answer that may be long, batch by batch; `sql` and errors as with `ask`."""
    import duckdb

    path = parquet.resolve()
    try:
        cursor = _cursor(path.parent.parent.parent.parent)
        answer = cursor.sql(sql, params={"path": str(path), **values}).to_arrow_reader(_BATCH)
        yield from (batch.column(0) for batch in answer)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
        raise Damaged(f'"{parquet}" can\'t be read: {error}.', hint=_REMEDY) from error


def _cursor(root: Path) -> duckdb.DuckDBPyConnection:
    """This thread's cursor: a connection for each question costs three times as much."""
    if getattr(_mine, "root", None) != root:
        _mine.cursor, _mine.root = _connection(root).cursor(), root
    cursor: duckdb.DuckDBPyConnection = _mine.cursor
    return cursor


@lru_cache(maxsize=4)
def _connection(root: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that may read the files under `root` and nothing else."""
    import duckdb

    connection = duckdb.connect()
    # Large groupings spill here. A folder for each process: DuckDB numbers its files from 0 in every one.
    spill = Path(tempfile.gettempdir()) / f"ladle-{os.getpid()}"
    connection.execute(f"SET temp_directory = {_quoted(spill)}")
    connection.execute(f"SET allowed_directories = [{_quoted(root)}]")
    # Snapshots never change: a file's footer is read once, not at each question.
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _quoted(path: Path) -> str:
    """A path as a SQL literal: SET takes no bound values."""
    return "'" + str(path).replace("'", "''") + "'"
