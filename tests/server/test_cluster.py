"""The site on PostgreSQL, its runs given out by Celery: whole runs, and each part killed or stopped in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import ladle
from tests.server.cities import IDS, Cities, row
from tests.server.site import SECONDS, Site, kill_group, until
from tests.servers.postgres import Postgres
from tests.servers.stack import Stack, of_many_workers, started
from tests.valkey import Valkey


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """PostgreSQL and Valkey for this file, which it may stop."""
    with started(of_many_workers()) as running:
        yield running


@pytest.fixture(scope="module")
def postgres(servers: Stack) -> Postgres:
    assert servers.postgres
    return servers.postgres


@pytest.fixture(scope="module")
def valkey(servers: Stack) -> Valkey:
    assert servers.valkey
    return servers.valkey


@pytest.fixture(scope="module")
def upstream() -> Iterator[Cities]:
    with Cities() as api:
        yield api


@pytest.fixture(scope="module")
def cluster(servers: Stack, upstream: Cities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site and its first worker, both started on an empty database."""
    folder = tmp_path_factory.mktemp("cluster")
    settings = servers.settings(folder / "home") | upstream.settings(folder)
    with Site(folder / "home", **settings) as site:
        yield site


@pytest.fixture
def cities(upstream: Cities) -> Iterator[Cities]:
    """The API, holding nothing back afterwards, whatever becomes of the test."""
    yield upstream
    upstream.held = set()


@pytest.fixture
def number(cluster: Site) -> int:
    """An id that no collection request has."""
    used = cluster.get("/collection-request/?limit=1000").json["results"]
    return max((each["id"] for each in used), default=0) + 1


@pytest.fixture(autouse=True)
def _with_a_worker(cluster: Site) -> Iterator[None]:
    """However a test leaves the cluster, the next one finds a worker."""
    yield
    if not any(worker.poll() is None for worker in cluster.workers):
        cluster.start_worker()


def begin(site: Site, number: int) -> str:
    """Start a collection without waiting for it; the run's id."""
    assert site.post("/collection-request/", {"id": number}, Prefer="respond-async").status == 202
    (line,) = (each for each in site.get("/collection-request/").json["results"] if each["id"] == number)
    return str(line["run"])


def halfway(site: Site, number: int) -> None:
    """Wait until all cities are there but one, which the API holds back: where other machines find them, too."""
    until(lambda: site.get(f"/collection-request/{number}/progress").json.get("result") == 4 / 5)
    until(lambda: len(site.get(f"/collection-request/{number}").json["city_weather_info"]) == 4)


def test_a_collection_is_driven_by_a_celery_worker_to_the_same_files(
    cluster: Site, cities: Cities, number: int, tmp_path: Path
) -> None:
    assert cluster.children() == []  # the site drives nothing itself
    assert cluster.post("/collection-request/", {"id": number}).json == {"value": "OK"}
    assert cluster.get(f"/collection-request/{number}").json["city_weather_info"] == [row(city) for city in IDS]
    there = ladle.snapshot("openweather/cities", home=cluster.home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cities.settings(tmp_path).items():
            patch.setenv(name, value)
        here = ladle.collect("openweather/cities", home=tmp_path / "home")
    assert there.path("csv").read_bytes() == here.path("csv").read_bytes()
    assert there.path("parquet").read_bytes() == here.path("parquet").read_bytes()


def test_of_many_who_choose_the_same_id_at_once_one_has_it(cluster: Site, cities: Cities, number: int) -> None:
    before = ladle.list_runs(ladle.Home.at(cluster.home))
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(cluster.post, "/collection-request/", {"id": number}) for _ in range(8)]
        statuses = Counter(each.result().status for each in asked)
    assert statuses == {201: 1, 409: 7}
    assert len(ladle.list_runs(ladle.Home.at(cluster.home))) == len(before) + 1


def test_a_worker_killed_in_the_middle_is_replaced_by_another(cluster: Site, cities: Cities, number: int) -> None:
    cities.held, before = {IDS[4]}, len(cities.asked())
    run = begin(cluster, number)
    halfway(cluster, number)
    kill_group(cluster.workers.pop())
    cities.held = set()
    cluster.start_worker()
    assert cluster.ended(run)["state"] == "complete"
    asked = Counter(cities.asked()[before:])
    assert [asked[city] for city in IDS] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("asked", [os.kill, os.killpg], ids=["alone", "with all its processes"])
def test_a_worker_that_is_asked_to_end_hands_its_run_to_another(
    cluster: Site, servers: Stack, cities: Cities, number: int, asked: Callable[[int, int], None]
) -> None:
    cities.held = {IDS[4]}
    run = begin(cluster, number)
    halfway(cluster, number)
    first = cluster.workers.pop()
    asked(first.pid, signal.SIGTERM)
    assert first.wait(SECONDS) == 0
    assert _holders(servers, cluster, run) == [("", None)]
    cities.held = set()
    cluster.start_worker()
    assert cluster.ended(run)["state"] == "complete"


