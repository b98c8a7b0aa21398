"""Cells out of JSON: takes a column's type and what JSON has in its place, gives the value that a home gives; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from ladle.explore.bins import Bin
from ladle.snapshots.manifest import TableColumn
from ladle.sources.source import ColumnType

Types = Mapping[str, ColumnType]


def types_of(columns: Iterable[TableColumn]) -> dict[str, ColumnType]:
    """By name."""
    return {column.name: column.type for column in columns}


def value_of(kind: ColumnType | None, told: Any) -> Any:
    """A cell; of a bin its edges too.

    >>> value_of("date", "2014-12-09"), value_of("number", 3), value_of("text", "2014-12-09")
    (datetime.date(2014, 12, 9), 3.0, '2014-12-09')
    """
    if isinstance(told, dict):
        return Bin(_edge(kind, told["low"]), _edge(kind, told["high"]), told["text"])
    if kind == "number" and isinstance(told, int):
        return float(told)
    return _edge(kind, told)


def row_of(types: Types, told: Mapping[str, Any]) -> dict[str, Any]:
    """A row, its columns in the order in which they came."""
    return {name: value_of(types.get(name), value) for name, value in told.items()}


def moment_of(told: str | None) -> float | None:
    """A time in ISO 8601 as seconds since 1970."""
    return None if told is None else datetime.fromisoformat(told).timestamp()


def _edge(kind: ColumnType | None, told: Any) -> Any:
    """What is a time in a column of dates or times."""
    if kind not in ("date", "timestamp") or not isinstance(told, str):
        return told
    return datetime.fromisoformat(told) if "T" in told else date.fromisoformat(told)
