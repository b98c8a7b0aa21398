"""`make stack`: takes a folder, starts all of it as processes, and goes the seeds' ways over HTTP."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import ladle
from ladle.demo.serve import Replicas, start_replicas
from tests.server.site import SECONDS, until
from tests.servers.postgres import programs
from tests.servers.process import free_port

ROOT = Path(__file__).parents[2]
FLOWER = "operator:a-password-of-mine"
KEY = "a-key-of-mine"
PEOPLE = "swapi/people"
CITIES = Path(ladle.__file__).parent / "sources" / "builtin" / "cities.csv"


@dataclass(frozen=True, slots=True)
class Running:
    """One stack, with a browser's jar of cookies."""

    process: subprocess.Popen[str]
    site: str
    flower: str
    jar: CookieJar

    def ask(self, url: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of an answer, after redirects."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            with opener.open(urllib.request.Request(url, body, told), timeout=SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def json(self, path: str) -> Any:
        """The site's answer."""
        return json.loads(self.ask(self.site + path)[1])


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with start_replicas(keys=(KEY,)) as running:
        yield running


@pytest.fixture(scope="module")
def stack(replicas: Replicas) -> Iterator[Running]:
    """All of it on free ports, in a folder that PostgreSQL's user may enter; with three cities."""
    with tempfile.TemporaryDirectory(prefix="ladle-stack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        programs(folder)  # skips where there is no PostgreSQL
        (folder / "cities.csv").write_text("".join(CITIES.read_text("utf-8").splitlines(keepends=True)[:4]), "utf-8")
        env = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("LADLE_", "AWS_", "DATABASE"))
            },
            "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
            "LADLE_OPENWEATHER_BASE_URL": replicas.openweather_url,
            "OPENWEATHER_API_KEY": KEY,
            "OPENWEATHER_CITIES": str(folder / "cities.csv"),
            "FLOWER_BASIC_AUTH": FLOWER,
        }
        ports = [free_port(), free_port()]
        words = ("--folder", str(folder / "data"), "--port", str(ports[0]), "--flower-port", str(ports[1]))
        command = (sys.executable, "-m", "stack", *words)
        with (folder / "log").open("w+") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, text=True)
            running = Running(process, *(f"http://127.0.0.1:{port}" for port in ports), CookieJar())
            try:
                until(lambda: _alive(process, log.name) and running.ask(running.site + "/api/v1/runs")[0] == 200)
                until(lambda: running.ask(running.flower + "/healthcheck")[0] == 200)
                yield running
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(SECONDS)


def _alive(process: subprocess.Popen[str], log: str) -> bool:
    assert process.poll() is None, Path(log).read_text()
    return True


def test_a_collection_request_is_collected_by_a_worker_and_shown_by_flower(stack: Running) -> None:
    body, kind = json.dumps({"id": 1}).encode(), {"Content_Type": "application/json"}
    status, told = stack.ask(f"{stack.site}/collection-request/", body, **kind)
    assert (status, json.loads(told)) == (201, {"value": "OK"})
    assert stack.json("/collection-request/1/progress") == {"result": 1.0}
    assert len(stack.json("/collection-request/1")["city_weather_info"]) == 3
    run = stack.json("/collection-request/")["results"][0]["run"]
    assert stack.ask(f"{stack.flower}/api/tasks")[0] == 401
    mine = {"Authorization": "Basic " + base64.b64encode(FLOWER.encode()).decode()}
    tasks = until(lambda: _done(stack, run, mine))
    assert tasks[0]["name"] == "ladle.drive"


def _done(stack: Running, run: str, mine: dict[str, str]) -> list[Any]:
    status, told = stack.ask(f"{stack.flower}/api/tasks", **mine)
    assert status == 200
    return [task for task in json.loads(told).values() if run in task["args"] and task["state"] == "SUCCESS"]


def test_the_pages_button_collects_the_characters(stack: Running, replicas: Replicas) -> None:
    before = replicas.counts["swapi"].requests
    page = stack.ask(f"{stack.site}/")[1]
    form = re.search(rf'csrfmiddlewaretoken" value="(\w+)">[^>]*value="{PEOPLE}"', page)
    assert form
    sent = urlencode({"csrfmiddlewaretoken": form[1], "dataset": PEOPLE}).encode()
    assert stack.ask(f"{stack.site}/runs/", sent)[0] == 200
    taken = until(lambda: stack.json("/api/v1/snapshots?dataset=swapi/people")["results"])
    assert (taken[0]["rows"], taken[0]["complete"]) == (82, True)
    assert replicas.counts["swapi"].requests - before == 15
    assert "Luke Skywalker" in stack.ask(f"{stack.site}/snapshots/{taken[0]['id']}/")[1]


def test_nothing_of_it_is_left_when_it_is_ended(stack: Running) -> None:
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(SECONDS) == 0
    assert [stack.ask(url)[0] for url in (stack.site, stack.flower)] == [0, 0]
