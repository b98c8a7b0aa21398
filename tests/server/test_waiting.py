"""Many who wait at one site: takes streams and POSTs, counts what they cost it, and goes one beyond its room."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ladle.errors import Busy
from ladle_server.access.places import Places, Room, TooMany
from tests.server.cities import IDS, Cities
from tests.server.site import SECONDS, Site, until

STREAMS, POSTS = 100, 20
ROOM = {"LADLE_WAITING_EACH": str(STREAMS + POSTS), "LADLE_WAITING": str(STREAMS + POSTS + 1)}


@pytest.fixture(scope="module")
def cities() -> Iterator[Cities]:
    """Of which nothing is heard until a test says so."""
    with Cities() as api:
        api.held = set(IDS)
        yield api


@pytest.fixture(scope="module")
def site(cities: Cities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("waiting")
    with Site(folder / "home", **cities.settings(folder), **ROOM) as running:
        yield running


@contextmanager
def following(site: Site, run: str, address: str = "127.0.0.1") -> Iterator[http.client.HTTPResponse]:
    """A stream, from one of this machine's addresses; cut at the end."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=SECONDS, source_address=(address, 0))
    try:
        connection.request("GET", f"/api/v1/runs/{run}/events")
        yield connection.getresponse()
    finally:
        connection.close()


def waiting(site: Site, number: int) -> http.client.HTTPConnection:
    """A POST whose answer is not there yet."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=SECONDS)
    connection.request("POST", "/collection-request/", json.dumps({"id": number}), {"Content-Type": "application/json"})
    return connection


def until_event(answer: http.client.HTTPResponse) -> bool:
    return any(line.startswith(b"data: ") for line in answer)


def databases(site: Site) -> int:
    """Connections of the web process to the site's database, where that is a file."""
    files = Path(f"/proc/{site.process.pid}/fd").iterdir()
    return sum(file.resolve().name == "site.sqlite3" for file in files)


def test_who_waits_costs_no_thread_and_no_connection_and_one_too_many_is_told_when_to_come_again(
    site: Site, cities: Cities
) -> None:
    run = site.post("/api/v1/runs", {"dataset": "openweather/cities"}).json["id"]
    with ExitStack() as stack:
        assert until_event(stack.enter_context(following(site, run)))
        posts = [waiting(site, number) for number in range(1, POSTS // 2 + 1)]
        until(lambda: site.get("/collection-request/").json["count"] == len(posts))
        before = site.threads(), databases(site)

        streams = [stack.enter_context(following(site, run)) for _ in range(STREAMS - 1)]
        assert all(until_event(each) for each in streams)
        posts += [waiting(site, number) for number in range(POSTS // 2 + 1, POSTS + 1)]
        until(lambda: site.get("/collection-request/").json["count"] == len(posts))
        assert site.threads() <= before[0] + 8  # lanes that nobody had asked yet, no more
        assert databases(site) <= before[1] + 8

        with following(site, run) as refused:
            told = json.load(refused)
        assert (refused.status, told["status"], refused.headers["Retry-After"]) == (429, 429, "5")
        assert f"{STREAMS + POSTS} connections" in told["detail"]
        more = site.post("/collection-request/", {"id": 77})
        assert (more.status, more.headers["retry-after"]) == (429, "5")
        assert "respond-async" in more.json["detail"]
        assert site.get("/collection-request/77").status == 404

        with following(site, run, address="127.0.0.2") as other:
            assert until_event(other)
            with following(site, run, address="127.0.0.3") as refused:
                assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert site.post("/collection-request/", {"id": 77}, Prefer="respond-async").status == 202

        cities.api.release()
        assert [post.getresponse().status for post in posts] == [201] * POSTS
        for post in posts:
            post.close()
        site.ended(run)
    # The places of all of them are free again.
    assert until(lambda: site.post("/collection-request/", {"id": 78}).status == 201)


def test_a_place_that_is_given_back_is_another_s() -> None:
    places, room = Places(), Room(all=2, each=1)
    places.take("user 1", room)
    with pytest.raises(TooMany, match="You have 1 connections that wait"):
        places.take("user 1", room)
    with places.held("user 2", room), pytest.raises(Busy, match="2 connections wait already"):
        places.take("user 3", room)
    places.give_back("user 1")
    places.take("user 1", room)
    assert len(places) == 1
