"""A snapshot leaves the house: takes its folder and a format, gives the bytes, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson
import pyarrow as pa

from ladle.errors import BadInput, Damaged, unknown
from ladle.explore.harmless import BOM, harmless
from ladle.explore.profile import read_profile
from ladle.explore.values import records
from ladle.explore.xlsx import MOST_TEXT, check_shape, check_texts, is_large, xlsx
from ladle.snapshots.files import CSV, PARQUET, csv_bytes
from ladle.snapshots.manifest import Manifest
from ladle.snapshots.types import ARROW

KINDS = ("csv", "parquet", "csv-for-spreadsheets", "ndjson", "xlsx")
FILES = {"csv": CSV, "parquet": PARQUET}
"""The kinds that are files as they are; the others are made from Parquet as they are sent."""
PIECE = 1 << 18
MOST_ROWS, MOST_BYTES = 5_000, 2 << 20
"""How much of a table is made into another form at once, by its size as CSV."""
_REMEDY = "Collect the dataset again, or take the snapshot from a backup."


def export(folder: Path, manifest: Manifest, *, kind: str) -> Iterator[bytes]:
    """CSV and Parquet as the files are; the other kinds hold the same rows.

    `csv-for-spreadsheets`: UTF-8 with a byte order mark, texts that would be run as formulas behind an apostrophe.
    `ndjson`: one JSON object a line, dates and times in ISO 8601. `xlsx`: one sheet, dates as dates, times in UTC.

    Raises BadInput for another kind and for what a sheet has no room for, Damaged for a file whose size is not the one
    kept, all before the first byte. Damaged on the way: what came so far is no file.
    """
    if kind not in KINDS:
        raise BadInput(unknown("format", kind, KINDS))
    name = FILES.get(kind, PARQUET)
    check_size(folder / name, manifest)
    if kind in FILES:
        return _pieces(folder / name)
    return _MADE[kind](folder, manifest)


def check_size(path: Path, manifest: Manifest) -> None:
    """Raises Damaged unless the file has the size that the manifest tells."""
    size = path.stat().st_size if path.is_file() else None
    if size != manifest.files[path.name].size:
        found = "is missing" if size is None else f"has {size:,} bytes instead of {manifest.files[path.name].size:,}"
        raise Damaged(f'"{path}" {found}.', hint=_REMEDY)


def tables(folder: Path, manifest: Manifest) -> Iterator[pa.Table]:
    """The table in pieces of a few MB, as it was built (Parquet knows no whole seconds); raises Damaged on the way."""
    import pyarrow.parquet as pq  # here, as everywhere: 10 MB that nobody needs who only collects or lists

    path = folder / PARQUET
    schema = _schema(manifest)
    rows = min(MOST_BYTES * manifest.rows // manifest.files[CSV].size, MOST_ROWS)
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=max(1, rows)):
                yield pa.Table.from_batches([batch]).cast(schema)
    except (OSError, pa.ArrowException) as error:
        raise Damaged(f'"{path}" can\'t be read: {error}.', hint=_REMEDY) from error


def _schema(manifest: Manifest) -> pa.Schema:
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in manifest.columns])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _lines(folder: Path, manifest: Manifest) -> Iterator[bytes]:
    names = [column.name for column in manifest.columns]
    for table in tables(folder, manifest):
        rows = records(table, names=names)
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows)


def _for_spreadsheets(folder: Path, manifest: Manifest) -> Iterator[bytes]:
    yield BOM + csv_bytes(harmless(_schema(manifest).empty_table()), header=True)
    for table in tables(folder, manifest):
        yield csv_bytes(harmless(table))


def _sheet(folder: Path, manifest: Manifest) -> Iterator[bytes]:
    check_shape(manifest)
    for number, column in enumerate(read_profile(folder, manifest)["columns"]):
        # The profile counts a sign beyond U+FFFF once, a sheet twice: only reading shows whether a cell is too long.
        if column.get("length", {}).get("max") and column["length"]["max"] > MOST_TEXT // 2:
            check_texts(column["name"], (table.column(number) for table in tables(folder, manifest)))
    large = is_large(folder / CSV, cells=manifest.rows * len(manifest.columns))
    return xlsx(manifest.columns, tables(folder, manifest), large=large)


_MADE: Mapping[str, Callable[[Path, Manifest], Iterator[bytes]]] = {
    "csv-for-spreadsheets": _for_spreadsheets,
    "ndjson": _lines,
    "xlsx": _sheet,
}
