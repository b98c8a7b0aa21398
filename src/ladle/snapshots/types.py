"""What type a column has: takes values as JSON gave them, gives the narrowest type that keeps every one of them.

A type is decided over all records, never by the first. Types only widen; what fits nothing else is text, each
value as the API wrote it.

    none ── boolean ─────────────────────────┐
      ├──── integer ──┬── number ────────────┤
      │               └── long ──────────────┼── text
      ├──── date ────────────────────────────┤
      └──── timestamp ───────────────────────┘
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, Literal

import orjson
import pyarrow as pa

from ladle.sources.source import ColumnType

Kind = Literal["none", "boolean", "integer", "long", "number", "date", "timestamp", "text"]
"""`long` is an integer beyond 2^53: a 64-bit column keeps it, a column of doubles would not."""

EXACT = 1 << 53
ARROW: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("s", tz="UTC"),
}
_KINDS: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number", date: "date", datetime: "timestamp"}
_WIDER: dict[frozenset[Kind], Kind] = {
    frozenset({"integer", "long"}): "long",
    frozenset({"integer", "number"}): "number",
}


def widen(one: Kind, other: Kind) -> Kind:
    """The narrowest kind that keeps the values of both.

    >>> widen("integer", "number"), widen("long", "number"), widen("none", "date")
    ('number', 'text', 'date')
    """
    if one == other or other == "none":
        return one
    return other if one == "none" else _WIDER.get(frozenset({one, other}), "text")


def kind_of(values: Sequence[Any]) -> Kind:
    """The narrowest kind that keeps all values; None fits every kind."""
    found: Kind = "none"
    types = set(map(type, values)) - {type(None)}
    for each in types:
        found = widen(found, _integers(values) if each is int else _KINDS.get(each, "text"))
    return found


def _integers(values: Sequence[Any]) -> Kind:
    """How wide the integers among the values are."""
    integers = [value for value in values if type(value) is int]
    low, high = min(integers), max(integers)
    if low < -(1 << 63) or high >= 1 << 63:
        return "text"
    return "integer" if low >= -EXACT and high <= EXACT else "long"


def column_type(kind: Kind) -> ColumnType:
    """The type of a column of that kind; a column without a single value is text."""
    if kind == "none":
        return "text"
    return "integer" if kind == "long" else kind


def as_text(value: Any) -> str | None:
    """A value as the API wrote it: text as it is, anything else as JSON; null stays null.

    >>> as_text("1,358"), as_text(78.2), as_text({"a": [1]}), as_text(None)
    ('1,358', '78.2', '{"a":[1]}', None)
    """
    if value is None or type(value) is str:
        return value
    return as_json(value).decode()


def as_texts(values: list[Any]) -> list[str | None]:
    """`as_text` of many values, in half the time where none is beyond what orjson writes."""
    try:
        return [value if value is None or type(value) is str else orjson.dumps(value).decode() for value in values]
    except (TypeError, RecursionError):
        return list(map(as_text, values))


def as_json(value: Any) -> bytes:
    """A value as JSON without blanks, every integer whole: those beyond 64 bits are more than orjson writes.

    >>> as_json({"a": [2**70, "é"]}).decode()
    '{"a":[1180591620717411303424,"é"]}'
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError:
        return _as_deep_json(value).encode()


def _as_deep_json(value: Any) -> str:
    """As `json.dumps` without blanks, at any depth: Python's own writer ends at its limit of nested calls.

    An answer may be a thousand levels deep; orjson writes 254.
    """
    written: list[str] = []
    open_: list[Any] = [value]
    while open_:
        each = open_.pop()
        if isinstance(each, _Sign):
            written.append(each)
        elif isinstance(each, dict):
            named = (
                (_Sign(f"{',' * (n > 0)}{_encoded(name)}:"), inner) for n, (name, inner) in enumerate(each.items())
            )
            open_ += reversed([_Sign("{"), *chain.from_iterable(named), _Sign("}")])
        elif isinstance(each, list):
            listed = ((_Sign("," * (n > 0)), inner) for n, inner in enumerate(each))
            open_ += reversed([_Sign("["), *chain.from_iterable(listed), _Sign("]")])
        else:
            written.append(_encoded(each))
    return "".join(written)


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class _Sign(str):
    """A piece of JSON that is written already."""

    __slots__ = ()
