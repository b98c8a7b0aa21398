"""Rows and counts beside bare DuckDB and petl: takes a snapshot, gives how many times as long each peer takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import duckdb
import petl

from ladle.explore.snapshot import Snapshot

COLUMNS = ("day", "world")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing done by Ladle and by a peer, in seconds (the median of several times)."""

    what: str
    peer: str
    ladle: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as long the peer takes."""
        return self.theirs / self.ladle


def results(snapshot: Snapshot, *, times: int = 7) -> Iterator[Result]:
    """Every comparison. Both sides are first seen to give the same answer."""
    for depth in (0, snapshot.manifest.rows - 10):
        yield from _rows(snapshot, depth=depth, times=times)
    yield from _counts(snapshot, times=times)


def _rows(snapshot: Snapshot, *, depth: int, times: int) -> Iterator[Result]:
    """Ten rows from the start and from the end: by the index, and by reading up to them."""
    csv, parquet, database = str(snapshot.path("csv")), str(snapshot.path("parquet")), duckdb.connect()

    def by_duckdb(table: str) -> Callable[[], list[int]]:
        statement = f"SELECT * FROM {table} LIMIT 10 OFFSET {depth}"
        return lambda: [row[0] for row in database.execute(statement).fetchall()]

    peers = {
        "DuckDB on the CSV": by_duckdb(f"read_csv('{csv}')"),
        "DuckDB on the Parquet": by_duckdb(f"read_parquet('{parquet}')"),
        "petl": lambda: [int(row[0]) for row in petl.data(petl.rowslice(petl.fromcsv(csv), depth, depth + 10))],
    }
    yield from _beside(
        f"ten rows from row {depth:,}",
        lambda: [row["id"] for row in snapshot.rows(offset=depth, limit=10)],
        peers,
        times=times,
    )


def _counts(snapshot: Snapshot, *, times: int) -> Iterator[Result]:
    """The combinations of two columns with their counts, largest first."""
    csv, parquet, database = str(snapshot.path("csv")), str(snapshot.path("parquet")), duckdb.connect()
    statement = f"SELECT {', '.join(COLUMNS)}, count(*) FROM read_parquet('{parquet}') GROUP BY ALL ORDER BY 3 DESC"
    peers: dict[str, Callable[[], list[int]]] = {
        "DuckDB on the Parquet": lambda: [row[-1] for row in database.execute(statement).fetchall()],
        "petl": lambda: [row[2] for row in petl.data(petl.valuecounts(petl.fromcsv(csv), *COLUMNS))],
    }
    yield from _beside(
        f"counts by {' and '.join(COLUMNS)}",
        lambda: [row.count for row in snapshot.count(*COLUMNS).rows],
        peers,
        times=times,
    )


def _beside(
    what: str, ladle: Callable[[], object], peers: dict[str, Callable[[], list[int]]], *, times: int
) -> Iterator[Result]:
    """Ladle against each peer in turn, after one call of both that isn't counted."""
    for peer, theirs in peers.items():
        assert ladle() == theirs(), f"{what}: Ladle and {peer} differ"
        mine, others = [], []
        for _ in range(times):
            # By turns, so that whatever else the machine does falls on both.
            mine.append(_seconds(ladle))
            others.append(_seconds(theirs))
        yield Result(what=what, peer=peer, ladle=median(mine), theirs=median(others))


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
