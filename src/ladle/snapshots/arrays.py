"""Lists become Arrow arrays: takes Python's values of one type, with None among them, gives the array that holds them.

`pa.array` does it best, but imports pandas before: where that is installed and nobody uses it, for 0.2 s and 50 MB.
There the arrays are put together here, which takes twice as long and gives the same.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from itertools import accumulate
from typing import Any

import pyarrow as pa

from ladle.snapshots.types import ARROW
from ladle.sources.source import ColumnType

_EPOCH = date(1970, 1, 1).toordinal()
_START = datetime(1970, 1, 1, tzinfo=UTC)


def array_of(values: list[Any], kind: ColumnType) -> pa.Array[Any]:
    """The values, all of that type or None, as an Arrow array; numbers may be integers."""
    return put_together(values, kind) if _would_load_pandas() else pa.array(values, type=ARROW[kind])


@cache
def _would_load_pandas() -> bool:
    return "pandas" not in sys.modules and find_spec("pandas") is not None


def put_together(values: list[Any], kind: ColumnType) -> pa.Array[Any]:
    """The same without pandas.

    >>> put_together([True, None, False], "boolean").to_pylist(), put_together(["é", None, ""], "text").to_pylist()
    ([True, None, False], ['é', None, ''])
    """
    valid = None
    if type(None) in set(map(type, values)):
        valid = _bits(value is not None for value in values)
        values = [_FILLERS[kind] if value is None else value for value in values]
    return pa.Array.from_buffers(ARROW[kind], len(values), [valid, *_BUFFERS[kind](values)])


def _text(values: list[str]) -> list[pa.Buffer]:
    """Where each text begins and ends, and all of them in one."""
    whole: str | bytes = "".join(values)
    pieces: list[Any] = values
    if not whole.isascii():
        pieces = [value.encode() for value in values]
        whole = b"".join(pieces)
    ends = array("i", accumulate(map(len, pieces), initial=0))
    return [pa.py_buffer(ends), pa.py_buffer(whole if isinstance(whole, bytes) else whole.encode())]


def _days(values: list[date]) -> list[pa.Buffer]:
    return [pa.py_buffer(array("i", [value.toordinal() - _EPOCH for value in values]))]


def _seconds(values: list[datetime]) -> list[pa.Buffer]:
    differences = [value - _START for value in values]
    return [pa.py_buffer(array("q", [each.days * 86_400 + each.seconds for each in differences]))]


def _bits(flags: Iterable[bool]) -> pa.Buffer:
    """A bit for each, the first one lowest."""
    digits = "".join(["1" if flag else "0" for flag in flags])
    return pa.py_buffer(int(digits[::-1] or "0", 2).to_bytes(-(-len(digits) // 8), "little"))


_FILLERS: Mapping[ColumnType, Any] = {
    "text": "",
    "integer": 0,
    "number": 0.0,
    "boolean": False,
    "date": date(1970, 1, 1),
    "timestamp": _START,
}
_BUFFERS: Mapping[ColumnType, Callable[[list[Any]], list[pa.Buffer]]] = {
    "text": _text,
    "integer": lambda values: [pa.py_buffer(array("q", values))],
    "number": lambda values: [pa.py_buffer(array("d", values))],
    "boolean": lambda values: [_bits(values)],
    "date": _days,
    "timestamp": _seconds,
}
