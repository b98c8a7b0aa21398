"""Takes both replicas over loopback, gives whether they run as told and the Star Wars one answers as the real one."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from ladle.demo import Replicas, start_replicas
from ladle.errors import Conflict
from ladle.testing import Clock
from tests.processes import running


class Got(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def get(url: str, *, method: str = "GET", **headers: str) -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
    response = connection.getresponse()
    got = Got(response.status, response.headers, response.read())
    connection.close()
    return got


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    with start_replicas() as started:
        yield started


@pytest.mark.parametrize(
    ("name", "count", "pages"),
    [
        ("people", 82, 9),
        ("planets", 60, 6),
        ("films", 6, 1),
        ("species", 37, 4),
        ("vehicles", 39, 4),
        ("starships", 36, 4),
    ],
)
def test_a_collection_is_followed_to_its_end(replicas: Replicas, name: str, count: int, pages: int) -> None:
    address, found, visited = f"{replicas.swapi_url}{name}/", [], 0
    while address:
        page = get(address).json
        assert list(page) == ["count", "next", "previous", "results"]
        assert page["count"] == count
        found += page["results"]
        address, visited = page["next"], visited + 1
    assert visited == pages
    assert len({record["url"] for record in found}) == count
    assert page["previous"] == (f"{replicas.swapi_url}{name}/?page={pages - 1}" if pages > 1 else None)


def test_records_name_the_host_that_was_asked(replicas: Replicas) -> None:
    luke = get(f"{replicas.swapi_url}people/1/")
    assert b"swapi.dev" not in luke.body
    assert luke.json["name"] == "Luke Skywalker"
    assert get(luke.json["homeworld"]).json["name"] == "Tatooine"
    port = urlsplit(replicas.swapi_url).port
    assert get(f"{replicas.swapi_url}people/1/", Host=f"localhost:{port}").json["url"].startswith("http://localhost:")


def test_the_root_lists_the_collections(replicas: Replicas) -> None:
    root = get(replicas.swapi_url).json
    assert list(root) == ["people", "planets", "films", "species", "vehicles", "starships"]
    assert root["people"] == f"{replicas.swapi_url}people/"


@pytest.mark.parametrize("path", ["people/?page=10", "people/?page=0", "people/?page=x", "people/17/", "people/x/"])
def test_what_is_not_there_is_a_404_in_json(replicas: Replicas, path: str) -> None:
    got = get(replicas.swapi_url + path)
    assert (got.status, got.json) == (404, {"detail": "Not found"})


def test_an_unknown_path_is_a_404_in_html(replicas: Replicas) -> None:
    got = get(f"{replicas.swapi_url}droids/")
    assert (got.status, got.headers.get_content_type()) == (404, "text/html")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("people/?search=SKY", ["Luke Skywalker", "Anakin Skywalker", "Shmi Skywalker"]),
        ("people/?search=sky+luke", ["Luke Skywalker"]),
        ("starships/?search=T-65", ["X-wing"]),
        ("people/?search=zz", []),
    ],
)
def test_search_wants_every_word_in_any_case(replicas: Replicas, query: str, names: list[str]) -> None:
    page = get(replicas.swapi_url + query).json
    assert [record["name"] for record in page["results"]] == names
    assert page["count"] == len(names)


def test_the_next_page_of_a_search_keeps_the_search(replicas: Replicas) -> None:
    page = get(f"{replicas.swapi_url}people/?search=a").json
    assert page["next"] == f"{replicas.swapi_url}people/?search=a&page=2"
    assert get(page["next"]).json["count"] == page["count"]


def test_wookiee_says_json_and_is_none(replicas: Replicas) -> None:
    got = get(f"{replicas.swapi_url}people/?format=wookiee")
    assert (got.status, got.headers["Content-Type"]) == (200, "application/json")
    assert got.body.startswith(b'{"oaoohuwhao":82,')
    with pytest.raises(json.JSONDecodeError):
        _ = got.json


def test_a_missing_slash_is_redirected_with_its_query(replicas: Replicas) -> None:
    got = get(f"{replicas.swapi_url}people?page=2")
    assert (got.status, got.headers["Location"]) == (301, f"{replicas.swapi_url}people/?page=2")


def test_an_answer_that_is_known_already_is_a_304(replicas: Replicas) -> None:
    first = get(f"{replicas.swapi_url}people/")
    again = get(f"{replicas.swapi_url}people/", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert get(f"{replicas.swapi_url}people/?page=2", **{"If-None-Match": first.headers["ETag"]}).status == 200


def test_swapi_refuses_with_the_seconds_to_wait_and_then_answers_again() -> None:
    clock = Clock()
    with start_replicas(swapi_windows=((2, 100.0),), clock=clock.time) as replicas:
        people = f"{replicas.swapi_url}people/"
        assert get(people).status == 200
        clock.advance(30.5)
        assert get(people).status == 200
        refused = get(people)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "70")
        assert refused.json == {"detail": "Request was throttled. Expected available in 70 seconds."}
        clock.advance(69.4)
        assert get(people).status == 429
        clock.advance(0.1)
        assert [get(people).status, get(people).status] == [200, 429]


def test_only_reading_is_allowed(replicas: Replicas) -> None:
    got = get(f"{replicas.swapi_url}people/", method="POST")
    assert (got.status, got.json) == (405, {"detail": "Method 'POST' not allowed."})


def test_stats_tell_what_came_and_are_not_counted_themselves(replicas: Replicas) -> None:
    get(f"{replicas.swapi_url}people/")
    get(f"{replicas.swapi_url}people/17/")
    address = replicas.swapi_url.replace("/api/", "/_stats")
    get(address)
    assert get(address).json == {
        "requests": 2,
        "answers": {"200": 1, "404": 1},
        "paths": {"/api/people/": 1, "/api/people/17/": 1},
        "fullest_window": 2,
        "window": {"limit": 10_000, "seconds": 86_400.0},
    }


def test_a_port_that_is_taken_is_said_so(replicas: Replicas) -> None:
    port = urlsplit(replicas.swapi_url).port or 0
    with pytest.raises(Conflict, match=f"127.0.0.1:{port}"):
        start_replicas(swapi_port=port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_settings_and_ends_at_a_signal(number: signal.Signals) -> None:
    source = Path(__file__).parents[2] / "src"
    command = [sys.executable, "-m", "ladle.demo", "--limit", "1", "--latency-ms", "1-2", "--key", "mine"]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    with running(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        printed = dict(process.stdout.readline().strip().split("=") for _ in range(3))
        assert printed["OPENWEATHER_API_KEY"] == "mine"
        assert get(f"{printed['LADLE_SWAPI_BASE_URL']}films/").json["count"] == 6
        one = f"{printed['LADLE_OPENWEATHER_BASE_URL']}weather?id=3439525&appid=mine"
        assert [get(one).status, get(one).status] == [200, 429]
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def change(replicas: Replicas, method: str, record: str, *, body: str = "") -> int:
    parts = urlsplit(replicas.swapi_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request(method, f"/_records/{record}", body)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_record_is_changed_and_taken_away_for_those_who_ask_later(replicas: Replicas) -> None:
    before = get(f"{replicas.swapi_url}people/").headers["ETag"]
    assert change(replicas, "PATCH", "people/1", body='{"mass": "80"}') == 200
    assert get(f"{replicas.swapi_url}people/1/").json["mass"] == "80"
    assert get(f"{replicas.swapi_url}people/").headers["ETag"] != before
    assert change(replicas, "DELETE", "people/3") == 204
    assert get(f"{replicas.swapi_url}people/").json["count"] == 81
    assert get(f"{replicas.swapi_url}people/3/").status == 404
    assert replicas.counts["swapi"].requests == 5


@pytest.mark.parametrize(
    ("record", "body", "status"),
    [
        ("people/17", "{}", 404),
        ("robots/1", "{}", 404),
        ("people/1", "mass=80", 400),
        ("people/1", '["mass"]', 400),
        ("people/1", '{"weight": "80"}', 400),
        ("people/1", '{"url": "elsewhere"}', 400),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(replicas: Replicas, record: str, body: str, status: int) -> None:
    whole = get(f"{replicas.swapi_url}people/").body
    assert change(replicas, "PATCH", record, body=body) == status
    assert get(f"{replicas.swapi_url}people/").body == whole
