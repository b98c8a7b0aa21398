"""How values are read that JSON has no type for: takes text and numbers, gives dates, times and numbers.

A reader gives a value back as it came when it can't be read without loss: the column then widens to text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ladle.snapshots.types import Kind, as_text
from ladle.sources.source import Column

Reader = Callable[[Any], Any]
Shower = Callable[[Any], str | None]
Moments = Callable[[Any], datetime | None]
"""What a value is as a time; None for what is none."""

ISO_DATE = "%Y-%m-%d"
_START = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
_TIME_OF_DAY = re.compile("%[HIMSfpXcT]")
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?\Z")


def reader(column: Column) -> Reader | None:
    """What turns the column's raw values into typed ones; None when they are typed already, or shown as text."""
    if column.join is not None or column.date not in (None, ISO_DATE):
        return None
    if column.unix == "s" and column.date is None and column.type != "date":
        return read_unix
    if column.unix or column.written:
        return _as_day(_moments(column)) if _is_day(column) else _as_time(_moments(column))
    return read_date if column.date == ISO_DATE else _DECLARED.get(column.type or "")


def shower(column: Column) -> Shower:
    """What turns the column's raw values into text, should the column be text."""
    if column.date is not None:
        return _formatted(column.date, _moments(column))
    return _shown_whole(_moments(column)) if column.unix == "ms" else as_text


def first_kind(column: Column) -> Kind:
    """The narrowest kind that the column may have by its definition alone."""
    if column.join is not None or column.date not in (None, ISO_DATE):
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
    moment = _since_1970(value, unit=_SECOND)
    return value if moment is None else moment


def read_time(value: Any) -> Any:
    """The time of an ISO 8601 text that names its offset and has no fraction of a second."""
    moment = _moment(value)
    if moment is None or moment.tzinfo is None or moment.microsecond:
        return value
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first hours of year 1, the last of 9999
        return value


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


def _as_day(moment_of: Moments) -> Reader:
    """Dates as the API wrote them; a value that is none stays."""

    def read(value: Any) -> Any:
        moment = moment_of(value)
        return value if moment is None else moment.date()

    return read


def _as_time(moment_of: Moments) -> Reader:
    """Whole seconds in UTC. A time with a fraction is text, so that none is cut off; a value that is no time stays."""

    def read(value: Any) -> Any:
        moment = moment_of(value)
        if moment is None:
            return value
        return _in_iso(moment) if moment.microsecond else moment

    return read


def _formatted(form: str, moment_of: Moments) -> Shower:
    """A shower for dates and times; what is none is shown as the API wrote it."""

    def show(value: Any) -> str | None:
        moment = moment_of(value)
        if moment is None:
            return as_text(value)
        return moment.date().isoformat() if form == ISO_DATE else moment.strftime(form)

    return show


def _shown_whole(moment_of: Moments) -> Shower:
    """A shower for milliseconds, of which a column is text when one has a fraction: in texts that sort as times do."""

    def show(value: Any) -> str | None:
        moment = moment_of(value)
        return as_text(value) if moment is None else _in_iso(moment)

    return show


def _in_iso(moment: datetime) -> str:
    """In UTC with milliseconds, more digits where they are needed."""
    precise = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=precise).replace("+00:00", "Z")


def _moments(column: Column) -> Moments:
    """How the column's values are understood as times."""
    if column.unix:
        return partial(_since_1970, unit=_MILLISECOND if column.unix == "ms" else _SECOND)
    return partial(_as_written, form=column.written) if column.written else _moment


def _is_day(column: Column) -> bool:
    """Whether the column's times are dates: it says so, or the API writes no time of day."""
    if column.date is not None or column.type is not None:
        return column.type != "timestamp"
    return column.written is not None and _TIME_OF_DAY.search(column.written.replace("%%", "")) is None


def _moment(value: Any) -> datetime | None:
    if type(value) is not str:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _since_1970(value: Any, *, unit: timedelta) -> datetime | None:
    """The time after so many units, a whole number or its text; in UTC."""
    number = int(value) if type(value) is float and value.is_integer() else read_integer(value)
    if type(number) is not int:
        return None
    try:
        return _START + number * unit
    except OverflowError:
        return None


def _as_written(value: Any, *, form: str) -> datetime | None:
    """The time of a text in that form, or of a number such as 20261121; in UTC, also where it names no offset."""
    if type(value) is not str and type(value) is not int:
        return None
    try:
        moment = datetime.strptime(str(value), form)  # noqa: DTZ007 - made aware in the next line
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
