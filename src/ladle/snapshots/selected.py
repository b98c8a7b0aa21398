"""A dataset that is a SELECT: takes the run's journal, gives the table of its result and what its tables came to.

Each resource that the SELECT reads becomes a Parquet file below the unfinished folder, as if it were a dataset; the
SELECT is run on those, and its result becomes the table. What lies in between is gone before the snapshot appears.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.files import CSV, INDEX, PARQUET, TableWriter
from ladle.snapshots.gather import Part
from ladle.snapshots.reading import Reading
from ladle.snapshots.result import Result
from ladle.snapshots.selecting import select
from ladle.snapshots.table import Collected
from ladle.snapshots.weave import Loom, Woven, nothing_came
from ladle.sources.source import Dataset, Source

BETWEEN = ".tables"
RESULT = "result.arrow"
Watched = Callable[[Iterable[Part]], Iterator[Part]]


@dataclass(frozen=True, slots=True)
class Read:
    """One of the SELECT's tables, and what was met on the way through its answers."""

    resource: str
    collected: Collected
    woven: Woven


def tables_of(dataset: Dataset) -> tuple[str, ...]:
    """The resources that a dataset's SELECT reads, its own first."""
    return tuple(dict.fromkeys((dataset.resource, *dataset.tables)))


def table_of(dataset: Dataset, resource: str) -> Dataset:
    """The table of one resource as a dataset: its own has the columns, any other all of its fields."""
    if resource == dataset.resource:
        return replace(dataset, sql=None, tables=())
    return Dataset(name=resource, title=resource, resource=resource, flatten=dataset.flatten)


def weave_selected(
    folder: Path,
    journal: Path,
    *,
    source: Source,
    dataset: Dataset,
    base_url: str,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
    watched: Watched = iter,
) -> tuple[Woven, tuple[Read, ...]]:
    """The table's files in `folder`, and the tables that it was made of, the dataset's own first.

    `watched` goes along with the answers that are read, and `wanted` is called now and then; what they raise ends it.
    Raises BadInput or UpstreamError where the SELECT can't be run, UpstreamError where a table has no columns.
    """
    between = folder / BETWEEN
    of = f"{source.name}/{dataset.name}"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, between, ignore_errors=True)
        read, files = [], {}
        for resource in tables_of(dataset):
            table = table_of(dataset, resource)
            reading = Reading(journal, source=source, dataset=table, base_url=base_url)
            loom = stack.enter_context(_loom(between / resource, reading=reading, table=table, bounds=bounds))
            woven = loom.finish(watched(reading.parts()), again=lambda reading=reading: watched(reading.parts()))  # type: ignore[misc]
            if woven is None:
                raise nothing_came(f'{of}, table "{resource}"')
            for unneeded in (CSV, INDEX):
                (loom.folder / unneeded).unlink()
            read.append(Read(resource, reading.collected, woven))
            files[resource] = loom.folder / PARQUET
        result = between / RESULT
        select(dataset.sql or "", tables=files, into=result, of=of, bounds=bounds, wanted=wanted)
        return _woven(folder, result, own=read[0].woven, bounds=bounds, wanted=wanted), tuple(read)


def _loom(final: Path, *, reading: Reading, table: Dataset, bounds: Bounds) -> Loom:
    collected = reading.collected
    return Loom(final, dataset=table, resource=collected.resource, names=collected.names, bounds=bounds)


def _woven(folder: Path, result: Path, *, own: Woven, bounds: Bounds, wanted: Callable[[], None]) -> Woven:
    found = Result(result)
    writer = TableWriter(folder, schema=found.schema, bounds=bounds)
    try:
        for table in found.tables():
            wanted()
            writer.write(table)
        files = writer.close()
    except BaseException:
        writer.abandon()
        raise
    return replace(own, rows=writer.rows, columns=found.columns, files=files)
