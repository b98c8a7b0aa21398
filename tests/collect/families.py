"""An API that lists names, each record at an address of its own, as PokeAPI does: takes a number, gives runs of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ladle
from ladle.home import Home
from ladle.runs import queue
from ladle.sources.definition import parse
from ladle.sources.source import Source
from ladle.testing import Answer, Request, ScriptedApi, answer

TOP = 'ladle = 1\nname = "own"\ntitle = "Own"\nbase_url = "{url}api/"\nconcurrency = 4\n'
LIST = """
[resources.list]
path = "pokemon"
records = "results"
count = "count"
next = "next"
key = "name"
paging = "page"
page_size = 10
"""
DETAIL = """
[resources.pokemon]
path = "{path}"
each = {{ resource = "list", key = "{key}" }}
key = "id"
[datasets.pokemon]
resource = "pokemon"
columns = ["id", {{ name = "called", item = "name" }}, {{ name = "rank", item = "rank" }}, "weight"]
"""


class Pokemon:
    """So many records, listed in pages of ten by name and address; a test may change the list while it is read."""

    def __init__(self, number: int, *, address: Callable[[Request, int], str] | None = None) -> None:
        self.listed = list(range(1, number + 1))
        self.gone: dict[int, Answer] = {}
        """What is answered instead of a record."""
        self.asked: list[int] = []
        """Records in the order in which they were asked for."""
        self._address = address or (lambda request, n: f"http://{request.headers['Host']}/api/pokemon/{n}/")
        self.before: Callable[[int], None] = lambda page: None
        """Called with the page's number before it is cut from the list."""

    def __call__(self, request: Request) -> object:
        if request.path == "/api/pokemon":
            return self._page(request)
        number = int(request.path.strip("/").rpartition("/")[2])
        self.asked.append(number)
        return self.gone.get(number) or self.record(number)

    def record(self, number: int) -> dict[str, Any]:
        """What lies at a record's address."""
        return {"id": number, "weight": number / 4, "moves": [{"name": f"m{number}"}]}

    def _page(self, request: Request) -> object:
        page = int(request.query.get("page", "1"))
        self.before(page)
        part = self.listed[(page - 1) * 10 : page * 10]
        if page > 1 and not part:
            return answer({"detail": "Not found."}, status=404)
        more = f"/api/pokemon?page={page + 1}" if page * 10 < len(self.listed) else None
        results = [{"name": f"p{n}", "rank": n % 3, "url": self._address(request, n)} for n in part]
        return {"count": len(self.listed), "next": more, "results": results}


def source_of(api: ScriptedApi, text: str, *, lists: str = "") -> Source:
    """A source of the definition's resources and datasets."""
    return parse(TOP.format(url=api.url) + text, where="own.toml", lists=lambda *_: ("list.csv", lists))


def run_of(api: ScriptedApi, home: Path, text: str, *, dataset: str = "", lists: str = "") -> ladle.Run:
    """A run of its dataset, not begun."""
    own = source_of(api, text, lists=lists)
    wanted = own.datasets[dataset] if dataset else next(iter(own.datasets.values()))
    return queue(Home.open(home), own, wanted)


def definition(path: str = "{url}", key: str = "url") -> str:
    """List and detail."""
    return LIST + DETAIL.format(path=path, key=key)


def column(snapshot: ladle.Snapshot, name: str) -> Sequence[Any]:
    """All values of a column."""
    return [row[name] for row in snapshot.rows(limit=1000)]
