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
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_TRUTHS = {"true": True, "false": False}
_ELSEWHERE = "its rows are not where the index has them"


def rows_of(
    raw: bytes, *, rows: int, lines: Sequence[int], types: Sequence[ColumnType], columns: Sequence[int]
) -> list[tuple[Any, ...]]:
    """The rows that are number `lines` of the `rows` rows in `raw`, each with its values in the given columns.

    Raises ValueError when there are not that many rows, or when a value is none of its column's type.
    """
    width = len(types)
    every = raw.split(b"\n")
    if len(every) == rows + 1 and not every[-1]:
        # No text holds a line end: nothing but the wanted lines need be looked at.
        wanted = [_cells_of(every[line].decode(), width=width) for line in lines]
    else:
        cells = _cells(raw.decode(), rows=rows, width=width)
        wanted = [cells[line * width : (line + 1) * width] for line in lines]
    found = [_values([row[number] for row in wanted], types[number]) for number in columns]
    return list(zip(*found, strict=True)) if found else [()] * len(lines)


def _cells_of(line: str, *, width: int) -> list[str]:
    """The cells of one row. With no more commas than there are between cells, none of them is part of a text."""
    cells = line.split(",")
    return cells if len(cells) == width else _cells(f"{line}\n", rows=1, width=width)


def _cells(text: str, *, rows: int, width: int) -> list[str]:
    """All cells in order, as they are written."""
    cells = _CELL.findall(text)
    if (
        sum(map(len, cells)) != len(text)
        or "".join([each[-1] for each in cells]) != (("," * (width - 1)) + "\n") * rows
    ):
        raise ValueError(_ELSEWHERE)
    return [each[:-1] for each in cells]


def _values(cells: Sequence[str], type_: ColumnType) -> list[Any]:
    if type_ == "text":
        quote = '"'
        return [
            (cell[1:-1] if cell.count(quote) == 2 and cell[0] == cell[-1] == quote else _text(cell)) if cell else None
            for cell in cells
        ]
    read = _READ[type_]
    return [read(cell) if cell else None for cell in cells]


def _text(cell: str) -> str:
    if _QUOTED.fullmatch(cell):
        return cell[1:-1].replace('""', '"')
    if '"' in cell:
        raise ValueError(_ELSEWHERE)
    return cell


def _truth(cell: str) -> bool:
    if cell not in _TRUTHS:
        raise ValueError(f"{cell!r} is no truth value")
    return _TRUTHS[cell]


_READ: Mapping[ColumnType, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "boolean": _truth,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
