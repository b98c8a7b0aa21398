"""pandas: takes a table's CSV or Parquet file, reads it whole, answers from memory."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.explore.stations import Table


class ByPandas:
    """A frame."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def size(self) -> tuple[int, int]:
        """Of the frame."""
        return self._frame.shape

    def page(self, offset: int) -> list[int]:
        """By iloc."""
        return [row["id"] for row in self._frame.iloc[offset : offset + 10].to_dict("records")]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """value_counts."""
        found = self._frame.value_counts(list(columns))
        return [(*values, int(count)) for values, count in zip(found.index, found, strict=True)]

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """value_counts."""
        found = self._frame.value_counts(list(columns))
        return len(found), [int(count) for count in found.head(10)]

    def top(self, world: str) -> list[float]:
        """A mask, then nlargest."""
        kept = self._frame[(self._frame["world"] == world) & self._frame["active"]]
        return kept.nlargest(10, "mass")["mass"].tolist()

    def sorted_page(self, offset: int) -> list[float]:
        """The order of the one column, then those ten rows."""
        order = self._frame["mass"].sort_values(ascending=False, kind="stable").index[offset : offset + 10]
        return self._frame.loc[order]["mass"].tolist()

    def profile(self) -> int:
        """describe(include="all")."""
        return len(self._frame.describe(include="all").columns)


def opened(table: Table, how: str) -> ByPandas:
    """The file read whole; of a CSV only an empty cell is missing, since "n/a" is one of the colours."""
    if how == "csv":
        return ByPandas(pd.read_csv(table.csv, keep_default_na=False, na_values=[""]))
    return ByPandas(pd.read_parquet(table.parquet))
