"""Runs collected by several Celery workers at once: whole and the same files, whoever dies or is stopped meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import ladle
from ladle.testing import Answer, Numbered, Request, ScriptedApi, hang, paged
from tests.collect.many import FILES, OWN
from tests.server.site import Site
from tests.servers.stack import Stack, started

PAGES = 300
ROUTE = paged(Numbered(PAGES * 10))


class People:
    """An API of many pages, each a twentieth of a second away; those in `held` hang, those in `broken` fail so."""

    def __init__(self) -> None:
        self.held: set[int] = set()
        self.broken: dict[int, Answer] = {}
        self.api = ScriptedApi({"/api/people": self._answer})
        self._since = 0

    def _answer(self, request: Request) -> Answer:
        page = int(request.query.get("page", "1"))
        good = ROUTE(request)
        if page in self.held:
            return hang(b"")
        return self.broken.get(page) or replace(good, fault="drip", chunk=1 << 20, pause=0.05)

    def begin(self) -> None:
        """Count from here."""
        self._since = len(self.api.requests)

    def asked(self) -> Counter[int]:
        """How often each page was asked for since."""
        return Counter(int(each.query.get("page", "1")) for each in self.api.requests[self._since :])


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    with started("celery") as running:
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
    upstream.held, upstream.broken = set(), {}


@pytest.fixture(scope="module")
def cluster(servers: Stack, upstream: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two workers of two processes each, and one that is there to be killed."""
    home = tmp_path_factory.mktemp("shares") / "home"
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
    folder = ladle.snapshot(told["snapshot"], home=site.home).folder
    return {name: (folder / name).read_bytes() for name in FILES}


def test_three_workers_make_the_files_that_one_makes_and_ask_for_each_page_once(
    cluster: Site, people: People, alone: dict[str, bytes]
) -> None:
    people.begin()
    run = begin(cluster)
    assert files(cluster, run) == alone
    assert set(people.asked().values()) == {1}
    assert len(list((Path(cluster.home) / "runs" / run).glob("*.*-*.seg"))) >= 2
