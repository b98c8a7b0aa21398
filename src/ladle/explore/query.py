"""The one door to DuckDB: takes one Parquet file or two and a question with its values bound, gives rows or batches.

Column names never enter the SQL: a column is addressed by its number (`c0`, `c1`, …), so that no name can be read
as anything else. Configuration is locked and no file outside the home's snapshots can be opened.
"""

from __future__ import annotations

import atexit
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ladle.errors import Damaged, LadleError, Unreachable
from ladle.explore.kept import asked_as, remedy
from ladle.explore.priority import step_back
from ladle.explore.running import RUNNING
from ladle.explore.spill import spill_folder
from ladle.storage.files import PROTOCOL, address, file_system
from ladle.storage.mirror import Mirror, mirror_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ROW = "file_row_number"
"""DuckDB's own column for a row's number in the file, from 0: the order of appearance."""
MEMORY = "600MB"
"""What all questions of a process hold at once; more is spilled. DuckDB itself would take most of the machine's."""
_BATCH = 100_000
_OURS_TO_SET = ("enable_progress_bar", "enable_progress_bar_print")
_NO_ROOM = re.compile("No space left|max_temp_directory_size|[Oo]ut of [Mm]emory")
_AWAY = re.compile(r"Unreachable: (.+)")
"""As DuckDB passes on what a file of ours has raised."""
_mine = threading.local()
_opening = threading.Lock()
Watch = Callable[[Callable[[], "float | None"]], None]
"""Is handed, before a question is asked, what tells how far it is: from 0 to 1, None while that is not known."""


def table(width: int, *, bound: str = "path") -> str:
    """What follows FROM: the file that is bound as `$path`, its columns named c0, c1 … by their number."""
    return f"read_parquet(${bound}) AS t({', '.join(f'c{number}' for number in range(width))})"


def ask(parquet: Path, sql: str, *, watch: Watch | None = None, **values: Any) -> list[tuple[Any, ...]]:
    """The answer to a question about one Parquet file; raises Damaged when the file can't be read.

    `sql` reads FROM `table(...)` and holds `$name` for each of the values.
    """
    path = parquet.resolve()
    with _damage_told(parquet):
        cursor = _cursor(_root(path)) if watch is None else _telling(_root(path))
        if watch is not None:
            watch(partial(_share, cursor))
        with RUNNING.asking(cursor):
            return cursor.execute(sql, {"path": asked_as(path), **values}).fetchall()


def batches(parquet: Path, other: Path, sql: str, *, rows: int) -> Iterator[pa.RecordBatch]:
    """The answer to a question about two files of one home, `$path` and `$other`, in batches of at most `rows`.

    On a cursor of its own, which is held until the last batch; what does not fit into memory is spilled to disk.
    """
    path = parquet.resolve()
    with _damage_told(parquet), _connection(_root(path)).cursor() as cursor:
        yield from _read(cursor, sql, {"path": asked_as(path), "other": asked_as(other.resolve())}, rows=rows)


@contextmanager
def _damage_told(parquet: Path) -> Iterator[None]:
    """DuckDB's word that a file can't be read becomes ours."""
    import duckdb  # here, since whoever only collects or lists needs none of its 40 MB

    try:
        yield
    except duckdb.Error as error:
        if _NO_ROOM.search(str(error)):
            hint = f"Make room in {tempfile.gettempdir()}, or ask for fewer columns or rows."
            raise LadleError(f"There is no room to work this out: {error}.", hint=hint) from error
        if away := _AWAY.search(str(error)):
            raise Unreachable(away[1]) from error
        if not isinstance(error, (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException)):
            raise
        raise Damaged(f'"{parquet}" can\'t be read: {error}.', hint=remedy(parquet)) from error


def _root(path: Path) -> Path:
    """The folder of all snapshots of a file's home."""
    return path.parent.parent.parent.parent


def relation(parquet: Path) -> duckdb.DuckDBPyRelation:
    """The file as a relation on a connection of its own, which lives as long as the relation; Damaged as `ask`."""
    import duckdb

    with _damage_told(parquet):
        return duckdb.connect().read_parquet(str(parquet.resolve()))


def ask_numbers(parquet: Path, sql: str, *, watch: Watch | None = None, **values: Any) -> Iterator[pa.Array[Any]]:
    """The first column of an answer that may be long, batch by batch; `sql` and errors as with `ask`."""
    return (batch.column(0) for batch in ask_batches(parquet, sql, watch=watch, **values))


