"""A snapshot as a spreadsheet: takes its columns and its table in pieces, gives an xlsx file's bytes as they are made.

Written here rather than by XlsxWriter, which is well kept but gives its first byte when all is written: after two
minutes of work for a full sheet of 20 columns. A sheet is XML in a ZIP (ECMA-376), and neither needs to be held.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from ladle.explore.sheet import head_xml, rows_xml
from ladle.explore.sink import Sink
from ladle.explore.workbook import END, PARTS, SHEET, begin
from ladle.snapshots.manifest import TableColumn

MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 1_048_576, 16_384, 32_767
"""What a sheet holds: rows with the one of names, columns, and UTF-16 units of a cell's text."""
ELSE = "Take CSV, Parquet or NDJSON, which have no such limit."
LIMIT = (1 << 31) - (4 << 20)
"""Bytes of a sheet's rows that surely need no sizes in 64 bits, whatever stands before them."""
_LEVEL = 1
"""Three tenths larger than at zlib's own level, and made in a third of the time."""
LONGER: Mapping[bytes, int] = {b"&": 4, b"<": 3, b">": 3, b"_x": 6, b"\xef\xbf": 4}
"""By how much signs of a text are longer in the sheet than in CSV, at most."""


def xlsx(columns: tuple[TableColumn, ...], tables: Iterable[pa.Table], *, large: bool) -> Iterator[bytes]:
    """The file's bytes. `large`: its sheet may have 2 GB or more before it is compressed."""
    types = [column.type for column in columns]
    sink = Sink()
    # What is opened by its name has the level, and the least time that a ZIP can say: the same rows, the same bytes.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
        for name, xml in PARTS.items():
            with packed.open(name, "w") as part:
                part.write(xml.encode())
        with packed.open(SHEET, "w", force_zip64=large) as sheet:
            sheet.write(begin(columns) + head_xml([column.name for column in columns]))
            row = 2
            for table in tables:
                sheet.write(rows_xml(table, types, first=row))
                row += table.num_rows
                yield sink.taken()
            sheet.write(END)
    yield sink.taken()
