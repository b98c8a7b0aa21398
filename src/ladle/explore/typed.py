"""Values of filters: takes what was typed and the column it is for, gives a value of the column's type; pure.

Raises BadInput that names column and value. Times are given in seconds since 1970: a time of day needs no time zone
where none is written, it is UTC, as all times of a snapshot are.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from ladle.errors import BadInput
from ladle.explore.named import split
from ladle.explore.view import Filter
from ladle.snapshots.manifest import TableColumn

LONGEST = 10_000
LONGEST_PATTERN = 1_000
MOST_VALUES = 1000
_INTEGER = re.compile(r"[+-]?[0-9]{1,38}")  # what DuckDB compares exactly: 128 bits
_MOST_EXACT = 1e37
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_OF_TIME = ("date", "timestamp")
_WANTED = {
    "integer": "a number, such as 150",
    "number": "a number, such as 12.5",
    "boolean": "true or false",
    "date": "a date, such as 2026-11-21",
    "timestamp": "a date or a time, such as 2026-11-21T12:01:03Z",
}


def as_value(wanted: Filter, *, column: TableColumn) -> Any:
    """The filter's value: text, int, float, bool, date, or a time in seconds since 1970."""
    return _typed(wanted.value, column=column)


def as_list(wanted: Filter, *, column: TableColumn) -> list[Any]:
    """Several values: a list, or a text with commas, each value quoted as in CSV where it has one itself."""
    values = (
        split(as_text(wanted.value, column=column.name, longest=LONGEST * 10))
        if isinstance(wanted.value, str)
        else wanted.value
    )
    if not isinstance(values, list | tuple | set | frozenset):
        raise _wrong(wanted.value, column=column, wanted="several values, apart by commas")
    if len(values) > MOST_VALUES:
        raise BadInput(f'"{column.name}" has {len(values):,} values.', hint=f"Take {MOST_VALUES} at most.")
    return [_typed(value, column=column) for value in values]


def as_date(wanted: Filter, *, column: TableColumn) -> date:
    """A day."""
    value = wanted.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(as_text(value, column=column.name).strip())
    except ValueError as error:
        raise _wrong(value, column=column, wanted=_WANTED["date"]) from error


def as_text(value: Any, *, column: str, longest: int = LONGEST) -> str:
    """A text that can be looked for; raises BadInput for one that is too long, or no Unicode."""
    text = value if isinstance(value, str) else str(value)
    if len(text) > longest:
        raise BadInput(f'The text for "{column}" has {len(text):,} characters.', hint=f"Take {longest:,} at most.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f'The text for "{column}" is no Unicode: {ascii(text)[:100]}.') from error
    return text


def _typed(value: Any, *, column: TableColumn) -> Any:
    if value is None:
        raise BadInput(f'"{column.name}" is compared with None.', hint="Take isnull or notnull.")
    if column.type == "text":
        return as_text(value, column=column.name)
    try:
        typed = isinstance(value, date) and column.type in _OF_TIME  # or a datetime, which is one
        return _READ[column.type](value if typed else as_text(value, column=column.name).strip())
    except (ValueError, ArithmeticError, KeyError) as error:  # an exponent may be beyond Decimal's measure
        raise _wrong(value, column=column, wanted=_WANTED[column.type]) from error


def _integer(text: str) -> int | float:
    """Exact, also where it is written as 1e18: a double is not. A broken number can be compared with whole ones too."""
    if _INTEGER.fullmatch(text):
        return int(text)
    number = _number(text)
    if abs(number) < _MOST_EXACT and (exact := Decimal(text)) == exact.to_integral_value():
        return int(exact)
    return number


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def _date(value: str | date) -> date:
    if isinstance(value, datetime):
        raise ValueError(value)
    return value if isinstance(value, date) else date.fromisoformat(value)


def _moment(value: str | date) -> float:
    """Seconds since 1970; a day is its beginning."""
    then = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(then, datetime):
        then = datetime.combine(then, time())
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()


_READ: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "boolean": lambda text: _BOOLEANS[text.lower()],
    "date": _date,
    "timestamp": _moment,
}


def _wrong(value: Any, *, column: TableColumn, wanted: str) -> BadInput:
    told = str(value)[:100].encode("utf-8", "replace").decode()
    return BadInput(f'"{told}" is no value for "{column.name}", whose type is {column.type}.', hint=f"Write {wanted}.")
