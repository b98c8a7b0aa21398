"""Polars: takes a table's Parquet file, answers lazily, so that each question reads the columns that it needs."""

from __future__ import annotations

from typing import Any

import polars as pl

from bench.explore.stations import Table


class ByPolars:
    """A lazy frame."""

    def __init__(self, table: Table) -> None:
        self._frame = pl.scan_parquet(table.parquet)

    def size(self) -> tuple[int, int]:
        """From the file's footer."""
        return self._frame.select(pl.len()).collect().item(), len(self._frame.collect_schema())

    def page(self, offset: int) -> list[int]:
        """By slice."""
        return [row["id"] for row in self._frame.slice(offset, 10).collect().to_dicts()]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """Largest first."""
        return self._counted(*columns).sort("n", descending=True).collect(engine="streaming").rows()

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """All grouped, ten told."""
        found = self._counted(*columns).collect(engine="streaming")
        return found.height, found["n"].top_k(10).sort(descending=True).to_list()

    def top(self, world: str) -> list[float]:
        """Filtered, then the ten largest."""
        kept = self._frame.filter((pl.col("world") == world) & pl.col("active")).top_k(10, by="mass")
        return kept.collect(engine="streaming")["mass"].sort(descending=True).to_list()

    def sorted_page(self, offset: int) -> list[float]:
        """The places of rows sorted by mass, then ten rows: sorting whole rows takes all the memory there is."""
        order = self._frame.select("mass").with_row_index("place").sort("mass", descending=True)
        places = order.slice(offset, 10).collect(engine="streaming")["place"].to_list()
        rows = pl.concat([self._frame.slice(place, 1) for place in places]).collect()
        return rows["mass"].to_list()

    def profile(self) -> int:
        """describe(), which reads the whole table."""
        return len(self._frame.describe().columns) - 1

    def _counted(self, *columns: str) -> pl.LazyFrame:
        return self._frame.group_by(*columns).agg(n=pl.len())


def opened(table: Table, _how: str) -> ByPolars:
    """Nothing is read yet."""
    return ByPolars(table)
