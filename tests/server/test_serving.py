"""The server as a process: ports, ends, kill -9, wrong keys; with its worker, from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.processes import alive, children, command_of, running
from tests.server.cities import IDS, KEY, Cities, row
from tests.server.site import SECONDS, Site, until
from tests.servers import stack


@pytest.fixture
def cities() -> Iterator[Cities]:
    with Cities() as api:
        yield api


def test_a_port_in_use_is_said_with_exit_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = (sys.executable, "-m", "ladle_server", "--port", port, "--home", str(tmp_path))
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.own_worker
def test_the_server_ends_with_exit_code_0_and_takes_its_worker_along(tmp_path: Path, cities: Cities) -> None:
    cities.held = set(IDS)
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        cities.api.wait_for(1, seconds=SECONDS)
        (worker,) = site.children()
        assert site.end() == 0
    assert not alive(worker)


@pytest.mark.own_worker
def test_a_killed_server_takes_its_worker_along_and_the_next_one_finishes_the_run(
    tmp_path: Path, cities: Cities
) -> None:
    cities.held = set(IDS[2:])
    settings = cities.settings(tmp_path)
    with Site(tmp_path / "home", **settings) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        until(lambda: site.get("/collection-request/1/progress").json["result"] == 2 / 5)
        (worker,) = site.children()
        site.kill()
    until(lambda: not alive(worker))
    cities.held = set()
    with Site(tmp_path / "home", **settings) as site:
        until(lambda: site.get("/collection-request/1/progress").json == {"result": 1.0})
        assert site.get("/collection-request/1").json["city_weather_info"] == [row(city) for city in IDS]
    asked = Counter(cities.asked())
    assert [asked[city] for city in IDS[:2]] == [1, 1]
    assert max(asked.values()) <= 2


@pytest.mark.own_worker
def test_a_killed_worker_is_replaced_and_the_run_goes_on(tmp_path: Path, cities: Cities) -> None:
    cities.held = {IDS[4]}
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        until(lambda: site.get("/collection-request/1/progress").json["result"] == 4 / 5)
        (worker,) = site.children()
        os.kill(worker, 9)
        cities.held = set()
        until(lambda: site.get("/collection-request/1/progress").json == {"result": 1.0})


def test_a_wrong_key_fails_after_one_call_names_its_setting_and_is_kept_nowhere(tmp_path: Path, cities: Cities) -> None:
    settings = cities.settings(tmp_path) | {"OPENWEATHER_API_KEY": "wrong-and-secret"}
    with Site(tmp_path / "home", **settings) as site:
        failed = site.post("/collection-request/", {"id": 1})
        assert failed.status == 502
        assert "OPENWEATHER_API_KEY" in failed.json["detail"]
        assert len(cities.asked()) == 1
        assert b"wrong-and-secret" not in failed.body
    assert _files_with(site, b"wrong-and-secret") == []


def test_a_missing_key_starts_nothing_and_leaves_the_id_free(tmp_path: Path, cities: Cities) -> None:
    settings = cities.settings(tmp_path)
    del settings["OPENWEATHER_API_KEY"]
    with Site(tmp_path / "home", **settings) as site:
        failed = site.post("/collection-request/", {"id": 1})
        assert failed.status == 502
        assert "OPENWEATHER_API_KEY" in failed.json["detail"]
        assert site.get("/collection-request/1").status == 404


def test_a_run_that_must_wait_for_tomorrow_holds_no_worker_and_says_when_it_goes_on(
    tmp_path: Path, cities: Cities
) -> None:
    settings = cities.settings(tmp_path) | {"LADLE_OPENWEATHER_QUOTA": "3 per day"}
    with Site(tmp_path / "home", **settings) as site:
        site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
        run = site.get("/collection-request/").json["results"][0]["run"]
        waiting = until(lambda: (told := site.get(f"/api/v1/runs/{run}").json)["wake_at"] and told)
    assert waiting["state"] == "waiting"
    assert waiting["wake_at"] > waiting["created_at"]
    assert len(cities.asked()) == 3


def test_the_key_is_in_no_file_of_the_home(tmp_path: Path, cities: Cities) -> None:
    with Site(tmp_path / "home", **cities.settings(tmp_path)) as site:
        assert site.post("/collection-request/", {"id": 1}).status == 201
    assert _files_with(site, KEY.encode()) == []
    assert (site.folder / "site.sqlite3").exists() is (stack.current().postgres is None)


def test_a_killed_serve_leaves_its_port_and_its_run_to_the_next_one(tmp_path: Path, cities: Cities) -> None:
    cities.held = {IDS[4]}
    env = {**os.environ, **cities.settings(tmp_path)}
    command = (sys.executable, "-m", "ladle", "serve", "--json", "--home", stack.home_of(tmp_path / "home"), "--port")
    with running((*command, "0"), env=env, stdout=subprocess.PIPE) as first:
        assert first.stdout
        url = json.loads(first.stdout.readline())["url"]
        _ask(f"{url}collection-request/", {"id": 1})
        cities.api.wait_for(1, seconds=SECONDS)
        first.kill()
    cities.held = set()
    port = url.rstrip("/").rpartition(":")[2]
    with running((*command, port), env=env, stdout=subprocess.PIPE) as second:
        assert second.stdout
        assert json.loads(second.stdout.readline()) == {"url": url}
        until(lambda: _ask(f"{url}collection-request/1/progress") == {"result": 1.0})
        second.terminate()
        assert second.wait() == 0


def test_a_killed_demo_takes_its_site_along_and_says_all_in_one_json_document(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "ladle", "demo", "--json", "--port", "0", "--home", str(tmp_path))
    # Buffered as in anybody's pipe: what it says must come while it stays up.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as demo:
        assert demo.stdout
        lines = iter(demo.stdout.readline, "}\n")
        told = json.loads("".join(lines) + "}")
        (site,) = children(demo.pid)
        demo.kill()
    assert list(told) == ["snapshot", "rows", "counts", "url"]
    until(lambda: not alive(site))


def test_a_demo_without_a_home_says_that_nothing_of_it_stays() -> None:
    command = (sys.executable, "-m", "ladle", "demo", "--port", "0")
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as demo:
        assert demo.stdout
        said = list(takewhile(lambda line: not line.startswith("Ladle is at"), demo.stdout))
    assert "Kept until Ctrl-C; --home FOLDER keeps it.\n" in said


def test_a_home_whose_database_is_none_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "site.sqlite3").write_text("nothing that SQLite knows")
    command = (sys.executable, "-m", "ladle_server", "--port", "0", "--home", str(tmp_path))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f'ladle: "{tmp_path}/site.sqlite3" can\'t be used: file is not a database.')


def test_who_never_logs_in_is_told_that_there_is_no_account(tmp_path: Path) -> None:
    with Site(tmp_path / "home") as site:
        answer = site.get("/account/")
        assert (answer.status, b"Nobody logs in here" in answer.body) == (403, True)
        assert site.post("/account/password/", {}).status == 403


def test_a_request_that_is_refused_is_no_line_on_the_console(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "ladle_server", "--port", "0", "--home", str(tmp_path))
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        for head in (
            "GET /api/v1/runs HTTP/1.1\r\nHost: evil.example",
            "FOO / HTTP/1.1\r\nHost: localhost",
            "nonsense",
        ):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(f"{head}\r\n\r\n".encode())
                assert b" 400 " in client.recv(100)
        process.terminate()
        assert process.stderr.read() == ""


def _ask(url: str, body: object = None) -> Any:
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers=headers), timeout=60) as answer:
        return json.load(answer)


def _files_with(site: Site, text: bytes) -> list[str]:
    return [name for name, content in stack.files(site.home, env=site.env) if text in content]


@pytest.mark.own_worker
def test_neither_site_nor_worker_runs_a_module_of_the_folder_that_somebody_works_in(tmp_path: Path) -> None:
    """`ladle` itself, as pip installs it, does not look there either: that is what -P stands for."""
    (tmp_path / "pickle.py").write_text("import os\nos.open(f'run-{os.getpid()}', os.O_CREAT)\n")
    command = (sys.executable, "-P", "-m", "ladle", "serve", "--port", "0", "--home", str(tmp_path / "home"))
    with running(command, cwd=tmp_path, stdout=subprocess.PIPE) as site:
        assert site.stdout is not None
        assert "http://127.0.0.1:" in site.stdout.readline()
        (worker,) = until(lambda: children(site.pid))
        until(lambda: b"ladle_server.worker" in command_of(worker))
        site.send_signal(signal.SIGTERM)
        assert site.wait(SECONDS) == 0  # the worker too has then begun and ended
    assert list(tmp_path.glob("run-*")) == []
