"""A SELECT run in a process of its own: takes it and its tables on standard input, gives a file with its result.

    select < one line of JSON: `sql`, `tables`, `into`, `window` and the limits

The file is an Arrow stream; without one the SELECT is only read. How many rows there are goes to standard output.

It is somebody else's program. So it meets an engine that has no access to files, settings or the network, and a
process without environment that may take so much memory, time and disk. It is read before it is run (`statement`),
since DuckDB 2 takes `WITH x AS (COPY …) SELECT …` for a SELECT. What goes wrong is one line of JSON on standard error.
The process ends when standard input does: whoever began it has gone.
"""

from __future__ import annotations

import errno
import os
import resource
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from ladle.snapshots.convertible import expression
from ladle.snapshots.statement import Wrong, read, told
from ladle.snapshots.window import BEGUN, Walk, Window

ROWS = 2_048
"""Rows of a batch, as DuckDB makes them."""
PIECE = 4 << 20
"""A batch is put out in pieces of so many bytes, so that whoever reads it needs no more memory."""
LARGEST_ROW = 16 << 20
TOLD = 2_000
"""Letters of what went wrong: they must fit into the pipe, since nobody reads it before the end."""
MARGIN = 1 << 30
"""Memory beside the engine's own: for reading Parquet, and for the batch that is put out."""
SETTINGS = (
    # DuckDB takes `python -c` for somebody at a terminal, and what takes more than 2 s gets a bar on standard output.
    "SET enable_progress_bar = false",
    "SET enable_external_access = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET ieee_floating_point_ops = false",  # 1/0 is null: a table of infinities can't be profiled
    "SET error_on_division_by_zero = false",
    "SET TimeZone = 'UTC'",
    "SET lock_configuration = true",
)


def main() -> int:
    """Exit code 0 when the result is whole, 1 when standard error says why not."""
    asked = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        walk = _run(asked)
    except Wrong as wrong:
        told = {"kind": wrong.kind, "message": _without_paths(str(wrong), asked)[:TOLD]}
    except (MemoryError, pa.ArrowMemoryError, duckdb.OutOfMemoryException):
        told = {"kind": "memory", "message": ""}
    except OSError as error:
        told = _of_system(error, asked)
    else:
        sys.stdout.buffer.write(orjson.dumps({"rows": walk.rows, "whole": walk.whole}))
        sys.stdout.flush()
        return 0
    sys.stderr.buffer.write(orjson.dumps(told))
    sys.stderr.flush()
    return 1


def _of_system(error: OSError, asked: Mapping[str, Any]) -> dict[str, str]:
    """What went wrong outside; Arrow, which reads the engine's answer, says so too where memory is short."""
    if error.errno == errno.EFBIG:
        return {"kind": "large", "message": ""}
    if "Out of Memory" in str(error):
        return {"kind": "memory", "message": ""}
    return {"kind": "failed", "message": _without_paths(error.strerror or str(error), asked)[:TOLD]}


def _run(asked: Mapping[str, Any]) -> Walk:
    walk = Walk()
    if not asked["into"]:
        _begin(asked)
        read(asked["sql"], tables=list(asked["tables"]))
        return walk
    connection = _connect(asked)
    for setting in SETTINGS:
        connection.execute(setting)
    _begin(asked)
    sql = read(asked["sql"], tables=list(asked["tables"]))
    try:
        found = _bound(connection, sql)
        _check_names(found.columns)
        reader = _convertible(found).to_arrow_reader(ROWS)
        names = found.columns
        schema = pa.schema([field.with_name(name) for field, name in zip(reader.schema, names, strict=True)])
        with pa.OSFile(asked["into"], "wb") as file, pa.ipc.new_stream(file, schema) as stream:
            window = asked.get("window")
            for batch in walk.through(_up_to(asked.get("rows"), reader), Window(**window) if window else None):
                for piece in _pieces(pa.RecordBatch.from_arrays(batch.columns, schema=schema)):
                    stream.write_batch(piece)
    except (
        duckdb.ParserException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.PermissionException,
    ) as error:
        raise Wrong("refused", told(error)) from error
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise Wrong("failed", told(error)) from error
    return walk


def _bound(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    try:
        return connection.sql(sql)
    except (duckdb.BinderException, duckdb.CatalogException):
        connection.execute(sql)  # fails in the same way, and says in which line
        raise


def _up_to(most: int | None, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches; raises Wrong at the one that brings more rows than that."""
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        if most is not None and rows > most:
            raise Wrong("rows", "")
        yield batch


def _connect(asked: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """A database in memory that knows the tables. With one thread of everything, rows always come in one order."""
    import pyarrow.dataset  # here, since it takes longer to load than a SELECT to be read

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    limit = f"{asked['memory'] >> 20}MiB"
    config = {"threads": 1, "memory_limit": limit, "temp_directory": "", "python_enable_replacements": "false"}
    connection = duckdb.connect(":memory:", config=config)  # type: ignore[arg-type]  # numbers are taken too
    for name, path in asked["tables"].items():
        connection.register(name, pyarrow.dataset.dataset(path, format="parquet"))
    return connection


def _check_names(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Wrong("refused", f'It gives two columns named "{name}": name one of them with AS.')


def _convertible(found: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The result with lists and objects as JSON text, and what Arrow or a table has no type for as DuckDB writes it."""
    wanted = [expression(number, kind.id) for number, kind in enumerate(found.types, 1)]
    return found if all(each.startswith("#") for each in wanted) else found.project(", ".join(wanted))


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.nbytes <= PIECE:
        yield batch
    elif batch.num_rows == 1:
        if batch.nbytes > LARGEST_ROW:
            raise Wrong(
                "failed", f"A row of its result takes {batch.nbytes >> 20:,} MB; {LARGEST_ROW >> 20} is the most."
            )
        yield batch
    else:
        half = batch.num_rows // 2
        yield from _pieces(batch.slice(0, half))
        yield from _pieces(batch.slice(half))


def _begin(asked: Mapping[str, Any]) -> None:
    """Bounds that hold whatever the engine does: DuckDB's own memory limit lets `repeat` through, for one."""
    sys.stdout.buffer.write(BEGUN)
    sys.stdout.flush()
    seconds, file = int(asked["seconds"] + time.process_time() + 1), int(asked["bytes"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = Path("/proc/self/statm")  # of Linux alone
    if size.exists():
        now = int(size.read_text().split()[0]) * resource.getpagesize()
        most = now + int(asked["memory"]) + MARGIN
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _without_paths(message: str, asked: Mapping[str, Any]) -> str:
    """An error for whoever wrote the SELECT: where its tables lie on this machine is none of their business."""
    for path in filter(None, (asked["into"], *asked["tables"].values())):
        message = message.replace(path, "its file")
    return message


def _end_with_parent() -> None:
    # Not by sys.stdin, whose lock the interpreter needs when it ends.
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
