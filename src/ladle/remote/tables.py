"""A server's table as other tools have it: takes a snapshot's Parquet, or a view's, gives Arrow, petl and DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ladle.explore.address import checked, write_view
from ladle.explore.frames import Frames, to_petl
from ladle.explore.view import WHOLE, View, chosen
from ladle.remote.door import pieces
from ladle.remote.files import fetched, path_of
from ladle.remote.server import Server
from ladle.snapshots.manifest import Manifest


class RemoteFrames(Frames):
    """The whole table is fetched once; a view is made by the server, and fetched each time."""

    __slots__ = ()
    server: Server
    manifest: Manifest

    def arrow(self, view: View = WHOLE) -> pa.Table:
        """As of a home's."""
        if checked(view, self.manifest.columns) == WHOLE:
            fetched(self.server, self.manifest, "parquet")
            return super().arrow()
        return pa.concat_tables(self._tables(view))

    def duckdb(self) -> Any:
        """As of a home's, on the file that is fetched."""
        fetched(self.server, self.manifest, "parquet")
        return super().duckdb()

    def petl(self, view: View = WHOLE) -> Any:
        """As of a home's; the rows of a view come anew each time that they are gone through."""
        columns = self.manifest.columns
        if checked(view, columns) == WHOLE:
            fetched(self.server, self.manifest, "parquet")
            return super().petl()
        return to_petl([columns[number].name for number in chosen(view, columns)], lambda: self._tables(view))

    def _tables(self, view: View) -> Iterator[pa.Table]:
        """The rows of a view, a few MB at a time; the first table may have none."""
        import pyarrow.parquet as pq

        with tempfile.TemporaryFile(prefix="ladle-view-") as file:
            for piece in pieces(self.server, path_of(self.manifest.id, "parquet"), write_view(view)):
                file.write(piece)
            file.seek(0)
            kept = pq.ParquetFile(file)
            yield kept.schema_arrow.empty_table()
            for batch in kept.iter_batches():
                yield pa.Table.from_batches([batch])
