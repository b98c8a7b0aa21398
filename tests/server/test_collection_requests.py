"""The seeds' routes, from a client's side of a real server with its worker: answers, errors, waiting clients."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server.cities import IDS, Cities, row
from tests.server.site import SECONDS, Site, until

UNUSED = count(1000)


class World(NamedTuple):
    """A server and the API that it collects from."""

    site: Site
    cities: Cities


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("site")
    with Cities() as cities, Site(folder / "home", **cities.settings(folder)) as site:
        yield World(site, cities)


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """A server that many tests share, its API answering everything again after each."""
    yield running
    running.cities.lost.clear()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[World]:
    """A server of one test's own, for one that holds answers back."""
    with Cities() as cities, Site(tmp_path / "home", log=tmp_path / "log", **cities.settings(tmp_path)) as site:
        yield World(site, cities)


def test_a_post_is_answered_when_the_collection_is_done(world: World) -> None:
    number = next(UNUSED)
    done = world.site.post("/collection-request/", {"id": number})
    assert (done.status, done.json) == (201, {"value": "OK"})
    assert world.site.get(f"/collection-request/{number}/progress").json == {"result": 1.0}


def test_the_detail_has_the_cities_in_the_order_of_the_list(world: World) -> None:
    number = next(UNUSED)
    world.site.post("/collection-request", {"id": number})
    detail = world.site.get(f"/collection-request/{number}").json
    assert detail["id"] == number
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", detail["created_at"])
    assert detail["city_weather_info"] == [row(city) for city in IDS]
    assert list(detail["city_weather_info"][0]) == ["city_id", "humidity", "temperature"]


def test_progress_and_detail_tell_exactly_what_is_collected_while_it_runs(fresh: World) -> None:
    site, cities = fresh
    cities.held = {IDS[1], IDS[3]}
    begun = site.post("/collection-request/", {"id": 1}, Prefer="respond-async")
    assert begun.status == 202
    progress = begun.headers["location"]
    assert progress == "/collection-request/1/progress"
    until(lambda: site.get(progress).json == {"result": 3 / 5})
    # Of a home on S3 the answers come there a moment after the word of them.
    there = [row(IDS[0]), row(IDS[2]), row(IDS[4])]
    assert until(lambda: site.get("/collection-request/1").json["city_weather_info"]) == there
    cities.api.release()
    until(lambda: site.get(progress).json == {"result": 1.0})


@pytest.mark.parametrize("prefer", ["respond-async", "RESPOND-ASYNC", "wait=10, respond-async", "respond-async; x=1"])
def test_with_prefer_respond_async_the_answer_comes_at_once(world: World, prefer: str) -> None:
    begun = world.site.post("/collection-request/", {"id": next(UNUSED)}, Prefer=prefer)
    assert begun.status == 202
    assert begun.headers["preference-applied"] == "respond-async"


def test_an_id_that_was_used_before_is_a_conflict_and_starts_nothing(world: World) -> None:
    number = next(UNUSED)
    world.site.post("/collection-request/", {"id": number})
    asked = len(world.cities.asked())
    again = world.site.post("/collection-request/", {"id": number})
    assert again.status == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert str(number) in again.json["detail"]
    assert len(world.cities.asked()) == asked


@pytest.mark.parametrize(
    "body",
    [
        '{"id": true}',
        '{"id": 1.0}',
        '{"id": 1e3}',
        '{"id": "1"}',
        '{"id": null}',
        '{"id": [1]}',
        '{"id": {}}',
        '{"id": 0}',
        '{"id": -1}',
        '{"id": 9223372036854775808}',
        '{"id": 1' + "0" * 5000 + "}",
        '{"id": NaN}',
        "{}",
        '{"ID": 1}',
        "[1]",
        "1",
        "null",
        '"id"',
        '{"id": 1',
        "id=1",
        "",
        "[" * 100_000,
        '{"id": "\\ud800"}',
    ],
    ids=lambda body: body[:30] or "nothing",
)
def test_a_body_without_a_positive_64_bit_integer_is_refused(world: World, body: str) -> None:
    refused = world.site.ask("POST", "/collection-request/", body=body.encode(), Content_Type="application/json")
    assert refused.status == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["status"] == 400
    assert refused.json["detail"]


