"""Chunks of records become files: takes chunks in table order, gives CSV, index and Parquet, in a thread of their own.

What is known of the columns grows with each chunk. When a chunk shows that what is written was written otherwise than
it would have been with all known before (a type is wider, a field is new, a key comes again), nothing more is
written: the rest is only learned from, and the table is woven a second time from its beginning. So the bytes are the
same as if everything had been known at once, and most tables are gone through once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ladle.errors import UpstreamError
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.files import TableWriter, unfinished
from ladle.snapshots.gather import Chunk, Gathering, Part
from ladle.snapshots.keys import Keys
from ladle.snapshots.manifest import Gap, KeptFile, TableColumn
from ladle.snapshots.profile_sql import load
from ladle.snapshots.resolve import Names
from ladle.snapshots.shape import Shape
from ladle.sources.sift import sift
from ladle.sources.source import Dataset, Reference, Resource
from ladle.words import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Woven:
    """A table on disk."""

    rows: int
    duplicates: int
    filtered: int
    """Distinct records that the resource's `where` leaves out."""
    columns: tuple[TableColumn, ...]
    files: Mapping[str, KeptFile]


class Loom:
    """One table in the making, in an unfinished folder beside `final`, which goes when the `with` ends.

    Chunks are woven by one thread, one at a time: `hand` waits for the chunk before when it has made one full.
    """

    def __init__(
        self,
        final: Path,
        *,
        dataset: Dataset,
        resource: Resource,
        names: Mapping[Reference, Names],
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._final, self._bounds = final, bounds
        self._shape, self._keys = Shape(dataset, names=names), Keys(resource.key)
        self._sift, self._filtered = sift(resource.where), 0
        self._gathering = Gathering(bounds=bounds)
        self._weaver: ThreadPoolExecutor | None = None
        self._behind: Future[None] | None = None
        self._writer: TableWriter | None = None
        self._sound, self._first = True, True
        self._kept = ExitStack()
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the files are written; made when it is first needed."""
        if self._folder is None:
            self._folder = self._kept.enter_context(unfinished(self._final))
        return self._folder

    @property
    def was_removed(self) -> bool:
        """Whether somebody took the folder for a leftover: no build takes a day, but a collection may."""
        return self._folder is not None and not self._folder.exists()

    @property
    def filtered(self) -> int:
        """Distinct records so far that the resource's `where` leaves out."""
        return self._filtered

    def hand(self, part: Part) -> None:
        """Take the next answer."""
        chunk = self._gathering.add(part)
        if chunk is not None:
            self._weave(chunk)

    def finish(self, parts: Iterable[Part], *, again: Callable[[], Iterable[Part]]) -> Woven | None:
        """Take the last answers and end the files; `again` gives all answers, should they be needed once more.

        None for a table without columns: none were named and no record came to show any.
        """
        self._all(parts)
        if self._keys.decide() or not self._sound:
            self._rewind()
            self._all(again())
        if not self._shape.columns:
            return None
        writer = self._open()
        files, self._writer = writer.close(), None
        return Woven(
            rows=writer.rows,
            duplicates=self._keys.duplicates,
            filtered=self._filtered,
            columns=self._shape.columns,
            files=files,
        )

    def close(self) -> None:
        """Let go of thread, memory and folder; nothing is left unless the folder was published."""
        if self._weaver is not None:
            self._weaver.shutdown(cancel_futures=True)
        if self._writer is not None:
            self._writer.abandon()
        self._keys.close()
        self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _all(self, parts: Iterable[Part]) -> None:
        for part in parts:
            self.hand(part)
        self._weave(self._gathering.rest())
        self.wait()

    def wait(self) -> None:
        """Until the chunk before is woven; raises what went wrong in it."""
        if self._behind is not None:
            self._behind.result()
            self._behind = None

    def _weave(self, chunk: Chunk) -> None:
        self.wait()
        if self._weaver is None:
            self._weaver = ThreadPoolExecutor(1, thread_name_prefix="ladle-weave")
        self._behind = self._weaver.submit(self._add, chunk)

    def _add(self, chunk: Chunk) -> None:
        """In the thread: learn from a chunk, and write it as long as that is of use."""
        if self._first:
            self._keys.count(chunk)
        else:
            chunk = self._keys.once(chunk)
        if self._sift is not None:
            every = chunk.rows
            chunk = chunk.sifted(self._sift)
            self._filtered += every - chunk.rows
        columns = self._shape.learn(chunk)
        if not self._sound or not chunk.rows:
            return
        writer = self._open()
        if writer.schema != self._shape.schema:
            self._sound = False
            return
        writer.write(self._shape.table(columns))
        # Who looks for leftovers sees that somebody is at work.
        os.utime(self.folder)

    def _rewind(self) -> None:
        """Begin anew, with all that is known of columns and keys."""
        if self._writer is not None:
            self._writer.abandon()
        self._writer, self._sound, self._first, self._filtered = None, True, False, 0

    def _open(self) -> TableWriter:
        if self._writer is None:
            self._writer = TableWriter(self.folder, schema=self._shape.schema, bounds=self._bounds)
            load()
        return self._writer


def nothing_came(of: str, gaps: Sequence[Gap] = (), *, filtered: int = 0) -> UpstreamError:
    """No record came for a table without named columns; `gaps` are the requests that would have brought some.

    `filtered`: so many came, and are none that the resource's `where` asks for.
    """
    if filtered:
        message = f"{of}: {plural(filtered, 'record')} came, and where leaves all of them out."
        return UpstreamError(message, hint='Look at "where" in the source\'s definition.')
    if gaps:
        first, more = gaps[0], len(gaps) - 1
        others = f", and {plural(more, 'request')} more got none" if more else ""
        return UpstreamError(f"{of}: no record came. {first.key}: {first.reason.rstrip('.')}{others}.")
    message = f"{of}: no record came, so it is not known which columns there are."
    hint = "Name the columns in the source's definition, or collect when there are records."
    return UpstreamError(message, hint=hint)
