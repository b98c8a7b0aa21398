"""petl: takes a table's CSV file, answers row by row as it is read."""

from __future__ import annotations

from typing import Any

import petl

from bench.explore.stations import Table

NUMBERS = ("mass", "height", "latitude", "longitude", "level", "temperature", "humidity", "code")


class ByPetl:
    """A table of petl, whose cells are texts."""

    def __init__(self, table: Table) -> None:
        self._table = petl.fromcsv(str(table.csv), encoding="utf-8")

    def size(self) -> tuple[int, int]:
        """Gone through once."""
        return petl.nrows(self._table), len(petl.header(self._table))

    def page(self, offset: int) -> list[int]:
        """rowslice."""
        return [int(row[0]) for row in petl.data(petl.rowslice(self._table, offset, offset + 10))]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """valuecounts: largest first."""
        return [(*row[:-2], row[-2]) for row in petl.data(petl.valuecounts(self._table, *columns))]

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """The same, shortened."""
        found = self.counts(*columns)
        return len(found), [row[-1] for row in found[:10]]

    def top(self, world: str) -> list[float]:
        """Selected, converted, sorted."""
        kept = petl.select(self._table, lambda row: row["world"] == world and row["active"] == "true")
        return self._heaviest(kept, 0)

    def sorted_page(self, offset: int) -> list[float]:
        """Sorted on disk, whole rows."""
        return self._heaviest(self._table, offset)

    def profile(self) -> int:
        """stats() of the eight columns of numbers; it has nothing that looks at all columns."""
        return len([petl.stats(self._table, name) for name in NUMBERS])

    def _heaviest(self, table: Any, offset: int) -> list[float]:
        ordered = petl.sort(petl.convertnumbers(petl.cut(table, "id", "mass")), "mass", reverse=True)
        return [float(row[1]) for row in petl.data(petl.rowslice(ordered, offset, offset + 10))]


def opened(table: Table, _how: str) -> ByPetl:
    """Nothing is read yet."""
    return ByPetl(table)
