"""Whatever is answered on the wire is in the site's description: asks for each refusal, holds it against the document.

Each case comes from an address of its own, so that what one client has sent is not held against another.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest

from tests.server.attacks.conftest import raw
from tests.server.cities import IDS, Cities
from tests.server.site import SECONDS, Site, until

PER_DAY = 2
HOST = b"Host: localhost\r\nConnection: close\r\n"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
RUNS, POST_RUN = b"GET /api/v1/runs HTTP/1.1\r\n", b"POST /api/v1/runs HTTP/1.1\r\n" + HOST
WAIT = b"POST /collection-request HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: 9\r\n\r\n"
NO_RUN = b"GET /api/v1/runs/20200101-000000-000000/events HTTP/1.1\r\n" + HOST
LARGE = (16 << 20) + 1
_addresses = count(2)


@pytest.fixture(scope="module")
def cities() -> Iterator[Cities]:
    with Cities() as api:
        yield api


@pytest.fixture(scope="module")
def site(cities: Cities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("wire")
    rate = f"{PER_DAY} per day"
    bounds = Site(
        folder / "home",
        LADLE_REQUEST_SECONDS="1",
        LADLE_RATE_LIMIT=rate,
        LADLE_WAITING="1",
        **cities.settings(folder),
    )
    with bounds as running:
        yield running


@pytest.fixture(scope="module")
def paths(site: Site) -> Any:
    return site.get("/api/schema").json["paths"]


def another() -> str:
    """An address of this machine that nothing was sent from."""
    return f"127.0.0.{next(_addresses)}"


CASES = {
    "another host": ("GET", "/api/v1/runs", 400, RUNS + b"Host: evil.example\r\nConnection: close\r\n\r\n"),
    "no HTTP": ("GET", "/api/v1/runs", 400, b"GET /api/v1/runs HTTP/3.0\r\n" + HOST + b"\r\n"),
    "no text": ("GET", "/api/v1/runs", 400, b"GET /api/v1/runs?state=\xff HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no token": ("GET", "/api/v1/runs", 401, RUNS + HOST + b"Authorization: Bearer \xff\r\n\r\n"),
    "another site": ("POST", "/api/v1/runs", 403, POST_RUN + b"Origin: http://evil.example\r\n\r\n"),
    "no run": ("GET", "/api/v1/runs/{run}/events", 404, NO_RUN + b"\r\n"),
    "a body nobody reads": ("GET", "/api/v1/runs/{run}/events", 404, NO_RUN + b"Content-Length: %d\r\n\r\n" % LARGE),
    "half a head": ("GET", "/api/v1/runs", 408, RUNS + b"Host:"),
    "half a body": ("POST", "/collection-request", 408, WAIT + b'{"id"'),
    "told too large": ("GET", "/api/v1/runs", 413, RUNS + HOST + b"Content-Length: %d\r\n\r\n" % LARGE),
    "too large": (
        *("DELETE", "/api/v1/schedules/{schedule}", 413),
        b"DELETE /api/v1/schedules/a HTTP/1.1\r\n"
        + HOST
        + CHUNKED
        + b"%x\r\n" % LARGE
        + b"x" * LARGE
        + b"\r\n0\r\n\r\n",
    ),
    "too much JSON": (
        "POST",
        "/api/v1/runs",
        413,
        POST_RUN + JSON + b"Content-Length: 1100000\r\n\r\n" + b" " * 1_100_000,
    ),
    "no JSON": ("POST", "/api/v1/runs", 415, POST_RUN + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
    "a long address": ("GET", "/api/v1/runs", 431, b"GET /api?" + b"x" * 66_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a long header": ("GET", "/api/v1/runs", 431, RUNS + HOST + b"X-Long: " + b"x" * 66_000 + b"\r\n\r\n"),
    "many headers": ("GET", "/api/v1/runs", 431, RUNS + HOST + b"X-Long: a\r\n" * 100_000),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_one_that_the_description_names(site: Site, paths: Any, case: str) -> None:
    method, path, status, request = CASES[case]
    named(paths, method, path, raw(site, request, of=another()), status)


def test_too_many_requests_are_one(site: Site, paths: Any) -> None:
    asked, hurried = RUNS + HOST + b"\r\n", another()
    answers = [raw(site, asked, of=hurried) for _ in range(PER_DAY + 1)]
    assert [status for status, _, _ in answers[:-1]] == [200] * PER_DAY
    assert named(paths, "GET", "/api/v1/runs", answers[-1], 429)["Retry-After"]


def test_no_place_for_one_more_who_waits_is_one(site: Site, paths: Any, cities: Cities) -> None:
    cities.held = {IDS[-1]}
    before = len(cities.asked())
    with closing(socket.create_connection(("127.0.0.1", site.port), SECONDS, (another(), 0))) as waits:
        waits.sendall(WAIT + b'{"id": 1}')
        until(lambda: len(cities.asked()) > before)
        refused = raw(site, WAIT + b'{"id": 2}', of=another())
        cities.api.release()
        assert named(paths, "POST", "/collection-request", refused, 503)["Retry-After"]
        assert waits.recv(4096).startswith(b"HTTP/1.1 201 ")


def named(paths: Any, method: str, path: str, answer: Any, status: int) -> Any:
    """The answer's headers, when status, media type, headers and body are what the document says."""
    came, headers, body = answer
    assert came == status
    described = paths[path][method.lower()]["responses"][str(status)]
    assert headers["Content-Type"] in described["content"]
    assert [name for name in described.get("headers", {}) if name not in headers] == []
    told = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])  # it may have come as a chunk
    assert told["status"] == status
    assert told["detail"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    return headers


def test_every_operation_names_what_any_request_may_be_answered_with(paths: Any) -> None:
    lacking = {
        f"{method.upper()} {path}": missing
        for path, operations in paths.items()
        for method, about in operations.items()
        if (missing := {"400", "401", "408", "413", "429", "431", "500", "503"} - set(about["responses"]))
    }
    assert lacking == {"GET /api/v1/runs/{run}/events": {"413"}}
