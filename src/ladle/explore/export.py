"""A snapshot leaves the house: takes its folder and a format, gives the bytes, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from ladle.errors import BadInput, Damaged, unknown
from ladle.explore.values import records
from ladle.snapshots.files import CSV, PARQUET
from ladle.snapshots.manifest import Manifest

KINDS = ("csv", "parquet", "ndjson")
PIECE = 1 << 18
_FILES = {"csv": CSV, "parquet": PARQUET}


def export(folder: Path, manifest: Manifest, *, kind: str) -> Iterator[bytes]:
    """CSV and Parquet as the files are; `ndjson`: one JSON object a line, dates and times in ISO 8601.

    Raises BadInput for another kind and Damaged for a file whose size is not the one kept, both before the first byte.
    """
    if kind not in KINDS:
        raise BadInput(unknown("format", kind, KINDS))
    name = _FILES.get(kind, PARQUET)
    check_size(folder / name, manifest)
    return _lines(folder / name, manifest) if kind == "ndjson" else _pieces(folder / name)


def check_size(path: Path, manifest: Manifest) -> None:
    """Raises Damaged unless the file has the size that the manifest tells."""
    size = path.stat().st_size if path.is_file() else None
    if size != manifest.files[path.name].size:
        found = "is missing" if size is None else f"has {size:,} bytes instead of {manifest.files[path.name].size:,}"
        raise Damaged(f'"{path}" {found}.', hint="Collect the dataset again, or take the snapshot from a backup.")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _lines(path: Path, manifest: Manifest) -> Iterator[bytes]:
    import pyarrow.parquet as pq  # here, as everywhere: 10 MB that nobody needs who only collects or lists

    names = [column.name for column in manifest.columns]
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1000):
        rows = records(pa.Table.from_batches([batch]), names=names)
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows)
