"""A snapshot's files: takes a table in chunks, gives CSV, index and Parquet in a folder that appears whole."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ladle.home import publish_folder
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.index import EVERY, index_bytes
from ladle.snapshots.manifest import NAME, KeptFile
from ladle.snapshots.published import upload
from ladle.storage.mirror import mirror_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq

CSV, INDEX, PARQUET, PROFILE, MANIFEST = "data.csv", "data.index", "data.parquet", "profile.json", NAME
LEFTOVER_AFTER = 86_400.0
"""Seconds after which an unfinished folder belongs to nobody: no build takes a day."""


class TableWriter:
    """Writes `data.csv`, `data.index` and `data.parquet` of one schema; `close` or `abandon` it."""

    def __init__(self, folder: Path, *, schema: pa.Schema, bounds: Bounds = BOUNDS) -> None:
        import pyarrow.parquet as pq  # here, so that who only looks at runs need not load it

        self.schema, self.rows = schema, 0
        self._folder, self._bounds = folder, bounds
        self._csv = (folder / CSV).open("wb")
        self._parquet: pq.ParquetWriter = pq.ParquetWriter(
            folder / PARQUET, schema, compression="zstd", write_page_index=True
        )
        self._digest, self._size, self._offsets = hashlib.sha256(), 0, array("Q")
        self._group = pa.Table.from_batches([], schema=schema)
        self._put(csv_bytes(self._group, header=True))

    def write(self, table: pa.Table) -> None:
        """Put a chunk behind the others."""
        first = -self.rows % EVERY
        raw = csv_bytes(table)
        ends = _ends(raw)
        if len(ends) == table.num_rows:
            begins = [0, *ends]
            self._offsets.extend(self._size + begins[row] for row in range(first, table.num_rows, EVERY))
            self._put(raw)
        else:
            self._write_slices(table, first)
        self.rows += table.num_rows
        self._group = pa.concat_tables([self._group, table])
        if self._group.num_rows >= self._bounds.group_rows or self._group.nbytes >= self._bounds.group_bytes:
            self._end_group()

    def close(self) -> dict[str, KeptFile]:
        """Finish the three files; gives size and checksum of each."""
        if self._group.num_rows:
            self._end_group()
        self._parquet.close()
        self._csv.close()
        csv = KeptFile(self._size, self._digest.hexdigest())
        index = index_bytes(self._offsets, rows=self.rows, size=csv.size, sha256=csv.sha256)
        (self._folder / INDEX).write_bytes(index)
        return {CSV: csv, INDEX: keep(self._folder / INDEX), PARQUET: keep(self._folder / PARQUET)}

    def abandon(self) -> None:
        """Leave the files as they are; they are written over or removed with the folder."""
        self._csv.close()
        self._parquet.close()

    def _write_slices(self, table: pa.Table, first: int) -> None:
        """Texts hold line ends: where a hundred rows begin is known only when they are written by themselves."""
        begin = 0
        for end in (*range(first, table.num_rows, EVERY), table.num_rows):
            self._put(csv_bytes(table.slice(begin, end - begin)))
            if end < table.num_rows:
                self._offsets.append(self._size)
            begin = end

    def _put(self, raw: bytes) -> None:
        self._digest.update(raw)
        self._csv.write(raw)
        self._size += len(raw)

    def _end_group(self) -> None:
        self._parquet.write_table(self._group, row_group_size=self._group.num_rows)
        self._group = pa.Table.from_batches([], schema=self.schema)


def csv_bytes(table: pa.Table, *, header: bool = False) -> bytes:
    """Text is quoted always, so that null (an empty cell) and the empty string ("") stay apart."""
    import pyarrow.csv

    sink = pa.BufferOutputStream()
    style = pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed")
    pyarrow.csv.write_csv(table, sink, style)
    return sink.getvalue().to_pybytes()


def _ends(raw: bytes) -> list[int]:
    """Where each line ends: where the next one begins."""
    return list(accumulate(len(line) + 1 for line in raw.split(b"\n")[:-1]))


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
    """Give the finished folder its name, on S3 where the home lies there.

    False when another process published the same snapshot first.
    """
    if (mirror := mirror_of(final)) is not None:
        return upload(mirror, temporary, final)
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