def ask_batches(parquet: Path, sql: str, *, watch: Watch | None = None, **values: Any) -> Iterator[pa.RecordBatch]:
    """An answer that may be long, batch by batch; `sql` and errors as with `ask`.

    On a cursor of its own: one that is not read to its end could be asked nothing else.
    """
    path = parquet.resolve()
    with _damage_told(parquet), _telling(_root(path)) as cursor:
        if watch is not None:
            watch(partial(_share, cursor))
        yield from _read(cursor, sql, {"path": asked_as(path), **values}, rows=_BATCH)


@dataclass(frozen=True, slots=True)
class Steps:
    """Statements on one cursor, one after another: the tables that some make are there for the others."""

    cursor: duckdb.DuckDBPyConnection
    path: Path

    def ask(self, sql: str, *, watch: Watch | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """The answer to a statement about the file; one that makes a table or adds to it gives how many rows."""
        if watch is not None:
            watch(partial(_share, self.cursor))
        with RUNNING.asking(self.cursor):
            return self.cursor.execute(sql, {"path": asked_as(self.path), **values}).fetchall()

    def told(self, sql: str) -> list[tuple[Any, ...]]:
        """What those tables tell."""
        with RUNNING.asking(self.cursor):
            return self.cursor.execute(sql).fetchall()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The same, batch by batch."""
        yield from _read(self.cursor, sql, {}, rows=_BATCH)


@contextmanager
def steps(parquet: Path) -> Iterator[Steps]:
    """A cursor for statements that belong together, about one Parquet file; errors as with `ask`."""
    path = parquet.resolve()
    with _damage_told(parquet), _telling(_root(path)) as cursor:
        yield Steps(cursor, path)


def _read(
    cursor: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any], *, rows: int
) -> Iterator[pa.RecordBatch]:
    """The batches of an answer; the cursor runs only while it is asked for the next one."""
    with RUNNING.asking(cursor):
        reader = cursor.sql(sql, params=values).to_arrow_reader(rows)
    while True:
        with RUNNING.asking(cursor):
            batch = next(reader, None)
        if batch is None:
            return
        yield batch


def _cursor(root: Path) -> duckdb.DuckDBPyConnection:
    """This thread's cursor: a connection for each question costs three times as much."""
    if getattr(_mine, "root", None) != root:
        _mine.cursor, _mine.root = _connection(root).cursor(), root
    cursor: duckdb.DuckDBPyConnection = _mine.cursor
    return cursor


def _telling(root: Path) -> duckdb.DuckDBPyConnection:
    """A cursor that tells how far it is."""
    cursor = _connection(root).cursor()
    cursor.execute("SET enable_progress_bar = true")
    cursor.execute("SET enable_progress_bar_print = false")
    return cursor


def _share(cursor: duckdb.DuckDBPyConnection) -> float | None:
    """How far a cursor is with what it was asked, read from any thread."""
    import duckdb

    try:
        percent = cursor.query_progress()
    except duckdb.Error:  # it is closed: all was told
        return None
    return percent / 100 if percent >= 0 else None


def _connection(root: Path) -> duckdb.DuckDBPyConnection:
    """The one database of this process for the files under `root`, also for threads that ask at the same time."""
    with _opening:
        return _opened(root)


@lru_cache(maxsize=4)
def _opened(root: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that may read the files under `root` and nothing else."""
    import duckdb

    # DuckDB's threads have the priority of the one that begins them.
    with ThreadPoolExecutor(1, initializer=step_back) as behind:
        connection = behind.submit(duckdb.connect, config={"memory_limit": MEMORY}).result()
    # Large groupings spill here. A folder for each database: DuckDB numbers its files from 0 in every one.
    connection.execute(f"SET temp_directory = {_quoted(spill_folder() or '')}")
    allowed = [_quoted(root)]
    if (mirror := mirror_of(root)) is not None:
        _open_to(connection, mirror)
        allowed.append(_quoted(address(mirror.root.name)))
    connection.execute(f"SET allowed_directories = [{', '.join(allowed)}]")
    # Snapshots never change: a file's footer is read once, not at each question. Without GLOBAL no cursor has it.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    connection.execute("SET enable_external_access = false")
    connection.execute(f"SET allowed_configs = {list(_OURS_TO_SET)}")  # a cursor's own, to be set at each
    connection.execute("SET lock_configuration = true")
    return connection


def _open_to(connection: duckdb.DuckDBPyConnection, mirror: Mirror) -> None:
    """Let the connection read objects on S3. It is closed before Python's end: the file system would keep it."""
    connection.register_filesystem(file_system(mirror.store, mirror.root.name))
    atexit.register(connection.unregister_filesystem, PROTOCOL)


def _quoted(path: Path | str) -> str:
    """A path as a SQL literal: SET takes no bound values."""
    return "'" + str(path).replace("'", "''") + "'"
