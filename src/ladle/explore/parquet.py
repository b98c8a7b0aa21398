"""Rows as a Parquet file: takes their schema and the rows in pieces, gives the file's bytes as they are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from ladle.explore.sink import Sink
from ladle.snapshots.bounds import BOUNDS, Bounds


def parquet(schema: pa.Schema, tables: Iterable[pa.Table], *, bounds: Bounds = BOUNDS) -> Iterator[bytes]:
    """Written like a snapshot's own file, in row groups of as many rows and bytes."""
    import pyarrow.parquet as pq  # here, as everywhere: 10 MB that nobody needs who only collects or lists

    sink = Sink()
    group = schema.empty_table()
    with pq.ParquetWriter(pa.PythonFile(sink), schema, compression="zstd", write_page_index=True) as writer:
        yield sink.taken()
        for table in tables:
            group = pa.concat_tables([group, table])
            if group.num_rows >= bounds.group_rows or group.nbytes >= bounds.group_bytes:
                writer.write_table(group, row_group_size=group.num_rows)
                group = schema.empty_table()
                yield sink.taken()
        if group.num_rows:
            writer.write_table(group, row_group_size=group.num_rows)
    yield sink.taken()
