"""What is somebody's SELECT: takes its text and its tables' names, gives it where it is one that may be run.

It is read by the engine's own parser, in a database that holds nothing, and by `allowed`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import duckdb
import orjson

from ladle.snapshots.allowed import Known, refusal


class Wrong(Exception):
    """The SELECT can't be run; `kind`: `refused` as it is written, `failed` on these tables, or too many `rows`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read(sql: str, *, tables: Collection[str]) -> str:
    """The SELECT, when it is one and may be run; raises Wrong."""
    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    try:
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1:
            raise Wrong("refused", f"It holds {len(statements) or 'no'} statements, and must be one SELECT.")
        parsed = _one(connection, "SELECT json_serialize_sql(?)", sql)
    except duckdb.Error as error:
        raise Wrong("refused", told(error)) from error
    except orjson.JSONDecodeError as error:  # DuckDB reads deeper than any reader of JSON
        raise Wrong("refused", "Its parts lie too deep in each other.") from error
    if statements[0].type != duckdb.StatementType.SELECT:
        raise Wrong("refused", f"It is {statements[0].type.name}, and must be one SELECT.")
    if parsed.get("error"):
        raise Wrong("refused", f"It is no plain SELECT: {parsed.get('error_message', '')}")
    why = refusal(parsed, Known(tables=tables, changing=_changing(connection)))
    if why is not None:
        raise Wrong("refused", why)
    return sql


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(connection.execute(sql, values).fetchall()[0][0])
    return found


def _changing(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Functions that DuckDB itself says give something else each time, but for `error`, and the macros that use one."""
    rows = connection.execute(
        "WITH f AS (SELECT function_name AS n, stability AS s, macro_definition AS m FROM duckdb_functions()), "
        "v AS (SELECT DISTINCT n FROM f WHERE s IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') AND n <> 'error') "
        "SELECT n FROM v UNION SELECT f.n FROM f, v WHERE regexp_matches(f.m, '\\b' || v.n || '\"?\\(')"
    ).fetchall()
    return frozenset(name for (name,) in rows)


def told(error: duckdb.Error) -> str:
    """DuckDB's words in one line, with the line of the SELECT that they are about."""
    words, _, place = str(error).partition("\n\nLINE ")
    number, _, line = place.partition("\n")[0].partition(": ")
    words = " ".join(words.split("\n\n")[0].split())
    return f"{words} (line {number}: {line.strip()[:200]})" if place else words
