"""A snapshot leaves the house: takes a view of it and a format, gives the bytes, piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow as pa

from ladle.errors import BadInput, unknown
from ladle.explore.address import checked, write_view
from ladle.explore.csv_text import BOM
from ladle.explore.fits import check_fits, is_large
from ladle.explore.harmless import harmless
from ladle.explore.jsonlines import json_lines
from ladle.explore.kept import check_size, check_there, pieces
from ladle.explore.parquet import parquet
from ladle.explore.stream import Stream
from ladle.explore.view import WHOLE, View
from ladle.explore.xlsx import xlsx
from ladle.snapshots.files import CSV, PARQUET, csv_bytes
from ladle.snapshots.manifest import Manifest
from ladle.version import VERSION

KINDS = ("csv", "parquet", "csv-for-spreadsheets", "ndjson", "xlsx")
FILES = {"csv": CSV, "parquet": PARQUET}
"""The kinds that the whole table has as files; everything else is made from Parquet as it is sent."""
Made = Callable[[int], None]
Tables = Iterator[pa.Table]


def export(
    folder: Path, manifest: Manifest, *, kind: str, view: View = WHOLE, made: Made = lambda rows: None
) -> Iterator[bytes]:
    """The whole table as CSV or Parquet is the file as it is; views and the other kinds hold the same rows.

    `csv-for-spreadsheets`: UTF-8 with a byte order mark, texts that would be run as formulas behind an apostrophe.
    `ndjson`: one JSON object a line, dates and times in ISO 8601. `xlsx`: one sheet, dates as dates, times in UTC.
    `made` is told how many rows are done, now and then.

    Raises BadInput for another kind, for a view that can't be and for what a sheet has no room for, Damaged for a file
    whose size is not the one kept, all before the first byte. Damaged on the way: what came so far is no file.
    """
    if kind not in KINDS:
        raise BadInput(unknown("format", kind, KINDS))
    stream = Stream(folder, manifest, checked(view, manifest.columns))
    if stream.entire and kind in FILES:
        check_there(folder / FILES[kind], manifest)
        return pieces(folder / FILES[kind], manifest)
    check_size(folder / PARQUET, manifest)
    return _MADE[kind](stream, made)


def tag(stream: Stream, kind: str) -> str:
    """What goes by another name has other bytes; what is made as it is sent, another Ladle may write otherwise."""
    if stream.entire and kind in FILES:
        return f"{stream.manifest.files[FILES[kind]].sha256[:32]}-{kind}"
    asked = hashlib.sha256(orjson.dumps(write_view(stream.view))).hexdigest()[:16]
    made = f"{stream.manifest.files[CSV].sha256[:32]}-{kind}-{VERSION}"
    return made if stream.entire else f"{made}-{asked}"


def _told(stream: Stream, made: Made) -> Tables:
    rows = 0
    for table in stream.tables():
        yield table
        rows += table.num_rows
        made(rows)


def _csv(stream: Stream, made: Made) -> Iterator[bytes]:
    yield csv_bytes(stream.schema.empty_table(), header=True)
    for table in _told(stream, made):
        yield csv_bytes(table)


def _for_spreadsheets(stream: Stream, made: Made) -> Iterator[bytes]:
    yield BOM + csv_bytes(harmless(stream.schema.empty_table()), header=True)
    for table in _told(stream, made):
        yield csv_bytes(harmless(table))


def _parquet(stream: Stream, made: Made) -> Iterator[bytes]:
    return parquet(stream.schema, _told(stream, made))


def _lines(stream: Stream, made: Made) -> Iterator[bytes]:
    types = [column.type for column in stream.columns]
    for table in _told(stream, made):
        yield json_lines(table, types)


def _sheet(stream: Stream, made: Made) -> Iterator[bytes]:
    """What can be found out in any order is found out before the rows are put in theirs."""
    unsorted = replace(stream, view=replace(stream.view, sort=()))
    check_fits(unsorted)
    return xlsx(stream.columns, _told(stream, made), large=is_large(unsorted))


_MADE: Mapping[str, Callable[[Stream, Made], Iterator[bytes]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "csv-for-spreadsheets": _for_spreadsheets,
    "ndjson": _lines,
    "xlsx": _sheet,
}
