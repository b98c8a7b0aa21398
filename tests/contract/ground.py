"""What the API is tried on: takes a folder and as whom, gives a real site with some of everything in it.

What can be removed is there often, and under numbers of its own: an operation that removes it is given those, and
leaves the others what they need.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import ladle
from ladle.demo.serve import start_replicas
from ladle.testing import ScriptedApi, answer
from tests import apis
from tests.contract.config import Words
from tests.contract.kinds import Asker
from tests.contract.watched import UNDER_WAY
from tests.server.cities import Cities
from tests.server.site import Site
from tests.slow_question import WHERE, slow_table

LASTING = 3
"""Of each thing that operations need, and none removes."""
GONE = "20260101-000000-000000"
"""A name that leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A site, and names of what is there."""

    site: Site
    known: Words
    """By what the configuration calls them, values that lead somewhere."""
    headers: Mapping[str, Mapping[str, str]]
    """By kind of people, how they say who they are."""
    slow: str
    """The address of rows that take minutes; empty for none."""

    @property
    def url(self) -> str:
        """Where the site is found, without a slash at its end."""
        return f"http://127.0.0.1:{self.site.port}"


@contextmanager
def ground(folder: Path, *, asker: Asker, doomed: int, slow: bool = True) -> Iterator[Ground]:
    """A site of its own on loopback, whose sources and receivers are there too; `doomed` of what can be removed.

    Without `slow` no question takes so long that somebody could stop it.
    """
    with ExitStack() as parts:
        replicas, cities = parts.enter_context(start_replicas()), parts.enter_context(Cities())
        receiver = parts.enter_context(ScriptedApi({"*": answer(b"")}))
        lacking = parts.enter_context(apis.swapi(people3=answer("", status=410)))
        home = ladle.Home.open(folder / "home")
        made = _made(home, replicas.swapi_url, lacking, doomed=doomed)
        made["snapshots"] += [*made["incomplete"], *_imported(home, folder)]
        question = _question(slow_table(folder)) if slow else ""
        settings = {
            "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
            "LADLE_SWAPI_QUOTA": "none",
            "LADLE_ALLOW_ADDRESSES": "127.0.0.0/8",
            "LADLE_ANSWER_SECONDS": "0.1",
            **cities.settings(folder),
            **asker.settings,
        }
        site = parts.enter_context(Site(home.path, log=folder / "log", **settings))
        headers = _people(site) if asker.login else {}
        boss = _Boss(site, headers.get("staff", {}))
        known = _known(boss, receiver.url, doomed) | made | _sources(boss, replicas.swapi_url, doomed)
        url = f"http://127.0.0.1:{site.port}"
        yield Ground(site=site, known=known, headers=headers, slow=f"{url}{question}" if question else "")


class _Boss:
    """Whoever may do everything."""

    def __init__(self, site: Site, headers: Mapping[str, str]) -> None:
        self._site, self._headers = site, headers

    def get(self, path: str) -> Any:
        return self._site.get(path, **self._headers).json

    def post(self, path: str, value: object) -> Any:
        answer = self._site.post(path, value, **self._headers)
        assert answer.status in (201, 202), answer
        return answer.json


def _made(home: ladle.Home, swapi: str, lacking: ScriptedApi, *, doomed: int) -> dict[str, list[str | int]]:
    """Snapshots, an incomplete run that can be tried again, and runs that nobody drives: they can be stopped."""
    taken = [ladle.collect("swapi/people", home=home, base_url=swapi).id for _ in range(2)]
    incomplete = apis.collected(lacking, home.path).run
    stopped = [ladle.start(home, "swapi/people", base_url=swapi).id for _ in range(doomed)]
    return {"snapshots": [*taken], "runs": [*taken, *stopped[:1]], "incomplete": [incomplete], "standing": [*stopped]}


def _imported(home: ladle.Home, folder: Path) -> Iterator[str]:
    """Tables of no API: one that is odd in its names and its values, and one without a row."""
    for name, text in (
        ("odd", 'name,_sort,"a b"\nLuke,"=1+1",\n"<i>é</i>",1e400,"two\nlines"\n'),
        ("nobody", "name\n"),
    ):
        (folder / f"{name}.csv").write_text(text)
        yield ladle.import_file(folder / f"{name}.csv", home=home).id


def _question(table: ladle.Snapshot) -> str:
    return f"/api/v1/snapshots/{table.id}/rows?{urlencode(WHERE)}"


def _known(boss: _Boss, receiver: str, doomed: int) -> dict[str, list[str | int]]:
    """Some of everything; the lists are asked for once, so that the site has found what the command line made."""
    assert boss.get("/api/v1/runs")["count"]
    assert boss.get("/api/v1/snapshots")["count"]
    schedule = {"dataset": "swapi/people", "cron": "0 0 29 2 *"}
    schedules = [boss.post("/api/v1/schedules", schedule)["id"] for _ in range(doomed + LASTING)]
    hook = {"url": f"{receiver}hook"}
    hooks = [boss.post("/api/v1/webhooks", hook)["id"] for _ in range(doomed + LASTING)]
    lasting = hooks[doomed:]
    tests = [boss.post(f"/api/v1/webhooks/{each}/test", None)["id"] for each in lasting[:1]]
    boss.post("/collection-request", {"id": 7})
    return {
        "schedules": schedules[doomed:],
        "doomed-schedules": schedules[:doomed],
        "webhooks": lasting,
        "doomed-webhooks": hooks[:doomed],
        "told": lasting[:1],
        "deliveries": tests,
        "urls": [f"{receiver}hook"],
        "questions": [UNDER_WAY],
    }


def _sources(boss: _Boss, swapi: str, doomed: int) -> dict[str, list[str | int]]:
    """Sources of one's own: one that stays, and others that may go."""
    text = ladle.source("swapi").text.replace('"https://swapi.dev/api/"', json.dumps(swapi))
    texts = {name: text.replace('"swapi"', json.dumps(name), 1) for name in (f"own{each}" for each in range(doomed))}
    for each in texts.values():
        boss.post("/api/v1/sources", {"definition": each})
    return {"doomed-sources": [*texts], "definitions": [*texts.values()], "pages": [f"{swapi}people/"]}


def _people(site: Site) -> dict[str, dict[str, str]]:
    command = (sys.executable, "-m", "tests.contract.people")
    done = subprocess.run(command, env=site.env | {"LADLE_HOME": site.home}, stdout=subprocess.PIPE, check=True)
    told: dict[str, dict[str, str]] = json.loads(done.stdout)
    return told
