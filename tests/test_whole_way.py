"""The whole way, from one command to counts: takes replicas and the command line, looks at every file that comes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ladle
from ladle.collect.journal import replay
from ladle.demo.serve import Replicas, start_replicas
from ladle.testing import Numbered, ScriptedApi, paged
from tests.processes import running

COLUMNS = [
    *("name", "height", "mass", "hair_color", "skin_color", "eye_color", "birth_year", "gender"),
    *("homeworld", "date"),
]
PAGES = 600
CONCURRENCY = 8


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with start_replicas(keys=("k3y",)) as running:
        yield running


def command(*words: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LADLE_HOME": str(home), **settings}
    return subprocess.run([sys.executable, "-m", "ladle", *words], env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def taken(replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """The people, collected by the command line; with them the number of calls that the replica counted."""
    home = tmp_path_factory.mktemp("home")
    before = replicas.counts["swapi"].requests
    done = command("collect", "swapi/people", "--json", home=home, LADLE_SWAPI_BASE_URL=replicas.swapi_url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "complete"
    assert replicas.counts["swapi"].requests - before == 15
    return ladle.snapshot("swapi/people", home=home)


def test_the_people_are_82_rows_in_upstream_order_for_15_calls(taken: ladle.Snapshot, replicas: Replicas) -> None:
    assert (taken.manifest.rows, taken.manifest.requests, taken.manifest.complete) == (82, 15, True)
    assert [column.name for column in taken.manifest.columns] == COLUMNS
    people = json.loads((Path(ladle.__file__).parent / "demo/data/swapi/people.json").read_text("utf-8"))
    assert [row["name"] for row in taken.rows(limit=1000)] == [person["name"] for person in people]


def test_what_the_api_wrote_survives(taken: ladle.Snapshot) -> None:
    rows = taken.rows(limit=1000)
    masses = [row["mass"] for row in rows]
    assert masses.count("1,358") == 1
    assert masses.count("78.2") == 1
    assert masses.count("unknown") == 28 or masses.count("unknown") == 23
    assert sum(row["homeworld"] == "unknown" for row in rows) == 5
    assert {str(row["date"]) for row in rows} == {"2014-12-20"}
    assert "Padmé Amidala" in {row["name"] for row in rows}


def test_csv_parquet_rows_and_counts_say_the_same(taken: ladle.Snapshot) -> None:
    written = list(csv.DictReader(io.StringIO(taken.path("csv").read_text("utf-8"))))
    kept = pq.read_table(taken.path("parquet")).to_pylist()
    shown = [row for offset in range(0, 82, 10) for row in taken.rows(offset=offset)]
    assert kept == shown
    assert written == [{name: str(value) for name, value in row.items()} for row in shown]
    counted = {row.values: row.count for row in taken.count("date", "homeworld").rows}
    assert counted == Counter((row["date"], row["homeworld"]) for row in shown)


def test_the_manifest_says_where_it_all_came_from(taken: ladle.Snapshot, replicas: Replicas) -> None:
    told = json.loads(taken.path("manifest").read_text("utf-8"))
    assert (told["claimed"], told["found"], told["gaps"]) == (82, 82, [])
    assert told["base_url"] == replicas.swapi_url
    definition = (Path(ladle.__file__).parent / "sources/builtin/swapi.toml").read_bytes()
    assert told["definition_sha256"] == hashlib.sha256(definition).hexdigest()
    for name, kept in told["files"].items():
        content = (taken.path("manifest").parent / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (kept["size"], kept["sha256"])


def test_the_cities_are_167_rows_in_the_order_of_the_list(replicas: Replicas, tmp_path: Path) -> None:
    settings = {
        "LADLE_OPENWEATHER_BASE_URL": replicas.openweather_url,
        "LADLE_OPENWEATHER_QUOTA": "none",
        "OPENWEATHER_API_KEY": "k3y",
    }
    with start_replicas(keys=("k3y",), openweather_windows=((1000, 1.0),)) as quick:
        settings["LADLE_OPENWEATHER_BASE_URL"] = quick.openweather_url
        done = command("collect", "openweather/cities", home=tmp_path, **settings)
        assert (done.returncode, quick.counts["openweather"].requests) == (0, 167), done.stderr
    taken = ladle.snapshot("openweather/cities", home=tmp_path)
    listed = list(csv.DictReader((Path(ladle.__file__).parent / "sources/builtin/cities.csv").open(encoding="utf-8")))
    rows = taken.rows(limit=1000)
    assert [(row["city_id"], row["name"], row["country"]) for row in rows] == [
        (int(city["city_id"]), city["name"], city["country"]) for city in listed
    ]
    types = {column.name: column.type for column in taken.manifest.columns}
    assert (types["temperature"], types["humidity"], types["observed_at"]) == ("number", "integer", "timestamp")


def test_a_wrong_key_ends_the_run_after_one_call_and_is_written_nowhere(replicas: Replicas, tmp_path: Path) -> None:
    before = replicas.counts["openweather"].requests
    key = "wr0ng-key-0123456789"
    settings = {"LADLE_OPENWEATHER_BASE_URL": replicas.openweather_url, "OPENWEATHER_API_KEY": key}
    done = command("collect", "openweather/cities", home=tmp_path, **settings)
    assert done.returncode == 1
    assert replicas.counts["openweather"].requests - before == 1
    assert "OPENWEATHER_API_KEY" in done.stderr
    assert key not in done.stderr + done.stdout
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if key.encode() in path.read_bytes()]


def people(number: int) -> dict[str, object]:
    return {"name": f"person {number}", "url": f"/api/people/{number}/", "edited": "2014-12-20T21:17:56.891Z"}


def kill_once_answered(process: subprocess.Popen[str], api: ScriptedApi, requests: int) -> None:
    api.wait_for(requests, seconds=60)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_collect_killed_in_the_middle_of_600_pages_loses_nothing(tmp_path: Path) -> None:
    with ScriptedApi({"/api/people/": paged(Numbered(PAGES * 10, people))}) as api:
        settings = {"LADLE_SWAPI_BASE_URL": f"{api.url}/api/", "LADLE_SWAPI_QUOTA": "none"}
        words = [sys.executable, "-m", "ladle", "collect", "swapi/people"]
        env = {**os.environ, "LADLE_HOME": str(tmp_path), **settings}
        with running(words, env=env, stderr=subprocess.PIPE) as process:
            kill_once_answered(process, api, PAGES // 2)
        run = ladle.list_runs(ladle.Home.open(tmp_path))[0]
        kept = {entry.key for entry in replay(run.folder) if entry.kind == "answer"}
        assert PAGES // 2 - CONCURRENCY <= len(kept) < PAGES
        done = command("collect", "swapi/people", "--resume", home=tmp_path, **settings)
        assert done.returncode == 0, done.stderr
        asked = Counter(request.query["page"] for request in api.requests)
    assert sum(asked.values()) - PAGES <= CONCURRENCY
    assert len(asked) == PAGES
    rows = pq.read_table(ladle.snapshot("swapi/people", home=tmp_path).path("parquet"))["name"].to_pylist()
    assert rows == [f"person {number}" for number in range(1, PAGES * 10 + 1)]
