"""Tables and moments as lines of text: takes cells and moments, gives what a terminal shows of them; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

NOTHING = "–"
SHORT_TIME = 16
"""Characters of a time: 2026-11-22T15:04."""


def table(*lines: Iterable[str]) -> str:
    """Lines of cells, the heads first, in columns as wide as they must be.

    >>> print(table(("id", "name"), ("1", "one"), ("10", "ten")))
    id  name
    1   one
    10  ten
    """
    cells = [tuple(line) for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    said = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in said)


def cell(value: Any) -> str:
    """A value of a document as a cell; nothing as a dash.

    >>> cell(None), cell(True), cell("2026-11-22T15:04:05Z"), cell(datetime(2026, 11, 22, 15, 4, tzinfo=UTC)), cell(7)
    ('–', 'yes', '2026-11-22 15:04', '2026-11-22 15:04', '7')
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if (moment := _moment(value)) is not None:
        return moment.isoformat()[:SHORT_TIME].replace("T", " ")
    return str(value)


def at(value: Any, zone: str) -> str:
    """A moment of a document in a time zone; in UTC, which is then said, where this machine does not know the zone.

    >>> at("2026-11-22T15:04:05Z", "Asia/Tokyo"), at("2026-11-22T15:04:05Z", "Nowhere/Atall")
    ('2026-11-23 00:04', '2026-11-22 15:04 UTC')
    """
    found, told = _zone(zone)
    moment = _moment(value)
    return NOTHING if moment is None else f"{moment.astimezone(found):%Y-%m-%d %H:%M}{told}"


def _zone(name: str) -> tuple[tzinfo, str]:
    try:
        return ZoneInfo(name), ""
    except (ValueError, OSError, LookupError):  # OSError: it leads to a folder
        return UTC, " UTC"


def _moment(value: Any) -> datetime | None:
    """A moment: of the site's own documents as it is, of those that came by HTTP as the text that it is there."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not value.endswith("Z") or len(value) < SHORT_TIME:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
