"""Ladle: takes a table's snapshot, answers by the library as a script would."""

from __future__ import annotations

from typing import Any

import ladle
from bench.explore.stations import Table

HEAVIEST = (ladle.Sort("mass", descending=True),)


class ByLadle:
    """A snapshot."""

    def __init__(self, table: Table) -> None:
        self._snapshot = ladle.snapshot(table.dataset, home=table.home)

    def size(self) -> tuple[int, int]:
        """From the manifest."""
        return len(self._snapshot), len(self._snapshot.columns)

    def page(self, offset: int) -> list[int]:
        """By the index."""
        return [row["id"] for row in self._snapshot.rows(offset=offset, limit=10)]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """All of them."""
        return [(*row.values, row.count) for row in self._snapshot.count(*columns).rows]

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """The first ten, with their number."""
        found = self._snapshot.count(*columns, limit=10)
        return found.combinations, [row.count for row in found.rows]

    def top(self, world: str) -> list[float]:
        """A view's first page."""
        filters = (ladle.Filter("world", value=world), ladle.Filter("active", value=True))
        return self._masses(ladle.View(filters=filters, sort=HEAVIEST), offset=0)

    def sorted_page(self, offset: int) -> list[float]:
        """A view's page: the first builds the order, any other reads it."""
        return self._masses(ladle.View(sort=HEAVIEST), offset=offset)

    def profile(self) -> int:
        """As it was made when the table was built."""
        return len(self._snapshot.profile()["columns"])

    def _masses(self, view: ladle.View, *, offset: int) -> list[float]:
        return [row["mass"] for row in self._snapshot.rows(offset=offset, limit=10, view=view)]


def opened(table: Table, _how: str) -> ByLadle:
    """The snapshot's manifest read."""
    return ByLadle(table)
