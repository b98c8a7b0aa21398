"""Ladle over HTTP: takes a table's snapshot, starts `ladle serve`, answers by its API."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from bench.explore.servers import Client, serving_ladle
from bench.explore.stations import Table


class ByLadleHttp:
    """A server's client."""

    def __init__(self, client: Client, place: str) -> None:
        self._client, self._place = client, place

    def size(self) -> tuple[int, int]:
        """The manifest."""
        told = self._client.get(self._place)
        return told["rows"], len(told["columns"])

    def page(self, offset: int) -> list[int]:
        """A page of ten."""
        return [row["id"] for row in self._got("rows", [("_offset", offset)])["results"]]

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """The first thousand, which are all."""
        found = self._got("counts", [*(("by", name) for name in columns), ("_limit", 1000)])["results"]
        return [(*row["values"].values(), row["count"]) for row in found]

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """The first ten."""
        found = self._got("counts", [("by", name) for name in columns])
        return found["count"], [row["count"] for row in found["results"]]

    def top(self, world: str) -> list[float]:
        """A view's first page."""
        return self._masses([("world", world), ("active", "true"), ("_sort", "-mass")])

    def sorted_page(self, offset: int) -> list[float]:
        """A view's page."""
        return self._masses([("_sort", "-mass"), ("_offset", offset)])

    def profile(self) -> int:
        """As it was made when the table was built."""
        return len(self._got("profile", [])["columns"])

    def _masses(self, query: list[tuple[str, Any]]) -> list[float]:
        return [row["mass"] for row in self._got("rows", query)["results"]]

    def _got(self, what: str, query: list[tuple[str, Any]]) -> Any:
        return self._client.get(f"{self._place}/{what}" + (f"?{urlencode(query)}" if query else ""))


def opened(table: Table, _how: str) -> ByLadleHttp:
    """A server started, which ends with this process."""
    kept = ExitStack()
    atexit.register(kept.close)
    server = kept.enter_context(serving_ladle(table))
    return ByLadleHttp(Client(server.port), f"/api/v1/{server.place}")
