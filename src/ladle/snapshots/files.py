"""A snapshot's files: takes a table in chunks, gives CSV, index and Parquet in a folder that appears whole."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from ladle.home import publish_folder
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.index import EVERY, index_bytes
from ladle.snapshots.manifest import NAME, KeptFile

CSV, INDEX, PARQUET, PROFILE, MANIFEST = "data.csv", "data.index", "data.parquet", "profile.json", NAME
LEFTOVER_AFTER = 86_400.0
"""Seconds after which an unfinished folder belongs to nobody: no build takes a day."""
# Text is quoted always, so that null (an empty cell) and the empty string ("") stay apart.
_CSV_STYLE = pyarrow.csv.WriteOptions(quoting_style="needed")


def write_table(folder: Path, chunks: Iterable[pa.Table], *, schema: pa.Schema, bounds: Bounds = BOUNDS) -> int:
    """Write `data.csv`, `data.index` and `data.parquet`; gives the number of rows."""
    csv = folder / CSV
    offsets: list[int] = []
    rows = 0
    with (
        pa.OSFile(str(csv), "wb") as sink,
        pyarrow.csv.CSVWriter(sink, schema, write_options=_CSV_STYLE) as writer,  # type: ignore[arg-type]  # the stubs know no Arrow files
        pq.ParquetWriter(folder / PARQUET, schema, compression="zstd", write_page_index=True) as parquet,
    ):
        for group in _in_groups(chunks, schema=schema, bounds=bounds):
            parquet.write_table(group, row_group_size=group.num_rows)
            for start in range(0, group.num_rows, EVERY):
                offsets.append(sink.tell())
                writer.write_table(group.slice(start, EVERY))
            rows += group.num_rows
    kept = keep(csv)
    (folder / INDEX).write_bytes(index_bytes(offsets, rows=rows, size=kept.size, sha256=kept.sha256))
    return rows


def _in_groups(chunks: Iterable[pa.Table], *, schema: pa.Schema, bounds: Bounds) -> Iterator[pa.Table]:
    """The same rows in row groups. Their lengths divide by EVERY, but for the last one: every slice has its offset."""
    rest = schema.empty_table()
    for chunk in chunks:
        rest = pa.concat_tables([rest, chunk])
        whole = rest.num_rows - rest.num_rows % EVERY
        if whole and (whole >= bounds.group_rows or rest.nbytes >= bounds.chunk_bytes):
            yield rest.slice(0, whole)
            rest = rest.slice(whole)
    if rest.num_rows:
        yield rest


def keep(path: Path) -> KeptFile:
    """Size and checksum of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return KeptFile(path.stat().st_size, digest)


@contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """A folder beside the final one to write into; it is gone at the end unless it was published."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".tmp-{final.name}-", dir=final.parent))
    # mkdtemp's 0700 would hide a server's snapshots from the people it works for.
    temporary.chmod(0o755)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def publish(temporary: Path, final: Path) -> bool:
    """Give the finished folder its name; False when another process published the same snapshot first."""
    try:
        publish_folder(temporary, final)
    except OSError:
        if not (final / MANIFEST).exists():
            raise
        return False
    return True


def remove_leftovers(parent: Path, *, now: float) -> None:
    """Remove unfinished folders that a killed process left more than a day ago; `now` is in seconds since 1970."""
    for folder in parent.glob(".tmp-*"):
        if _age(folder, now=now) > LEFTOVER_AFTER:
            shutil.rmtree(folder, ignore_errors=True)


def _age(folder: Path, *, now: float) -> float:
    try:
        return now - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
