"""What is answered at once is answered as Django's own handler would; a request that says it has a body goes there."""

from __future__ import annotations

import os
import re
import socket
import struct
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import quote

import pytest
from asgiref.sync import iscoroutinefunction
from django.urls import resolve

import ladle
from ladle.testing import answer
from ladle_server.asgi import is_quick
from ladle_server.at_once import has_body
from ladle_server.middleware import spelled
from tests.apis import collected, swapi
from tests.server.site import SECONDS, Answer, Site, bad_run
from tests.servers.stack import current, home_of, home_with
from tests.snapshots.kit import from_records

PAGES = [
    "/snapshots/{}/",
    "/snapshots/{}",
    "/snapshots/{}/?_offset=10&_limit=2",
    "/snapshots/{}/?_limit=1000",
    "/snapshots/{}/?_row=4",
    "/snapshots/{}/?_offset=-1",
    "/snapshots/{}/?_offset=%ff",
    "/snapshots/{}/columns/",
    "/snapshots/{}.json?_offset=10",
    "/snapshots/{}.csv?_limit=3",
    "/snapshots/{}.csv",
    "/snapshots/nothing/",
    "/snapshots/nothing%0A/",
    "/api/v1/snapshots/{}",
    "/api/v1/snapshots/{}/rows",
    "/api/v1/snapshots/{}/rows/?_offset=7&_col=name&_col=mass",
    "/api/v1/snapshots/{}/rows?_offset=x",
    "/api/v1/snapshots/{}/rows?_col=" + quote("größe \N{DUCK}"),
    "/api/v1/snapshots/{}/profile",
    "/api/v1/snapshots/nothing/rows",
    "/static/pages/ladle.css",
    "/static/pages/nothing.css",
    "/runs/now/",
]
_ONCE = re.compile(rb'(?<=csrfmiddlewaretoken" value=")\w+|ladle-csrf=\w+|expires=[^;]+')
"""What differs from one answer to the next."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """With an incomplete snapshot, whose page has a form."""
    path = home_of(tmp_path_factory.mktemp("home"))
    with swapi(people3=answer("", status=410)) as api:
        collected(api, path)
    return path


@pytest.fixture(scope="module")
def snapshot(home: str) -> str:
    return ladle.snapshot("swapi/people", home=home).id


@pytest.fixture(scope="module")
def site(home: str) -> Iterator[Site]:
    with Site(home) as running:
        yield running


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """Twelve megabytes: more than a connection takes before it is read from."""
    records = [{"n": n, "t": f"{n:05}" * 80} for n in range(30_000)]
    return from_records(tmp_path_factory.mktemp("large"), records, size=5_000)


def alike(told: Answer) -> tuple[int, dict[str, bytes], bytes]:
    """An answer without what differs from one to the next."""
    headers = {name: _ONCE.sub(b"", value.encode()) for name, value in told.headers.items() if name != "date"}
    return told.status, headers, _ONCE.sub(b"", told.body)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PAGES)
def test_an_answer_is_the_one_that_django_gives(site: Site, snapshot: str, path: str, method: str) -> None:
    there = path.format(snapshot)
    at_once = site.ask(method, there, X_Request_ID="one")
    as_ever = site.ask(method, there, Content_Length="0", X_Request_ID="one")
    assert alike(at_once) == alike(as_ever)
    if method == "HEAD":
        assert at_once.body == b""


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Cookie": "ladle-csrf=wrong; other=1"},
        {"HX-Request": "true"},
        {"Accept": "text/csv"},
        {"If-None-Match": "*"},
    ],
)
@pytest.mark.parametrize("path", ["/snapshots/{}/?_from=0", "/api/v1/snapshots/{}/rows", "/static/pages/ladle.js"])
def test_headers_mean_the_same(site: Site, snapshot: str, path: str, headers: dict[str, str]) -> None:
    there = path.format(snapshot)
    headers = {**headers, "X-Request-ID": "one"}
    at_once, as_ever = site.get(there, **headers), site.get(there, Content_Length="0", **headers)
    assert alike(at_once) == alike(as_ever)


def test_what_a_client_has_is_told_to_be_unchanged(site: Site, snapshot: str) -> None:
    path = f"/api/v1/snapshots/{snapshot}/rows"
    first = site.get(path)
    again = site.get(path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_a_form_s_cookie_is_set_and_its_token_taken(site: Site, snapshot: str) -> None:
    page = site.get(f"/snapshots/{snapshot}/")
    cookie = page.headers["set-cookie"].partition(";")[0]
    assert (cookie[:11], "SameSite=Strict" in page.headers["set-cookie"]) == ("ladle-csrf=", True)
    (token,) = re.findall(rb'csrfmiddlewaretoken" value="(\w+)"', page.body)
    form = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    sent = {
        each: site.ask("POST", "/runs/nothing/retry/", body=b"csrfmiddlewaretoken=" + each, **form)
        for each in (token, b"x")
    }
    assert [told.status for told in sent.values()] == [404, 403]


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not tell how many segments came")
def test_head_and_body_come_in_one_piece(site: Site, snapshot: str) -> None:
    asked = f"GET /api/v1/snapshots/{snapshot}/rows HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as client:
        for _ in range(3):
            client.sendall(asked)
            told = b""
            while b"\r\n\r\n{" not in told or not told.endswith(b"}]}"):
                told += client.recv(1 << 16)
        about = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
    assert struct.unpack_from("I", about, 152) == (3,)  # tcpi_data_segs_in


def test_requests_that_are_sent_together_are_answered_in_turn(site: Site, snapshot: str) -> None:
    asked = [f"/api/v1/snapshots/{snapshot}/rows?_offset={offset}&_limit=1" for offset in range(5)]
    last = "Connection: close\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as client:
        heads = (f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{last if path == asked[-1] else ''}\r\n" for path in asked)
        client.sendall("".join(heads).encode())
        told = b"".join(iter(lambda: client.recv(1 << 16), b""))
    names = [site.get(path).json["results"][0]["name"].encode() for path in asked]
    assert [told.count(b"HTTP/1.1 200 OK"), *sorted(names, key=told.index)] == [5, *names]


def test_a_client_that_goes_away_harms_nobody(site: Site, snapshot: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", site.port)) as client:
            client.sendall(f"GET /snapshots/{snapshot}/ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # as if it had crashed
    assert site.get(f"/snapshots/{snapshot}/").status == 200
    assert capfd.readouterr().err == ""


@pytest.mark.own_folder  # on S3 nobody can shorten a file that is being read
def test_a_stream_is_still_one_and_breaks_off_where_it_fails(large: ladle.Snapshot) -> None:
    path = f"/snapshots/{large.id}.csv"
    with Site(home_with(large.folder)) as site:
        whole = site.get(path)
        assert (whole.headers["transfer-encoding"], whole.body) == ("chunked", large.path("csv").read_bytes())
        connection = HTTPConnection("127.0.0.1", site.port, timeout=SECONDS)
        connection.request("GET", path)
        told = connection.getresponse()
        assert len(told.read(1_000)) == 1_000
        os.truncate(large.path("csv"), large.path("csv").stat().st_size - 100)
        with pytest.raises(IncompleteRead):
            told.read()
        connection.close()


def test_what_nobody_foresaw_is_a_page_and_a_trace_in_the_log(
    people: ladle.Snapshot, capfd: pytest.CaptureFixture[str]
) -> None:
    home = home_with(people.folder)
    with Site(home) as site:
        on_sqlite = current().postgres is None
        site.sql(bad_run(on_sqlite=on_sqlite))
        failed = site.get(f"/snapshots/{people.id}/")
        site.sql("DELETE FROM catalog_run")
        assert (failed.status, b"a fault of Ladle" in failed.body) == (500, True)
        assert site.get(f"/snapshots/{people.id}/").status == 200
    said = capfd.readouterr().err
    assert f"ERROR django.request: Internal Server Error: /snapshots/{people.id}/" in said
    assert ("UnicodeDecodeError" if on_sqlite else "DataError") in said


@pytest.mark.parametrize("path", PAGES)
def test_no_view_that_is_asked_at_once_waits_on_the_event_loop(path: str) -> None:
    here, _, query = path.format("7f").partition("?")
    assert is_quick(here, query) is not here.endswith(".csv")  # those come in pieces
    assert "%" in here or not iscoroutinefunction(resolve(spelled(here)).func)


@pytest.mark.parametrize(
    ("method", "headers", "body"),
    [
        ("GET", [], False),
        ("HEAD", [(b"accept", b"*/*")], False),
        ("GET", [(b"content-length", b"0")], True),
        ("GET", [(b"transfer-encoding", b"chunked")], True),
        ("POST", [], True),
        ("OPTIONS", [], True),
    ],
)
def test_what_may_have_something_to_read(method: str, headers: list[tuple[bytes, bytes]], body: bool) -> None:
    assert has_body({"method": method, "headers": headers}) is body
