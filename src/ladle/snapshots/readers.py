"""How values are read that JSON has no type for: takes text and numbers, gives dates, times and numbers.

A reader gives a value back as it came when it can't be read without loss: the column then widens to text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ladle.snapshots.types import Kind, as_text
from ladle.sources.source import Column

Reader = Callable[[Any], Any]
Shower = Callable[[Any], str | None]

ISO_DATE = "%Y-%m-%d"
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?\Z")


def reader(column: Column) -> Reader | None:
    """What turns the column's raw values into typed ones; None when they are typed already."""
    if column.unix:
        return read_unix
    if column.date is not None:
        return read_date if column.date == ISO_DATE else None
    return _DECLARED.get(column.type or "")


def shower(column: Column) -> Shower:
    """What turns the column's raw values into text, should the column be text."""
    return _formatted(column.date) if column.date is not None else as_text


def first_kind(column: Column) -> Kind:
    """The narrowest kind that the column may have by its definition alone."""
    if column.date is not None and column.date != ISO_DATE:
        return "text"
    if column.unix or column.date is not None:
        return "none"
    return column.type or "none"


def read_date(value: Any) -> Any:
    """The date of an ISO 8601 text, as written there: no time zone is applied.

    >>> read_date("2014-12-20T21:17:56.891000Z"), read_date("unknown")
    (datetime.date(2014, 12, 20), 'unknown')
    """
    moment = _moment(value)
    return value if moment is None else moment.date()


def read_unix(value: Any) -> Any:
    """The time of whole seconds since 1970, a number or its text.

    >>> read_unix(1624758900)
    datetime.datetime(2021, 6, 27, 1, 55, tzinfo=datetime.timezone.utc)
    """
    seconds = read_integer(value)
    if type(seconds) is not int:
        return value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return value


def read_time(value: Any) -> Any:
    """The time of an ISO 8601 text that names its offset and has no fraction of a second."""
    moment = _moment(value)
    whole = moment is not None and moment.tzinfo is not None and not moment.microsecond
    return moment.astimezone(UTC) if moment is not None and whole else value


def read_integer(value: Any) -> Any:
    """The integer of its text; `007` and `1,358` stay text, since a number would not show them so."""
    return int(value) if type(value) is str and _INTEGER.match(value) else value


def read_number(value: Any) -> Any:
    """The number of its decimal text."""
    return float(value) if type(value) is str and _NUMBER.match(value) else value


def read_boolean(value: Any) -> Any:
    """The truth value of `true` and `false`."""
    return {"true": True, "false": False}.get(value, value) if type(value) is str else value


_DECLARED: dict[str, Reader] = {
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
    "date": read_date,
    "timestamp": read_time,
}


def _formatted(form: str) -> Shower:
    """A shower for dates and times; what is none is shown as the API wrote it."""

    def show(value: Any) -> str | None:
        moment = _moment(value)
        if moment is None:
            return as_text(value)
        return moment.date().isoformat() if form == ISO_DATE else moment.strftime(form)

    return show


def _moment(value: Any) -> datetime | None:
    if type(value) is not str:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
