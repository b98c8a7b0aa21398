"""How much a build holds at once and counts exactly: takes nothing, gives bounds that a caller may narrow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Rows and bytes; the files of a snapshot depend on them, so they are the same for every build of a home."""

    chunk_rows: int = 2_000
    """A chunk of records ends at so many, with a whole answer: as Python's values they take most of the memory."""
    chunk_bytes: int = 4 << 20
    """It also ends at this size of answers: as Python's values they take up to eight times as much."""
    group_rows: int = 100_000
    """A row group of the Parquet file ends with the chunk that brings it to so many rows."""
    group_bytes: int = 16 << 20
    """It also ends at this size of its columns: texts may be long."""
    wait_rows: int = 10_000
    """So many records wait in memory for an answer that comes before them in the table; more are read again later."""
    wait_bytes: int = 8 << 20
    """The same as a size of answers."""
    exact_rows: int = 1_000_000
    """Up to so many rows, the profile counts distinct values; above, DuckDB estimates them (within a few percent)."""
    few: int = 100_000
    """Above exact_rows, top values are found where a column has about so many distinct ones at most."""
    select_memory: int = 1 << 30
    """A dataset's SELECT works in so many bytes of memory; nothing of it is spilled."""
    select_seconds: int = 600
    """It is ended after so many seconds, of the clock or of a processor's time."""
    select_bytes: int = 4 << 30
    """Its result takes so many bytes, at most, before it becomes the table."""


BOUNDS = Bounds()
