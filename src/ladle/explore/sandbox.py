"""People's own SQL on a snapshot: takes one SELECT, gives a page of its result, or all of it as CSV.

The SELECT is run by a child that can reach nothing (`snapshots.boxed`). It is always the same result that it gives,
in the same order, so that pages fit together: one thread runs it, and what changes by itself (`random()`) is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ladle.errors import BadInput, SettingError
from ladle.explore.csv_text import BOM
from ladle.explore.harmless import harmless
from ladle.explore.kept import whole
from ladle.explore.rows import check_range
from ladle.explore.running import still_wanted
from ladle.explore.values import records
from ladle.snapshots.boxed import Limits, Stopped, Told, run, sentence, short
from ladle.snapshots.files import PARQUET, csv_bytes
from ladle.snapshots.manifest import Manifest, TableColumn
from ladle.snapshots.result import Result
from ladle.snapshots.window import Window

TABLES = ("data", "snapshot")
"""Either name is the snapshot's table."""
LONGEST = 20_000
"""Characters of a query: an address must hold it."""
COUNTING = 1.0
"""Seconds that the rows behind a page are counted for."""
MOST_BYTES = 1 << 30
"""Of a result on disk, while it is read."""
_SETTINGS = (
    ("LADLE_SQL_SECONDS", 10, 3_600),
    ("LADLE_SQL_MEMORY", 512, 1 << 20),
    ("LADLE_SQL_ROWS", 10_000_000, 10**12),
)
_AS_NUMBER = "Text becomes a number by TRY_CAST(… AS DOUBLE), a date by TRY_CAST(… AS DATE)."
_LESS = "Select less: filter before joining, group, or name the columns. Who runs Ladle can allow more: {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A page of a result. A column has the type that keeps the values of the page."""

    columns: tuple[TableColumn, ...]
    rows: list[dict[str, Any]]
    """Typed as a snapshot's rows are."""
    total: int
    """Rows of the whole result, or at least so many where that is not `exact`."""
    exact: bool


def limits_of(env: Mapping[str, str]) -> Limits:
    """What a query may take: LADLE_SQL_SECONDS, LADLE_SQL_MEMORY (MB), LADLE_SQL_ROWS; raises SettingError."""
    seconds, memory, rows = (_setting(env, *each) for each in _SETTINGS)
    return Limits(memory=memory << 20, seconds=seconds, bytes=MOST_BYTES, rows=rows)


def select_rows(
    folder: Path,
    manifest: Manifest,
    query: str,
    *,
    offset: int,
    limit: int,
    limits: Limits,
    wanted: Callable[[], None] = lambda: None,
) -> Selected:
    """Rows `offset` to `offset + limit` of the result; what `wanted` raises ends the query.

    Raises BadInput for what is no SELECT, names what is not there, fails on this table or takes more than `limits`.
    """
    check_range(offset=offset, limit=limit)
    window = Window(offset=offset, limit=limit, counted=limits.rows or 0, seconds=COUNTING)
    with TemporaryDirectory(prefix="ladle-sql-") as scratch:
        into = Path(scratch) / "result"
        told = _run(folder, manifest, query, into=into, limits=replace(limits, rows=None), window=window, wanted=wanted)
        result = Result(into)
        names = [column.name for column in result.columns]
        rows = [row for table in result.tables() for row in records(table, names=names)]
    return Selected(columns=result.columns, rows=rows, total=told.rows, exact=told.whole)


def select_csv(
    folder: Path,
    manifest: Manifest,
    query: str,
    *,
    limits: Limits,
    for_spreadsheets: bool = False,
    wanted: Callable[[], None] = lambda: None,
) -> Iterator[bytes]:
    """The whole result as CSV, written like a snapshot's own or as it is exported for spreadsheets, piece by piece.

    Raises BadInput as `select_rows` does, and for a result of more rows than `limits` allow: all before the first
    byte, so that no file is ever cut short.
    """
    scratch = TemporaryDirectory(prefix="ladle-sql-")
    into = Path(scratch.name) / "result"
    try:
        _run(folder, manifest, query, into=into, limits=limits, window=None, wanted=wanted)
        result = Result(into)
    except BaseException:
        scratch.cleanup()
        raise
    return _lines(result, scratch, for_spreadsheets=for_spreadsheets)


def _lines(result: Result, scratch: TemporaryDirectory[str], *, for_spreadsheets: bool) -> Iterator[bytes]:
    with scratch:
        empty = result.schema.empty_table()
        yield BOM + csv_bytes(harmless(empty), header=True) if for_spreadsheets else csv_bytes(empty, header=True)
        for table in result.tables():
            yield csv_bytes(harmless(table) if for_spreadsheets else table)


def _run(
    folder: Path,
    manifest: Manifest,
    query: str,
    *,
    into: Path,
    limits: Limits,
    window: Window | None,
    wanted: Callable[[], None],
) -> Told:
    _check(query)
    tables = dict.fromkeys(TABLES, whole(folder / PARQUET, manifest))
    try:
        return run(query, tables=tables, into=into, limits=limits, window=window, wanted=still_wanted(wanted))
    except Stopped as stopped:
        raise _error(stopped, query, manifest, limits) from None  # the error says all that it says


def _check(query: str) -> None:
    if not query.strip():
        raise BadInput("There is no query.", hint="Write one SELECT, such as: SELECT * FROM data LIMIT 10.")
    if len(query) > LONGEST:
        raise BadInput(f'The query "{short(query)}" has {len(query):,} characters.', hint=f"{LONGEST:,} are the most.")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The query holds half a character.", hint="Send it as UTF-8.") from error


def _error(stopped: Stopped, query: str, manifest: Manifest, limits: Limits) -> BadInput:
    """DuckDB's own words, or the limit that was met; with what to do."""
    name = f'The query "{short(query)}"'
    if stopped.why == "refused":
        hint = _AS_NUMBER if "VARCHAR" in str(stopped) else _help(manifest)
        return BadInput(f"{name} can't be run. {sentence(str(stopped))}", hint=hint)
    if stopped.why == "failed":
        hint = "Change the query; TRY_CAST gives null where a value can't be converted."
        return BadInput(f"{name} failed. {sentence(str(stopped))}", hint=hint)
    too_much, setting = {
        "memory": (f"needs more than {limits.memory >> 20:,} MB of memory", "LADLE_SQL_MEMORY"),
        "time": (f"takes more than {limits.seconds:,} seconds", "LADLE_SQL_SECONDS"),
        "rows": (f"gives more than {limits.rows or 0:,} rows", "LADLE_SQL_ROWS"),
    }.get(stopped.why, (f"gives more than {limits.bytes >> 20:,} MB", ""))
    less = _LESS.format(setting) if setting else _LESS.partition(" Who")[0]
    return BadInput(f"{name} {too_much}.", hint=less)


def _help(manifest: Manifest) -> str:
    names = [" ".join(column.name.split()) for column in manifest.columns]
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f'Write one SELECT on the table "data"; its columns: {shown}.'


def _setting(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise SettingError(f'{name} is "{text}".', hint=f"Give a whole number from 1 to {most:,}.")
    return int(text)
