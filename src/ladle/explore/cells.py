"""Lines of a snapshot's CSV become values: takes bytes and the columns' types, gives the rows on some of the lines.

Written for the one form that Ladle writes: texts quoted, nothing else, and no cell at all for a missing value. Arrow's
reader gives the same, but hands each page to a thread of its own: for ten rows that takes ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ladle.sources.source import ColumnType

_CELL = re.compile(r'((?:"[^"]*(?:""[^"]*)*"|[^",\n]*)[,\n])')
_TRUTHS = {"true": True, "false": False}


def rows_of(
    raw: bytes, *, rows: int, lines: Sequence[int], types: Sequence[ColumnType], columns: Sequence[int]
) -> list[tuple[Any, ...]]:
    """The rows that are number `lines` of the `rows` rows in `raw`, each with its values in the given columns.

    Raises ValueError when there are not that many rows, or when a value is none of its column's type.
    """
    if raw.count(b"\n") == rows:
        # No text holds a line end: nothing but the wanted lines need be looked at.
        every = raw.split(b"\n")
        raw = b"".join(b"%s\n" % every[line] for line in lines)
        rows, lines = len(lines), range(len(lines))
    cells = _cells(raw.decode(), rows=rows, width=len(types))
    found = [_values(cells[number :: len(types)], lines, types[number]) for number in columns]
    return list(zip(*found, strict=True)) if found else [()] * len(lines)


def _cells(text: str, *, rows: int, width: int) -> list[str]:
    """All cells in order, each with the sign that ends it."""
    cells = _CELL.findall(text)
    if (
        sum(map(len, cells)) != len(text)
        or "".join([each[-1] for each in cells]) != (("," * (width - 1)) + "\n") * rows
    ):
        raise ValueError("its rows are not where the index has them")
    return cells


def _values(cells: Sequence[str], lines: Sequence[int], type_: ColumnType) -> list[Any]:
    read = _READ[type_]
    return [None if len(cell := cells[line]) == 1 else read(cell[:-1]) for line in lines]


def _text(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell[0] == '"' else cell


def _truth(cell: str) -> bool:
    if cell not in _TRUTHS:
        raise ValueError(f"{cell!r} is no truth value")
    return _TRUTHS[cell]


_READ: Mapping[ColumnType, Callable[[str], Any]] = {
    "text": _text,
    "integer": int,
    "number": float,
    "boolean": _truth,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
