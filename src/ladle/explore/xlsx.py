"""A snapshot as a spreadsheet: takes its columns and its table in pieces, gives an xlsx file's bytes as they are made.

Written here rather than by XlsxWriter, which is well kept but gives its first byte when all is written: after two
minutes of work for a full sheet of 20 columns. A sheet is XML in a ZIP (ECMA-376), and neither needs to be held.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ladle.errors import BadInput
from ladle.explore.sheet import MOST_CELL, head_xml, rows_xml
from ladle.explore.workbook import END, PARTS, SHEET, begin
from ladle.snapshots.manifest import Manifest, TableColumn

MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 1_048_576, 16_384, 32_767
"""What a sheet holds: rows with the one of names, columns, and UTF-16 units of a cell's text."""
ELSE = "Take CSV, Parquet or NDJSON, which have no such limit."
LIMIT = (1 << 31) - (4 << 20)
"""Bytes of a sheet's rows that surely need no sizes in 64 bits, whatever stands before them."""
_MADE = (1980, 1, 1, 0, 0, 0)
"""The least that a ZIP can say: the same snapshot gives the same bytes."""
_LONGER: Mapping[bytes, int] = {b"&": 4, b"<": 3, b">": 3, b"_x": 6, b"\xef\xbf": 4}


def check_shape(manifest: Manifest) -> None:
    """Raises BadInput for a table that a sheet has no room for."""
    if manifest.rows >= MOST_ROWS:
        told = f"{manifest.name} has {manifest.rows:,} rows; a sheet has {MOST_ROWS:,}, one of them for the names."
        raise BadInput(told, hint=ELSE)
    if len(manifest.columns) > MOST_COLUMNS:
        raise BadInput(
            f"{manifest.name} has {len(manifest.columns):,} columns; a sheet has {MOST_COLUMNS:,}.", hint=ELSE
        )
    for column in manifest.columns:
        if units(column.name) > MOST_TEXT:
            raise BadInput(f'The name of the column "{column.name[:60]}…" is longer than a cell.', hint=ELSE)


def check_texts(name: str, pieces: Iterable[pa.ChunkedArray[Any]]) -> None:
    """Raises BadInput for the first text of a column, given in pieces, that is longer than a cell."""
    row = 0
    for piece in pieces:
        for place, text in enumerate(piece.to_pylist(), start=row + 1):
            if text is not None and units(text) > MOST_TEXT:
                told = f'Row {place:,} has {units(text):,} characters in "{name}"; a cell takes {MOST_TEXT:,}.'
                raise BadInput(told, hint=ELSE)
        row += len(piece)


def units(text: str) -> int:
    """A text's length as a spreadsheet counts it: signs beyond U+FFFF count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def xlsx(columns: tuple[TableColumn, ...], tables: Iterable[pa.Table], *, large: bool) -> Iterator[bytes]:
    """The file's bytes. `large`: its sheet may have 2 GB or more before it is compressed."""
    types = [column.type for column in columns]
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", compresslevel=4) as packed:
        for name, xml in PARTS.items():
            packed.writestr(_member(name), xml)
        with packed.open(_member(SHEET), "w", force_zip64=large) as sheet:
            sheet.write(begin(columns) + head_xml([column.name for column in columns]))
            row = 2
            for table in tables:
                sheet.write(rows_xml(table, types, first=row))
                row += table.num_rows
                yield sink.take()
            sheet.write(END)
    yield sink.take()


def is_large(csv: Path, *, cells: int) -> bool:
    """Whether the sheet may have 2 GB or more: a ZIP then says sizes in 64 bits, which Excel offers to repair."""
    size = csv.stat().st_size
    if 7 * size + MOST_CELL * cells <= LIMIT:
        return False
    with csv.open("rb") as file:
        while piece := file.read(1 << 20):
            size += sum(piece.count(sign) * more for sign, more in _LONGER.items())
            size += 6 * (len(piece) - len(piece.translate(None, delete=bytes(range(10)) + bytes(range(11, 32)))))
    return size + MOST_CELL * cells > LIMIT


class _Sink:
    """Takes what the ZIP writes, gives what has come since it was last asked; not being able to seek is the point."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """The same."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MADE)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
