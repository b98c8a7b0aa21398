"""A table as a spreadsheet's rows: takes an Arrow table and the number of its first row, gives the XML of its cells.

Numbers, truth values, dates and times become what they are in the sheet. What a sheet can't hold exactly becomes text:
whole numbers of more than 15 digits, and days before March 1900, where its calendar is wrong (ECMA-376, 18.17.4.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from ladle import computing as pc
from ladle.explore.jsonlines import joined_bytes
from ladle.sources.source import ColumnType

DATE, TIME, HEAD = 1, 2, 3
"""Numbers of the styles that the workbook defines; 0 is that of everything else."""
MOST_CELL = 97
"""Bytes around a cell's text at most, its row's own among them."""
EXACT = 10**15
_FIRST_DAY = 61
"""March 1, 1900, as the sheet counts days: those before it are one off."""
_EPOCH = 25_569
"""January 1, 1970, as the sheet counts days."""
_RARE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ANY_RARE = r"_x[0-9A-Fa-f]{4}_|[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Array: TypeAlias = Any
"""An Arrow array: the stubs know fewer combinations than the functions do."""
_TEXT = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"


@dataclass(frozen=True, slots=True)
class _Way:
    """How values of one type are written: as what they are, which of them can be that, and as text."""

    number: Callable[[Array], Array]
    fits: Callable[[Array], Array]
    text: Callable[[Array], Array]
    attributes: str = ""


def rows_xml(table: pa.Table, types: list[ColumnType], *, first: int) -> bytes:
    """The rows `first`, `first + 1` … of a sheet, counted from 1."""
    numbers: Any = pa.array(range(first, first + table.num_rows), pa.int64()).cast(pa.string())
    columns = (column.combine_chunks() for column in table.columns)
    cells = [_cells(c, kind, letters(n), numbers) for n, (c, kind) in enumerate(zip(columns, types, strict=True))]
    rows: Any = pc.binary_join_element_wise('<row r="', numbers, '">', *cells, "</row>", "")
    return joined_bytes(rows)


def head_xml(names: list[str]) -> bytes:
    """The first row, with the columns' names."""
    begin, end = _TEXT
    told = escaped(pa.array(names, pa.string())).to_pylist()
    cells = (f'<c r="{letters(n)}1" s="{HEAD}"{begin}{name}{end}' for n, name in enumerate(told))
    return f'<row r="1">{"".join(cells)}</row>'.encode()


def letters(number: int) -> str:
    """What a spreadsheet calls a column.

    >>> letters(0), letters(25), letters(26), letters(16_383)
    ('A', 'Z', 'AA', 'XFD')
    """
    before, last = divmod(number, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def escaped(texts: Array) -> Array:
    """Texts as XML; what XML can't hold, and what looks like that, in the sheet's own writing (`_x000D_`)."""
    if pc.any(pc.match_substring_regex(texts, _ANY_RARE)).as_py():
        texts = pa.array([None if each is None else _RARE.sub(_rare, each) for each in texts.to_pylist()], pa.string())
    for sign, entity in _ENTITIES.items():
        texts = pc.replace_substring(texts, sign, entity)
    return texts


def _rare(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _cells(values: Array, kind: ColumnType, letter: str, numbers: Array) -> Array:
    """A column's cells, empty for null."""
    way = _WAYS.get(kind)
    if way is None:
        return pc.fill_null(_joined(letter, numbers, *_TEXT, escaped(values)), "")
    written = _joined(letter, numbers, f"{way.attributes}><v>", "</v></c>", way.number(values))
    fits = way.fits(values)
    if not pc.all(fits).as_py():  # nulls aside; an empty column fits
        written = pc.if_else(fits, written, _joined(letter, numbers, *_TEXT, way.text(values)))
    return pc.fill_null(written, "")


def _joined(letter: str, numbers: Array, begin: str, end: str, words: Array) -> Array:
    cells: Array = pc.binary_join_element_wise(f'<c r="{letter}', numbers, f'"{begin}', words, end, "")
    return cells


def _as_text(values: Array) -> Array:
    return values.cast(pa.string())


def _are_short(values: Array) -> Array:
    return pc.and_(pc.less(values, pa.scalar(EXACT)), pc.greater(values, pa.scalar(-EXACT)))


def _days(values: Array) -> Array:
    return pc.add(values.cast(pa.int32()), _EPOCH)


def _moments(values: Array) -> Array:
    return pc.add(pc.divide(values.cast(pa.int64()).cast(pa.float64()), 86_400.0), float(_EPOCH))


def _in_iso(values: Array) -> Array:
    plain: Any = values.cast(pa.int64()).cast(pa.timestamp("s"))
    texts: Array = pc.strftime(plain, format="%Y-%m-%dT%H:%M:%SZ")
    return texts


_WAYS: Mapping[ColumnType, _Way] = {
    "integer": _Way(_as_text, _are_short, _as_text),
    "number": _Way(_as_text, lambda v: pc.is_finite(v), _as_text),
    "boolean": _Way(lambda v: v.cast(pa.int8()).cast(pa.string()), lambda v: pc.is_valid(v), _as_text, ' t="b"'),
    "date": _Way(
        lambda v: _as_text(_days(v)),
        lambda v: pc.greater_equal(_days(v), pa.scalar(_FIRST_DAY)),
        _as_text,
        f' s="{DATE}"',
    ),
    "timestamp": _Way(
        lambda v: _as_text(_moments(v)),
        lambda v: pc.greater_equal(_moments(v), pa.scalar(float(_FIRST_DAY))),
        _in_iso,
        f' s="{TIME}"',
    ),
}
