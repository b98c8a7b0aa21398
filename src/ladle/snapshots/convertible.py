"""A column of a result as a table can hold it: takes its place and DuckDB's type, gives the expression to select."""

from __future__ import annotations

_AS_THEY_ARE = frozenset(
    "boolean tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint uhugeint float double decimal "
    "varchar null".split()
)
_TIMES = frozenset({"date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"})
_NESTED = frozenset("list array struct map union variant".split())


def expression(number: int, kind: str) -> str:
    """What to select in place of the column of that number, from 1; `kind` is DuckDB's name of its type.

    >>> expression(1, "integer"), expression(2, "struct")
    ('#1', 'CAST(to_json(#2) AS VARCHAR)')
    """
    if kind in _TIMES:  # infinite ones are null, as infinite numbers will be
        return f"CASE WHEN isfinite(#{number}) THEN #{number} END"
    if kind in _AS_THEY_ARE:
        return f"#{number}"
    return f"CAST(to_json(#{number}) AS VARCHAR)" if kind in _NESTED else f"CAST(#{number} AS VARCHAR)"
