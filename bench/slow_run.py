"""A site with a run that goes on and on: takes a table, gives `ladle serve` on its home, and the run's id.

An API on loopback has pages without end, ten requests a second; OpenWeatherMap is its replica, with its real limit of
60 a minute, so that two hundred collections wait for hours.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Asked
from urllib.request import urlopen

import ladle
from bench.explore.servers import Server, serving_ladle
from bench.explore.stations import Table
from ladle.demo import KEY, start_replicas
from ladle.testing import Answer, Request, ScriptedApi, answer

DEFINITION = Path(__file__).with_name("people.toml")
NAME = "slow"
PAGES = 100_000


@contextmanager
def slow_site(table: Table) -> Iterator[tuple[Server, str]]:
    """The site, and the id of the run, whose first answers are there."""
    with ScriptedApi({"/people": _page}) as api, start_replicas(keys=(KEY,)) as replicas:
        text = DEFINITION.read_text("utf-8").replace("http://127.0.0.1:8099/10x10000/", api.url)
        text = text.replace("concurrency = 8", 'quota = "10 per second"\npace = "fast"')
        ladle.add_source(text.replace('name = "bench"', f'name = "{NAME}"'), home=table.home)
        os.environ["LADLE_OPENWEATHER_BASE_URL"] = replicas.openweather_url
        os.environ["OPENWEATHER_API_KEY"] = KEY
        with serving_ladle(table) as server:
            yield server, _started(server)


def wait_for_request(server: Server, number: int) -> None:
    """Until a collection request is known; 0: there is none."""
    while number and not _is_known(server, number):
        time.sleep(0.1)


def _page(request: Request) -> Answer:
    number = int(request.query.get("page", "1"))
    people = [{"id": number * 10 + each, "name": f"Luke Skywalker {number}"} for each in range(10)]
    following = f"{request.path}?page={number + 1}" if number < PAGES else None
    return answer({"count": PAGES * 10, "next": following, "previous": None, "results": people})


def _started(server: Server) -> str:
    run = str(_told(server, "/api/v1/runs", {"dataset": f"{NAME}/people"})["id"])
    while _told(server, f"/api/v1/runs/{run}")["progress"]["done"] < 2:
        time.sleep(0.1)
    return run


def _is_known(server: Server, number: int) -> bool:
    try:
        _told(server, f"/collection-request/{number}/progress")
    except HTTPError:
        return False
    return True


def _told(server: Server, path: str, body: object = None) -> Any:
    data = json.dumps(body).encode() if body else None
    asked = Asked(f"http://127.0.0.1:{server.port}{path}", data, {"Content-Type": "application/json"})
    with urlopen(asked) as answered:  # noqa: S310 - as above
        return json.load(answered)
