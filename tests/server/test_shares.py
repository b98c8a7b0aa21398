"""Runs collected by several Celery workers at once: whole and the same files, whoever dies or is stopped meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.testing import Answer, Numbered, Request, ScriptedApi, answer, paged
from tests.collect.many import OWN
from tests.s3 import S3Server
from tests.server.site import Site, until
from tests.servers.stack import Stack, home_of, of_many_workers, started

PAGES = 300
SOON = 0.05
"""Seconds to an answer, where nobody has to see the run going on."""
UNSHIPPED = 2.5
"""Seconds of a journal that may lie on a dead machine alone, where the home is on S3."""
FILES = ("csv", "index", "parquet", "profile")
"""Those of a snapshot that tell no times: of the same answers they are the same, byte for byte."""
ROUTE = paged(Numbered(PAGES * 10))


class People:
    """An API of many pages, each `pause` seconds away; those in `broken` fail so."""

    def __init__(self) -> None:
        self.broken: dict[int, Answer] = {}
        self.pause = SOON
        self.api = ScriptedApi({"/api/people": self._answer})
        self._since = 0

    def _answer(self, request: Request) -> Answer:
        page = int(request.query.get("page", "1"))
        good = ROUTE(request)
        return self.broken.get(page) or replace(good, fault="drip", chunk=1 << 20, pause=self.pause)

    def begin(self) -> None:
        """Count from here."""
        self._since = len(self.api.requests)

    def asked(self) -> Counter[int]:
        """How often each page was asked for since."""
        return Counter(int(each.query.get("page", "1")) for each in self.api.requests[self._since :])

    def again(self) -> list[float]:
        """When those pages were first asked for that were asked for more than once since."""
        first: dict[str, float] = {}
        asked = [(each.query.get("page", "1"), each.arrived) for each in self.api.requests[self._since :]]
        return [at for page, arrived in asked if (at := first.setdefault(page, arrived)) != arrived]


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """Of this file alone, for its many processes and their kills."""
    with started(of_many_workers()) as running:
        yield running


@pytest.fixture(scope="module")
def upstream() -> Iterator[People]:
    people = People()
    with people.api:
        yield people


@pytest.fixture
def people(upstream: People) -> Iterator[People]:
    """The API as it should be, before and after each test."""
    upstream.begin()
    yield upstream
    upstream.broken, upstream.pause = {}, SOON


@pytest.fixture(scope="module")
def cluster(servers: Stack, upstream: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two workers of two processes each, and one that is there to be killed."""
    home = home_of(tmp_path_factory.mktemp("shares") / "home")
    for name, workers in (("one", 1), ("three", 3)):
        text = OWN.format(url=upstream.api.url, workers=workers).replace('"own"', f'"{name}"')
        ladle.add_source(text, home=home)
    with Site(home, **servers.settings(home)) as site:
        site.start_worker(runs=2)
        yield site


@pytest.fixture(scope="module")
def alone(cluster: Site) -> dict[str, bytes]:
    """The files that one worker makes."""
    return files(cluster, begin(cluster, "one/people"))


def begin(site: Site, dataset: str = "three/people") -> str:
    started = site.post("/api/v1/runs", {"dataset": dataset})
    assert started.status == 202, started.body
    return str(started.json["id"])


def files(site: Site, run: str) -> dict[str, bytes]:
    """The files of a run that must end complete."""
    told = site.ended(run)
    assert told["state"] == "complete", told
    made = ladle.snapshot(told["snapshot"], home=site.home)
    return {kind: made.path(kind).read_bytes() for kind in FILES}


def test_three_workers_make_the_files_that_one_makes_and_ask_for_each_page_once(
    cluster: Site, people: People, alone: dict[str, bytes]
) -> None:
    people.begin()
    run = begin(cluster)
    assert files(cluster, run) == alone
    assert set(people.asked().values()) == {1}
    opened = ladle.open_run(ladle.Home.open(cluster.home), run)
    assert len(opened.requests(limit=1000)) == PAGES
    assert len(list(opened.folder.glob("*.*-*.seg"))) >= 2


def ask(servers: Stack, site: Site, question: str) -> list[tuple[Any, ...]]:
    """What the database of the site says."""
    assert servers.postgres
    return list(servers.postgres.ask(question, site.env["DATABASE_URL"].rpartition("/")[2]))


def helpers(servers: Stack, site: Site, run: str) -> set[str]:
    """Who works on shares of the run, once anybody does."""
    question = f"SELECT worker FROM catalog_share WHERE run_id = '{run}' AND worker <> ''"
    return until(lambda: {worker for (worker,) in ask(servers, site, question)})


