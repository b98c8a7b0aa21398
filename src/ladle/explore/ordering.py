"""The quickest way to sort a table's rows: takes what they are sorted by, gives the SQL of their numbers; pure.

DuckDB sorts numbers in a third of the time and half of the memory that it takes for texts. Where a column has few
different texts in many rows, each is sorted once, and the rows by the place that theirs has among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ladle.explore.query import ROW, table

MANY_ROWS = 100_000
"""Below, whatever way takes a moment."""
TIMES, MOST_TEXTS = 5, 2_000_000
"""A column's texts are few when each comes so often, and when there are no more: they are held in memory."""


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are sorted by: a column or what it is read as, in SQL; rows without a value last either way.

    `texts`: about how many different ones it has, where it is a column of text and that is known.
    """

    expression: str
    descending: bool
    texts: int | None = None


def numbers_sql(keys: Sequence[Key], *, where: str, width: int, rows: int) -> str:
    """The numbers of the rows that satisfy `where`, in the order of the keys and then of the table."""
    listed = [_has_few(key, rows) for key in keys]
    lists = [_list(number, key, width) for number, key in enumerate(keys) if listed[number]]
    joins = [
        f" LEFT JOIN d{number} ON d{number}.v = {key.expression}" for number, key in enumerate(keys) if listed[number]
    ]
    by = [
        f"{f'd{number}.k' if listed[number] else key.expression} {'DESC' if key.descending else 'ASC'} NULLS LAST"
        for number, key in enumerate(keys)
    ]
    # Narrow numbers are sorted in two thirds of the time.
    row = f"{ROW}::UINTEGER" if rows <= 1 << 32 else ROW
    before = f"WITH {', '.join(lists)} " if lists else ""
    return f"{before}SELECT {row} FROM {table(width)}{''.join(joins)} WHERE {where} ORDER BY {', '.join([*by, row])}"  # noqa: S608 - as below


def _has_few(key: Key, rows: int) -> bool:
    return rows >= MANY_ROWS and key.texts is not None and key.texts <= min(rows // TIMES, MOST_TEXTS)


def _list(number: int, key: Key, width: int) -> str:
    """Each text of a column, and its place among them."""
    each = f"SELECT DISTINCT {key.expression} AS v FROM {table(width)} WHERE {key.expression} IS NOT NULL"  # noqa: S608 - our own words and numbers alone
    return f"d{number} AS MATERIALIZED (SELECT v, (row_number() OVER (ORDER BY v))::UINTEGER AS k FROM ({each}))"  # noqa: S608 - as above
