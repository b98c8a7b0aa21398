"""From Arrow to Python: takes a table, gives its values as str, int, float, bool, date, datetime and None."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def column_values(column: pa.ChunkedArray[Any]) -> list[Any]:
    """A column's values. Times are built here: Arrow would ask the machine for its time zone files, which may lack."""
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    if column.type.unit != "s":
        column = column.cast(pa.timestamp("s", tz="UTC"))
    seconds = column.cast(pa.int64()).to_pylist()
    return [None if each is None else at_second(each) for each in seconds]


def at_second(second: int) -> datetime:
    """The time in UTC that many seconds after the beginning of 1970."""
    return EPOCH + timedelta(seconds=second)


def records(table: pa.Table, *, names: Sequence[str]) -> list[dict[str, Any]]:
    """A table's rows as dictionaries under the given names."""
    columns = [column_values(column) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
