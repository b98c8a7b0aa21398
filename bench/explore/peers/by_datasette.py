"""Datasette: takes the table in an SQLite file, starts `datasette serve`, answers by its JSON, as it comes or tuned.

Rows deep in the table come by its own `_next`, which goes on behind a key; a key here is the row's number.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from bench.explore.servers import Client, serving_datasette
from bench.explore.stations import Table


class ByDatasette:
    """A server's client."""

    def __init__(self, client: Client, place: str, *, tuned: bool) -> None:
        self._client, self._place = client, place
        self._quickly = {"_nocount": 1, "_shape": "array"} if tuned else {"_shape": "objects"}

    def size(self) -> tuple[int, int]:
        """The page of the table, which counts."""
        found = self._client.get(f"{self._place}/stations.json?_size=0")
        return found["filtered_table_rows_count"], len(found["columns"])

    def page(self, offset: int) -> list[int]:
        """Behind the key before."""
        return [row["id"] for row in self._rows({"_next": offset - 1} if offset else {})]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """Its SQL: facets count one column, and the largest values of it only."""
        by = ", ".join(columns)
        return self._selected(f"select {by}, count(*) as n from stations group by {by} order by n desc")

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """Its SQL, both in one statement."""
        by = ", ".join(columns)
        grouped = f"with g as materialized (select count(*) as n from stations group by {by})"
        found = self._selected(f"{grouped} select n, (select count(*) from g) from g order by n desc limit 10")
        return found[0][1], [row[0] for row in found]

    def top(self, world: str) -> list[float]:
        """Filters and a sort."""
        return [row["mass"] for row in self._rows({"world": world, "active": 1, "_sort_desc": "mass"})]

    def sorted_page(self, offset: int) -> list[float]:
        """Its SQL: a sorted page by `_next` needs the page before."""
        statement = f"select * from stations order by mass desc limit 10 offset {offset}"
        return [row[2] for row in self._selected(statement)]

    def profile(self) -> int:
        """It has none."""
        raise LookupError("no profile")

    def _rows(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        query = {"_size": 10, **self._quickly, **query}
        found = self._client.get(f"{self._place}/stations.json?{urlencode(query)}")
        rows: list[dict[str, Any]] = found["rows"] if isinstance(found, dict) else found
        return rows

    def _selected(self, statement: str) -> list[tuple[Any, ...]]:
        query = {"sql": statement, "_shape": "arrays"}
        return [tuple(row) for row in self._client.get(f"{self._place}.json?{urlencode(query)}")["rows"]]


def opened(table: Table, how: str) -> ByDatasette:
    """A server started, which ends with this process."""
    kept = ExitStack()
    atexit.register(kept.close)
    server = kept.enter_context(serving_datasette(table, tuned=how == "tuned"))
    return ByDatasette(Client(server.port), server.place, tuned=how == "tuned")