def test_a_body_that_is_not_utf_8_is_refused(world: World) -> None:
    refused = world.site.ask("POST", "/collection-request/", body=b'{"id": "\xff"}', Content_Type="application/json")
    assert refused.status == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_any_page_on_the_web_could_send_unasked_is_refused(world: World, kind: str) -> None:
    refused = world.site.ask("POST", "/collection-request/", body=b'{"id": 77}', Content_Type=kind)
    assert refused.status == 415
    assert "application/json" in refused.json["detail"]
    assert world.site.get("/collection-request/77").status == 404


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "1.5", "9223372036854775808", "%00", "\u0661".encode()])
@pytest.mark.parametrize("rest", ["", "/", "/progress", "/progress/"])
def test_an_unknown_id_is_not_found(world: World, number: str | bytes, rest: str) -> None:
    name = number if isinstance(number, str) else "".join(f"%{byte:02x}" for byte in number)
    missing = world.site.get(f"/collection-request/{name}{rest}")
    assert missing.status == 404
    assert missing.headers["content-type"] == "application/problem+json"


def test_an_id_with_more_digits_is_another(world: World) -> None:
    number = next(UNUSED)
    assert world.site.post("/collection-request/", {"id": number}).status == 201
    assert world.site.get(f"/collection-request/{number:020}2").status == 404


def test_the_largest_id_is_taken(world: World) -> None:
    assert world.site.post("/collection-request/", {"id": 2**63 - 1}).status == 201
    assert world.site.get(f"/collection-request/{2**63 - 1}/progress/").json == {"result": 1.0}


def test_a_collection_with_gaps_is_told_with_its_gaps_and_keeps_the_rest(world: World) -> None:
    world.cities.lost = {IDS[1]}
    number = next(UNUSED)
    failed = world.site.post("/collection-request/", {"id": number})
    assert failed.status == 502
    assert [gap["key"] for gap in failed.json["gaps"]] == [f"weather?id={IDS[1]}"]
    assert "city not found" in failed.json["gaps"][0]["reason"]
    kept = world.site.get(f"/collection-request/{number}").json["city_weather_info"]
    assert kept == [row(city) for city in IDS if city != IDS[1]]
    assert world.site.get(f"/collection-request/{number}/progress").json == {"result": 4 / 5}


def test_all_requests_are_listed_in_pages(world: World) -> None:
    for _ in range(3):
        world.site.post("/collection-request/", {"id": next(UNUSED)}, Prefer="respond-async")
    first = world.site.get("/collection-request/?limit=2").json
    assert list(first) == ["count", "next", "previous", "results"]
    assert len(first["results"]) == 2
    assert first["count"] >= 3
    second = world.site.get(first["next"].partition(str(world.site.port))[2]).json
    assert {each["id"] for each in second["results"]}.isdisjoint({each["id"] for each in first["results"]})


def test_a_client_that_leaves_does_not_harm_the_collection(fresh: World) -> None:
    site, cities = fresh
    cities.held = set(IDS)
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        client.sendall(_post(1))
        cities.api.wait_for(1, seconds=SECONDS)
    cities.api.release()
    until(lambda: site.get("/collection-request/1/progress").json == {"result": 1.0})


def test_many_clients_wait_at_once_without_a_thread_each_while_progress_answers(fresh: World) -> None:
    site, cities = fresh
    cities.held = set(IDS)
    clients = {number: http.client.HTTPConnection("127.0.0.1", site.port, timeout=120) for number in range(1, 61)}
    for number, client in clients.items():
        client.request("POST", "/collection-request/", json.dumps({"id": number}), {"Content-Type": "application/json"})
    until(lambda: site.get("/collection-request/").json["count"] == len(clients))
    assert site.threads() < 30
    assert site.get("/collection-request/1/progress").json == {"result": 0.0}
    cities.api.release()
    assert [client.getresponse().status for client in clients.values()] == [201] * len(clients)
    for client in clients.values():
        client.close()


def test_a_client_that_waits_when_the_server_ends_is_told_where_to_ask(fresh: World, tmp_path: Path) -> None:
    site, cities = fresh
    cities.held = set(IDS)
    with ThreadPoolExecutor(1) as client:
        waiting = client.submit(site.post, "/collection-request/", {"id": 1})
        cities.api.wait_for(1, seconds=SECONDS)
        assert site.end() == 0
        told = waiting.result()
    assert told.status == 503
    assert "/collection-request/1/progress" in told.json["detail"]
    assert "Service Unavailable" not in (tmp_path / "log").read_text()  # it is no error of the server's


def _post(number: int) -> bytes:
    body = json.dumps({"id": number}).encode()
    head = f"POST /collection-request/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body
