"""A SELECT's result as a table: takes the Arrow stream on disk, gives our columns and the rows in pieces.

Types follow from Arrow's. Where ours is narrower (a whole number beyond 64 bits, a time with a fraction of a second) a
column is text, as soon as one value needs it: so the stream is gone through twice, once to know and once to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from ladle import computing as pc
from ladle.snapshots.manifest import TableColumn
from ladle.snapshots.types import ARROW
from ladle.sources.source import ColumnType

EXACT_DIGITS = 15
"""A decimal of so many digits is the same when it is a double."""
LEAST, MOST = -62_135_596_800, 253_402_300_799
"""Seconds of the years 1 to 9999: other tools know no others."""
DAY = 86_400
_INT64 = pa.int64()

Array: TypeAlias = "pa.Array[Any]"


@dataclass(frozen=True, slots=True)
class Way:
    """How values of one Arrow type become ours."""

    type: ColumnType
    fits: Callable[[Array], bool] = lambda values: True
    """Whether these values can be of that type; a column of which some can't be is text."""
    text: Callable[[Array], Array] = lambda values: values.cast(pa.string())
    typed: Callable[[Array], Array] | None = None
    """None: Arrow's own cast."""


class Result:
    """One stream; its columns are known when it is made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
            fields = list(stream.schema)
            self._ways = [way_of(field.type) for field in fields]
            fit = [True] * len(fields)
            for batch in stream:
                fit = [known and way.fits(a) for known, way, a in zip(fit, self._ways, batch.columns, strict=True)]
        types = [way.type if fits else "text" for way, fits in zip(self._ways, fit, strict=True)]
        self.columns = tuple(TableColumn(field.name, each) for field, each in zip(fields, types, strict=True))
        self.schema = pa.schema([pa.field(column.name, ARROW[column.type]) for column in self.columns])

    def tables(self) -> Iterator[pa.Table]:
        """The rows, in order."""
        with pa.OSFile(str(self._path), "rb") as file, pa.ipc.open_stream(file) as stream:
            for batch in stream:
                ours = [kept(way, c, a) for way, c, a in zip(self._ways, self.columns, batch.columns, strict=True)]
                yield pa.Table.from_arrays(ours, schema=self.schema)


def kept(way: Way, column: TableColumn, values: Array) -> Array:
    """Values as the column's type has them."""
    if column.type != way.type:
        return way.text(values)
    return values.cast(ARROW[column.type]) if way.typed is None else way.typed(values)


def way_of(kind: pa.DataType) -> Way:
    """How a column of that Arrow type is kept; what is none of these is text."""
    if pa.types.is_boolean(kind):
        return Way("boolean")
    if pa.types.is_uint64(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return Way("integer", fits=_is_int64)
    if pa.types.is_integer(kind):
        return Way("integer")
    if pa.types.is_decimal(kind):
        return Way("number", fits=_is_exact)
    if pa.types.is_floating(kind):
        return Way("number", typed=_finite)
    if pa.types.is_date(kind):
        return Way("date", fits=are_days)
    if pa.types.is_timestamp(kind):
        return Way("timestamp", fits=_is_whole, text=_in_iso, typed=_in_seconds)
    return Way("text")


def _is_int64(values: Array) -> bool:
    try:
        values.cast(_INT64)
    except pa.ArrowInvalid:
        return False
    return True


def _is_exact(values: Array) -> bool:
    """Whether doubles keep all of these decimals."""
    ends = [pc.min(values).as_py(), pc.max(values).as_py()]
    digits = [len(each.as_tuple().digits) for each in ends if each is not None]
    return max(digits, default=0) <= EXACT_DIGITS


def _finite(values: Array) -> Array:
    """Infinities and what is no number are null: neither CSV nor JSON has words for them."""
    doubles = values.cast(pa.float64())
    finite: Array = pc.if_else(pc.is_finite(doubles), doubles, pa.scalar(None, pa.float64()))
    return finite


def _is_whole(times: Array) -> bool:
    per_second = _per_second(times.type)
    numbers = times.cast(_INT64)
    if per_second > 1:
        seconds = pc.divide(numbers, per_second)
        if pc.any(pc.not_equal(pc.multiply(seconds, per_second), numbers)).as_py():
            return False
    return are_within(numbers, LEAST * per_second, MOST * per_second)


def _in_seconds(times: Array) -> Array:
    seconds: Array = pc.divide(times.cast(_INT64), _per_second(times.type)).cast(ARROW["timestamp"])
    return seconds


def _in_iso(times: Array) -> Array:
    """In UTC, all with as many digits, so that texts sort as times do."""
    plain: Any = times.cast(_INT64).cast(pa.timestamp(times.type.unit))
    texts: Array = pc.strftime(plain, format="%Y-%m-%dT%H:%M:%SZ")
    return texts


def _per_second(kind: Any) -> int:
    return {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]


def are_days(days: Array) -> bool:
    """Whether all these dates are of the years 1 to 9999."""
    return are_within(days.cast(pa.int32()).cast(_INT64), LEAST // DAY, MOST // DAY)


def are_within(numbers: Array, least: int, most: int) -> bool:
    """Whether none is less or more; nulls are passed over."""
    low, high = pc.min(numbers).as_py(), pc.max(numbers).as_py()
    return low is None or (low >= least and high <= most)
