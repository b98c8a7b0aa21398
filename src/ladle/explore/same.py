"""When are two cells the same? Takes a column's types before and after, gives SQL for it; takes two values, says so.

Cells of one type are compared as they are: null is the same as null alone, not as the empty string. Where a column's
type has changed, since one new value was wider, its cells are compared by what the API wrote: 77 is the text "77". A
number and a text are the same where the text is that number in JSON, however it is written.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from ladle.sources.source import ColumnType

_JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
# A double that is whole becomes all of its digits, so that it can be held against an integer of 64 bits.
_NUMBER = (
    "CASE WHEN abs({v}) < 1e38 AND {v} = trunc({v}) THEN CAST(CAST({v} AS HUGEINT) AS VARCHAR) "
    "ELSE CAST({v} AS VARCHAR) END"
)
_TEXTS: dict[ColumnType, str] = {
    "text": "{v}",
    "integer": "CAST({v} AS VARCHAR)",
    "number": _NUMBER,
    "boolean": "CAST({v} AS VARCHAR)",
    "date": "CAST({v} AS VARCHAR)",
    # By its seconds: DuckDB would need time zones to write it.
    "timestamp": "strftime(make_timestamp(CAST(epoch({v}) AS BIGINT) * 1000000), '%Y-%m-%dT%H:%M:%SZ')",
}


def comparable(one: ColumnType, other: ColumnType, *, left: str, right: str) -> tuple[str, str]:
    """Two SQL expressions over the columns `left` and `right`, which are not distinct where the cells are the same."""
    if one == other:
        return left, right
    return _text(one, left, beside=other), _text(other, right, beside=one)


def _text(kind: ColumnType, column: str, *, beside: ColumnType) -> str:
    if kind == "text" and beside == "number":
        number = f"coalesce({_NUMBER.format(v=f'TRY_CAST({column} AS DOUBLE)')}, {column})"
        return f"CASE WHEN regexp_full_match({column}, '{_JSON_NUMBER}') THEN {number} ELSE {column} END"
    return _TEXTS[kind].format(v=column)


def same(one: Any, other: Any) -> bool:
    """The same for two values in Python.

    >>> same(77, "77"), same(78.2, "78.20"), same(None, ""), same(True, 1), same(2**53 + 1, float(2**53))
    (True, True, False, False, False)
    """
    if one is None or other is None:
        return one is other
    if isinstance(other, float):
        one, other = other, one
    if isinstance(one, float) and isinstance(other, str) and re.fullmatch(_JSON_NUMBER, other, re.ASCII):
        return one == float(other)
    if type(one) is type(other) or {type(one), type(other)} == {int, float}:
        return bool(one == other or (one != one and other != other))  # what is no number is the same as itself
    return written(one) == written(other)


def written(value: Any) -> str:
    """A value as text: times in ISO 8601, truth values as JSON has them.

    >>> written(True), written(date(2014, 12, 20)), written(78.2)
    ('true', '2014-12-20', '78.2')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