def kill(name: str) -> float:
    """kill -9 to the process that calls itself so; when that was, by the API's clock."""
    os.kill(int(name.partition(" ")[0].rpartition("-")[2]), signal.SIGKILL)
    return time.monotonic()


def driver(servers: Stack, site: Site, run: str) -> str:
    return str(ask(servers, site, f"SELECT worker FROM catalog_run WHERE id = '{run}'")[0][0])


def repeated(people: People) -> int:
    """Requests beyond one for each page."""
    return sum(times - 1 for times in people.asked().values())


def beyond(people: People, servers: Stack, *, killed: float) -> int:
    """Requests beyond one for each page; on S3 but for those whose answers only the dead machine may have known."""
    if servers.s3 is None:
        return repeated(people)
    return sum(first < killed - UNSHIPPED for first in people.again())


def test_a_helper_that_is_killed_costs_the_requests_that_it_had_under_way(
    cluster: Site, servers: Stack, people: People, alone: dict[str, bytes]
) -> None:
    people.begin()
    run = begin(cluster)
    killed = kill(min(helpers(servers, cluster, run)))
    assert files(cluster, run) == alone
    assert beyond(people, servers, killed=killed) <= 4


def test_a_driver_that_is_killed_costs_the_requests_that_it_had_under_way(
    cluster: Site, servers: Stack, people: People, alone: dict[str, bytes]
) -> None:
    people.begin()
    run = begin(cluster)
    assert helpers(servers, cluster, run)
    killed = kill(driver(servers, cluster, run))
    assert files(cluster, run) == alone
    assert beyond(people, servers, killed=killed) <= 4
    assert ask(servers, cluster, "SELECT count(*) FROM catalog_share") == [(0,)]


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_a_wish_stops_helpers_as_well_and_costs_nothing(
    cluster: Site, servers: Stack, people: People, alone: dict[str, bytes], wish: str, state: str
) -> None:
    people.begin()
    run = begin(cluster)
    assert helpers(servers, cluster, run)
    assert cluster.post(f"/api/v1/runs/{run}/{wish}", {}).status in (200, 202)
    until(lambda: cluster.get(f"/api/v1/runs/{run}").json["state"] == state)
    until(lambda: ask(servers, cluster, "SELECT count(*) FROM catalog_share") == [(0,)])
    assert sum(people.asked().values()) < PAGES
    if wish == "pause":
        cluster.post(f"/api/v1/runs/{run}/resume", {})
        assert files(cluster, run) == alone
        assert repeated(people) == 0


def test_pages_that_fail_are_gaps_whoever_asks_for_them(cluster: Site, people: People) -> None:
    people.broken = {100: answer("gone", status=410), 200: answer("down", status=500), 201: answer("<html>")}
    told = cluster.ended(begin(cluster))
    assert told["state"] == "incomplete"
    assert {gap["key"] for gap in told["progress"]["gaps"]} == {"people?page=100", "people?page=200", "people?page=201"}


def test_who_looks_on_sees_how_many_collect(cluster: Site, people: People) -> None:
    people.pause = 1.0  # a run on S3 is told every other second, and is there to be seen until it was
    run = begin(cluster)
    until(lambda: cluster.get(f"/api/v1/runs/{run}").json["progress"]["workers"] == 3)
    assert b"by 3 workers" in cluster.get(f"/runs/{run}/").body
    people.pause = SOON
    assert cluster.ended(run)["progress"]["workers"] == 1


def test_workers_with_folders_of_their_own_share_a_run_of_a_home_on_s3(
    servers: Stack, people: People, s3: S3Server, alone: dict[str, bytes], tmp_path: Path
) -> None:
    address = s3.home(f"shares-{tmp_path.name}")
    env = {**s3.settings, "LADLE_CACHE": str(tmp_path / "one")}
    home = ladle.Home.open(address, env=env)
    ladle.add_source(OWN.format(url=people.api.url, workers=2).replace('"own"', '"two"'), home=home)
    with Site(address, **(servers.settings(address) | env)) as site:
        site.env["LADLE_CACHE"] = str(tmp_path / "other")
        site.start_worker(runs=2)
        people.begin()
        run = begin(site, "two/people")
        told = site.ended(run)
    assert (told["state"], repeated(people)) == ("complete", 0)
    opened = ladle.open_run(home, run)
    assert len(opened.requests(limit=1000)) == PAGES
    assert len(list(opened.folder.glob("*.*-*.seg"))) > 0
    made = ladle.snapshot(told["snapshot"], home=home)
    assert {kind: made.path(kind).read_bytes() for kind in FILES} == alone