def test_while_postgresql_is_away_the_site_says_so_and_runs_go_on_when_it_is_back(
    cluster: Site, cities: Cities, number: int, postgres: Postgres
) -> None:
    cities.held = {IDS[4]}
    snapshot = cluster.get("/api/v1/snapshots").json["results"][0]["id"]
    with ThreadPoolExecutor(1) as client:
        waiting = client.submit(cluster.post, "/collection-request/", {"id": number})
        until(lambda: cluster.get(f"/collection-request/{number}/progress").json.get("result") == 4 / 5)
        postgres.stop()
        try:
            refused = cluster.get("/api/v1/runs")
            page = cluster.get("/runs/")
            rows = cluster.get(f"/api/v1/snapshots/{snapshot}/rows")
            shown = cluster.get(f"/snapshots/{snapshot}/")
            until(lambda: "is let go" in cluster.worker_log.read_text())
            cities.held = set()
        finally:
            postgres.start()
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert refused.headers["content-type"] == "application/problem+json"
        assert "database" in refused.json["detail"]
        assert (page.status, b"The database can't be reached" in page.body) == (503, True)
        assert (rows.status, shown.status) == (200, 200)
        assert waiting.result(SECONDS).json == {"value": "OK"}


def test_a_run_started_while_the_broker_is_away_is_driven_when_it_is_back(
    cluster: Site, cities: Cities, number: int, valkey: Valkey
) -> None:
    valkey.kill()
    try:
        run = begin(cluster, number)
    finally:
        valkey.start()
    assert cluster.ended(run)["state"] == "complete"


def test_a_site_whose_broker_is_away_is_not_ready(cluster: Site, cities: Cities, valkey: Valkey) -> None:
    assert cluster.get("/readyz").json["needs"]["broker"] == "good"
    valkey.kill()
    try:
        answer = cluster.get("/readyz")
        metrics = cluster.get("/metrics")
    finally:
        valkey.start()
    assert (answer.status, answer.json["needs"]["database"]) == (503, "good")
    assert answer.json["needs"]["broker"] in ("can't be reached", "did not answer within 2 seconds")
    assert b"ladle_queue_runs 0.0" in metrics.body


@pytest.mark.own_folder
def test_workers_make_room_in_the_home_when_a_day_is_over(cluster: Site, cities: Cities) -> None:
    home = Path(cluster.home)
    until(lambda: (home / "cleared").exists() and (home / "cleared").stat().st_mtime)  # the first worker's
    left = home / "snapshots" / "own" / "things" / ".gone-20260101-000000-000000"
    left.mkdir(parents=True)
    kill_group(cluster.workers.pop())
    os.utime(home / "cleared", (0, 0))
    cluster.start_worker()
    until(lambda: not left.exists())
    until(lambda: (home / "cleared").stat().st_mtime)


def test_runs_whose_offers_the_broker_lost_are_offered_again(
    cluster: Site, cities: Cities, number: int, valkey: Valkey
) -> None:
    kill_group(cluster.workers.pop())
    runs = [begin(cluster, each) for each in (number, number + 1)]
    until(lambda: _offered(cluster) == 2)
    valkey.kill()  # it keeps nothing
    valkey.start()
    cluster.start_worker()
    assert {cluster.ended(run)["state"] for run in runs} == {"complete"}


def test_without_a_broker_a_second_worker_takes_over_from_a_site_that_was_killed(
    servers: Stack, cities: Cities, tmp_path: Path
) -> None:
    cities.held = {IDS[4]}
    settings = servers.settings(tmp_path / "home") | cities.settings(tmp_path) | {"LADLE_BROKER_URL": ""}
    with Site(tmp_path / "home", **settings) as site:
        run = begin(site, 1)
        halfway(site, 1)
        site.start_worker()
        site.kill()  # its own worker goes with it
        cities.held = set()
        until(lambda: ladle.open_run(ladle.Home.at(site.home), run).progress().state == "complete")


def _holders(servers: Stack, site: Site, run: str) -> list[Any]:
    """Who drives a run, and until when: as the database has it."""
    assert servers.postgres
    name = site.env["DATABASE_URL"].rpartition("/")[2]
    return servers.postgres.ask(f"SELECT worker, lease_until FROM catalog_run WHERE id = '{run}'", name)


def _offered(site: Site) -> Any:
    import redis

    return redis.Redis.from_url(site.env["LADLE_BROKER_URL"]).llen("ladle.drives")
