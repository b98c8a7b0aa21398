"""What type a column of texts has: takes texts in pieces, gives the one type that keeps every value of them.

The same grammar as of values that a definition declares (`readers`), over whole arrays: `007` and `1,358` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from ladle import computing as pc
from ladle.snapshots.result import LEAST, MOST, are_days, are_within
from ladle.snapshots.types import ARROW
from ladle.sources.source import ColumnType

DIGITS = 17
"""A decimal number of so many digits is told from every other double."""
Array: TypeAlias = Any
_EMPTY = ""
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = _DATE + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.0{1,9})?)?"


@dataclass(frozen=True, slots=True)
class _Way:
    type: ColumnType
    pattern: str
    read: Callable[[Array], Array]
    fits: Callable[[Array, Array], bool] = lambda texts, values: True
    note: str = ""


class TextColumn:
    """One column: `see` all of its texts, then `typed` gives them as what they are."""

    def __init__(self, name: str) -> None:
        self.name, self._ways, self._any = name, list(_WAYS), False

    def see(self, texts: Array) -> None:
        """Note a piece of the column."""
        if not self._ways:
            return
        present = _present(texts)
        if len(present):
            self._any = True
            self._ways = [way for way in self._ways if _can(way, present)]

    @property
    def type(self) -> ColumnType:
        """The narrowest type that keeps all; text where there is none or no value at all."""
        return self._ways[0].type if self._any and self._ways else "text"

    @property
    def note(self) -> str:
        """What was taken for granted."""
        return self._ways[0].note.format(self.name) if self.type != "text" else ""

    def typed(self, texts: Array) -> Array:
        """A piece as that type. An empty text is a missing value where the column is no text."""
        if self.type == "text":
            return texts
        return self._ways[0].read(pc.if_else(pc.equal(texts, _EMPTY), pa.scalar(None, pa.string()), texts))


def _present(texts: Array) -> Array:
    present: Array = pc.not_equal(texts, _EMPTY)
    return texts.filter(pc.fill_null(present, False))


def _can(way: _Way, texts: Array) -> bool:
    # One text alone rules out nearly all: with hundreds of columns, compiling patterns takes longer than all else.
    if not re.fullmatch(way.pattern, texts[0].as_py()):
        return False
    if not pc.all(pc.match_substring_regex(texts, rf"\A(?:{way.pattern})\z")).as_py():
        return False
    try:
        return way.fits(texts, way.read(texts))
    except pa.ArrowInvalid:  # beyond 64 bits, February 30
        return False


def _are_exact(texts: Array, values: Array) -> bool:
    """Whether doubles keep these decimals: none is infinite, none has more digits than a double tells apart."""
    long = texts.filter(pc.greater(pc.utf8_length(texts), pa.scalar(DIGITS)))
    digits = pc.replace_substring_regex(long, r"\A-?[0.]*|[eE].*\z", "")
    counted = pc.max(pc.utf8_length(pc.replace_substring(digits, ".", ""))).as_py() or 0
    return counted <= DIGITS and bool(pc.all(pc.is_finite(values)).as_py())


def _moments(texts: Array) -> Array:
    return pc.replace_substring_regex(texts, r"\.0+", "").cast(ARROW["timestamp"])


def _unzoned(texts: Array) -> Array:
    plain = pc.replace_substring_regex(texts, r"\.0+", "").cast(pa.timestamp("s"))
    return plain.cast(pa.int64()).cast(ARROW["timestamp"])


def _are_moments(_: Array, values: Array) -> bool:
    """Whether all are of the years 1 to 9999 in UTC too, which an offset may lead out of."""
    return are_within(values.cast(pa.int64()), LEAST, MOST)


def _truths(texts: Array) -> Array:
    truths: Array = pc.equal(pc.utf8_lower(texts), pa.scalar("true"))
    return truths


_WAYS = (
    _Way("integer", r"0|-?[1-9][0-9]{0,18}", lambda texts: texts.cast(pa.int64())),
    _Way(
        "number",
        r"-?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?",
        lambda texts: texts.cast(pa.float64()),
        _are_exact,
    ),
    _Way("boolean", "true|false|True|False|TRUE|FALSE", _truths),
    _Way("date", _DATE, lambda texts: texts.cast(pa.date32()), lambda _, days: are_days(days)),
    _Way("timestamp", rf"{_TIME}(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)", _moments, _are_moments),
    _Way("timestamp", _TIME, _unzoned, _are_moments, note='The times in "{}" name no offset and are taken as UTC.'),
)
