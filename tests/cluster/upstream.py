"""An API with one key and one limit, in a process of its own: takes limit, window and seed, gives pages, tells all.

GET /<letter>/?page=N    a page of a collection, after 20 to 200 ms, or 429; counted at a random moment of these
GET /_told               {"requests": [[seconds since 1970, path with query, status]]}, when each was counted
GET /_hold?on=1          from now on answers are held back once they are counted; on=0 lets them go
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self

from aiohttp import web

from bench.limiters import sliding_log

KEY, VARIABLE = "k3y-of-the-cluster", "LIMITED_API_KEY"
QUICKEST, SLOWEST = 0.02, 0.2
"""Seconds that an answer takes."""
SIZE = 20
"""Records of a page."""
LETTERS = "abcdefghijklmnop"
"""Names of the collections."""
DEFINITION = """
ladle = 1
name = "limited"
base_url = "{url}"
quota = "{limit} per {window:g} seconds"
pace = "fast"
auth = {{ header = "X-Key", env = "{key}" }}
"""
COLLECTION = """
[resources.{letter}]
path = "{letter}/"
records = "results"
count = "count"
key = "id"
paging = "page"
page_size = {size}
[datasets.{letter}]
resource = "{letter}"
columns = ["id", "name", "weight", "seen"]
"""


class Asked(NamedTuple):
    """A request as the API saw it."""

    at: float
    """When it was counted, in seconds since 1970."""
    target: str
    """Path and query."""
    status: int


def pages_of(letter: str, pages: int) -> int:
    """How many there are of a collection: they differ, so that not all runs come to their ends at once."""
    return max(1, pages * (LETTERS.index(letter) % 8 + 4) // 8)


def record(letter: str, number: int) -> dict[str, object]:
    """One of a collection's: its weight is a fraction for some, and unknown for others."""
    weight: object = None if number % 7 == 0 else number / 4 if number % 5 == 0 else number
    seen = f"2026-0{number % 9 + 1}-1{number % 10}T0{number % 10}:00:00Z"
    return {"id": number, "name": f"{letter} {number}", "weight": weight, "seen": seen}


def page(letter: str, number: int, *, pages: int) -> dict[str, object]:
    """A page of a collection."""
    first = (number - 1) * SIZE
    return {"count": pages * SIZE, "results": [record(letter, first + n + 1) for n in range(SIZE)]}


class Api:
    """The API itself."""

    def __init__(self, *, limit: int, window: float, pages: int, seed: int, slowest: float) -> None:
        self._slowest = slowest
        self._let_through = sliding_log(limit, window)
        self._pages, self._chance = pages, Random(seed)
        self._asked: list[Asked] = []
        self._flying: list[str] = []
        self._free = asyncio.Event()
        self._free.set()

    def app(self) -> web.Application:
        """Its routes."""
        made = web.Application()
        made.router.add_get("/_told", self._tell)
        made.router.add_get("/_hold", self._hold)
        made.router.add_get("/{letter}/", self._page)
        return made

    async def _page(self, request: web.Request) -> web.Response:
        self._flying.append(request.raw_path)
        try:
            return await self._answer(request)
        finally:
            self._flying.remove(request.raw_path)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Key") != KEY:
            return web.json_response({"detail": "no such key"}, status=401)
        whole, share = self._chance.uniform(min(QUICKEST, self._slowest), self._slowest), self._chance.random()
        await asyncio.sleep(whole * share)
        status = 200 if self._let_through(time.monotonic()) else 429
        self._asked.append(Asked(time.time(), request.raw_path, status))
        await asyncio.sleep(whole * (1 - share))
        await self._free.wait()
        letter, number = request.match_info["letter"], int(request.query.get("page", "1"))
        pages = pages_of(letter, self._pages)
        if status == 429:
            return web.json_response({"detail": "Too many requests"}, status=429)
        if not 1 <= number <= pages:
            return web.json_response({"detail": "Not found"}, status=404)
        return web.json_response(page(letter, number, pages=pages))

    async def _tell(self, request: web.Request) -> web.Response:
        return web.json_response({"requests": self._asked, "flying": self._flying})

    async def _hold(self, request: web.Request) -> web.Response:
        if request.query["on"] == "1":
            self._free.clear()
        else:
            self._free.set()
        return web.json_response({})


class Upstream:
    """That process, seen from a test, for a `with` block."""

    def __init__(self, *, limit: int, window: float, pages: int, seed: int = 1, slowest: float = SLOWEST) -> None:
        self.limit, self.window, self.pages = limit, window, pages
        words = [str(each) for each in (limit, window, pages, seed, slowest)]
        self._command = (sys.executable, "-m", "tests.cluster.upstream", *words)

    def __enter__(self) -> Self:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(self._command, env=env, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def asked(self) -> list[Asked]:
        """All requests that were counted, in their order."""
        return [Asked(*each) for each in self._ask("_told")["requests"]]

    def flying(self) -> list[str]:
        """Path and query of those that are not answered yet."""
        return list(self._ask("_told")["flying"])

    def hold(self) -> None:
        """Requests are counted and not answered."""
        self._ask("_hold?on=1")

    def let_go(self) -> None:
        """They are answered."""
        self._ask("_hold?on=0")

    def definition(self, path: Path, *, quota: bool = True) -> Path:
        """Write the source down: all datasets, one key, one quota."""
        text = DEFINITION.format(url=self.url, limit=self.limit, window=self.window, key=VARIABLE)
        if not quota:
            text = "\n".join(line for line in text.splitlines() if not line.startswith("quota"))
        path.write_text(text + "".join(COLLECTION.format(letter=each, size=SIZE) for each in LETTERS))
        return path

    @property
    def settings(self) -> dict[str, str]:
        """What lets a site collect from here."""
        return {VARIABLE: KEY, "LADLE_ALLOW_ENV": VARIABLE, "LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}

    def _ask(self, target: str) -> Any:
        with urllib.request.urlopen(self.url + target, timeout=60) as answer:
            return json.load(answer)


async def serve(api: Api) -> None:
    """Until it is killed."""
    runner = web.AppRunner(api.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def main(limit: str, window: str, pages: str, seed: str, slowest: str) -> None:
    """The process."""
    await serve(Api(limit=int(limit), window=float(window), pages=int(pages), seed=int(seed), slowest=float(slowest)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
