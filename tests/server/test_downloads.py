"""Downloads from a real server: whole, in ranges, unchanged; the files' own bytes."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import ladle
from ladle.snapshots.bounds import Bounds
from ladle_server.api.downloads import KINDS, Span, parse_range
from tests.explore.test_export import broken
from tests.server.site import SECONDS, Answer, Site
from tests.servers.stack import home_with
from tests.snapshots.kit import from_records


@pytest.fixture(scope="module")
def site(people: ladle.Snapshot) -> Iterator[Site]:
    with Site(home_with(people.folder)) as running:
        yield running


@dataclass(slots=True)
class Own:
    """A site on a home to which tests add snapshots of their own, to be damaged as they like."""

    folder: Path
    site: Site
    made: int = 0

    def snapshot(self, records: Sequence[dict[str, Any]], **options: Any) -> ladle.Snapshot:
        """The snapshot of these records."""
        self.made += 1
        return from_records(self.folder, records, run=f"20261121-120103-{self.made:06x}", **options)

    def get(self, snapshot: ladle.Snapshot, path: str) -> Answer:
        """A file of the snapshot."""
        return self.site.get(f"/api/v1/snapshots/{snapshot.id}/{path}")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("own")
    with Site(folder / "home") as running:
        yield Own(folder, running)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_is_downloaded_as_it_is_under_a_telling_name(site: Site, people: ladle.Snapshot, kind: str) -> None:
    answer = site.get(f"/api/v1/snapshots/{people.id}/download.{kind}")
    assert answer.body == b"".join(people.export(kind))
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["content-disposition"] == f'attachment; filename="swapi-people-{people.id}.{kind}"'
    assert "immutable" in answer.headers["cache-control"]


def test_the_page_s_menu_leads_to_every_kind(site: Site, people: ladle.Snapshot) -> None:
    page = site.get(f"/snapshots/{people.id}/").body.decode()
    links = [f'href="/api/v1/snapshots/{people.id}/download.{kind}"' for kind in KINDS]
    assert [link for link in links if link not in page] == []


def test_json_lines_are_the_rows(site: Site, people: ladle.Snapshot) -> None:
    answer = site.get(f"/api/v1/snapshots/{people.id}/download.ndjson/")
    rows = [json.loads(line) for line in answer.body.splitlines()]
    assert [row["name"] for row in rows] == [row["name"] for row in people.rows(limit=1000)]
    assert answer.headers["content-type"] == "application/x-ndjson"


def test_a_download_is_gone_on_with_where_it_broke_off(site: Site, people: ladle.Snapshot) -> None:
    path = f"/api/v1/snapshots/{people.id}/download.csv"
    whole = site.get(path)
    rest = site.get(path, Range="bytes=1000-", If_Range=whole.headers["etag"])
    assert rest.status == 206
    assert rest.body == whole.body[1000:]
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole.body) - 1}/{len(whole.body)}"
    other = site.get(path, Range="bytes=1000-", If_Range='"another"')
    assert (other.status, other.body) == (200, whole.body)


def test_a_range_outside_of_the_file_is_refused_with_its_size(site: Site, people: ladle.Snapshot) -> None:
    refused = site.get(f"/api/v1/snapshots/{people.id}/download.csv", Range="bytes=99999999-")
    assert refused.status == 416
    assert refused.headers["content-range"] == f"bytes */{people.path('csv').stat().st_size}"


def test_a_whole_file_comes_with_its_digest_and_so_does_a_part_of_it(site: Site, people: ladle.Snapshot) -> None:
    for kind in ("csv", "parquet"):
        path = f"/api/v1/snapshots/{people.id}/download.{kind}"
        whole, part = site.get(path), site.get(path, Range="bytes=-10")
        digest = b64encode(hashlib.sha256(whole.body).digest()).decode()
        assert whole.headers["repr-digest"] == part.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert (part.status, part.body) == (206, whole.body[-10:])
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-9,20-29"},
        {"Range": "bytes=9-0"},
        {"Range": "rows=0-9"},
        {"Range": "bytes=0-9", "If_Range": "Wed, 21 Oct 2026 07:28:00 GMT"},
        {"Range": "bytes=0-9", "If_Range": "weak"},
    ],
    ids=["several ranges", "backwards", "another unit", "a date", "a weak tag"],
)
def test_what_is_no_range_that_is_served_gets_the_whole(
    site: Site, people: ladle.Snapshot, headers: dict[str, str]
) -> None:
    path = f"/api/v1/snapshots/{people.id}/download.csv"
    etag = site.ask("HEAD", path).headers["etag"]
    answer = site.get(path, **{name: value.replace("weak", f"W/{etag}") for name, value in headers.items()})
    assert (answer.status, answer.body) == (200, people.path("csv").read_bytes())


def test_head_tells_what_get_would_and_sends_nothing(site: Site, people: ladle.Snapshot) -> None:
    for path in ("download.csv", "download.ndjson", "download.csv?_sort=name", "download.xlsx?gender=male"):
        raw = spoken(site, f"HEAD /api/v1/snapshots/{people.id}/{path} HTTP/1.1")
        head, _, body = raw.partition(b"\r\n\r\n")
        told, wanted = site.get(f"/api/v1/snapshots/{people.id}/{path}").headers, head.decode().lower()
        assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"")
        for name in ("content-type", "content-disposition", "etag", "content-length"):
            assert (f"{name}: {told[name].lower()}" in wanted) if name in told else (name not in wanted)


def spoken(site: Site, line: str) -> bytes:
    """All that the server sends for a request."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as connection:
        connection.sendall(f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_is_downloaded_in_every_form(site: Site, people: ladle.Snapshot, kind: str) -> None:
    query = "height__gte=150&_sort=-mass,name&_col=name&_col=mass&_search=e"
    view = people.view(parse_qsl(query))
    path = f"/api/v1/snapshots/{people.id}/download.{kind}?{query}"
    answer = site.get(path)
    assert answer.body == b"".join(people.export(kind, view=view))
    ending = "-for-spreadsheets.csv" if kind == "csv-for-spreadsheets" else f".{kind}"
    name = f"people-{people.manifest.finished:%Y-%m-%d}-view{ending}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "content-length" not in answer.headers
    assert site.get(path, If_None_Match=answer.headers["etag"]).status == 304
    assert site.get(path, Range="bytes=5-").body == answer.body
    assert site.get(f"{path}&gender=male").headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize(
    ("query", "named"),
    [("heigt=5", "heigt"), ("date__gte=soon", "soon"), ("_sort=nam", "nam"), ("_limit=5", "_limit")],
)
def test_a_view_that_can_not_be_is_refused(site: Site, people: ladle.Snapshot, query: str, named: str) -> None:
    answer = site.get(f"/api/v1/snapshots/{people.id}/download.csv?{query}")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert named in answer.json["detail"]


def test_the_menu_offers_the_view_on_screen_and_the_whole_table(site: Site, people: ladle.Snapshot) -> None:
    page = unescape(site.get(f"/snapshots/{people.id}/?gender=male&_sort=name").body.decode())
    for kind in KINDS:
        path = f"/api/v1/snapshots/{people.id}/download.{kind}"
        assert f'href="{path}?gender=male&_sort=name"' in page
        assert f'href="{path}"' in page
    count = people.look(people.view([("gender", "male")])).total
    assert f"This view, {count} rows" in page
    assert f"The whole table, {len(people)} rows" in page


def test_the_rows_page_gives_a_view_of_more_than_a_thousand_rows_whole(own: Own) -> None:
    snapshot = own.snapshot([{"n": n, "t": f"a{n % 3}"} for n in range(4_000)], size=1_000)
    answer = own.site.get(f"/snapshots/{snapshot.id}.csv?_sort=-n&t__not=a1")
    lines = answer.body.decode().splitlines()
    assert lines[:3] == ['"n","t"', '3999,"a0"', '3998,"a2"']
    assert len(lines) == 1 + sum(n % 3 != 1 for n in range(4_000))


@pytest.mark.parametrize(("kind", "ending"), [("csv-for-spreadsheets", "-for-spreadsheets.csv"), ("xlsx", ".xlsx")])
def test_a_spreadsheet_is_made_as_it_is_sent(site: Site, people: ladle.Snapshot, kind: str, ending: str) -> None:
    answer = site.get(f"/api/v1/snapshots/{people.id}/download.{kind}")
    assert answer.body == b"".join(people.export(kind))
    assert answer.headers["content-disposition"] == f'attachment; filename="swapi-people-{people.id}{ending}"'
    assert "content-length" not in answer.headers


@pytest.mark.own_folder
def test_a_download_that_breaks_is_a_broken_connection_and_no_short_file(own: Own) -> None:
    snapshot = own.snapshot([{"n": n, "t": f"{n}" * 20} for n in range(30_000)], size=5_000)
    view = snapshot.view([("n__gte", "0"), ("_sort", "-n")])
    snapshot.prepare(view).result()  # its order is known before the file breaks
    broken(snapshot)
    whole = ["download.ndjson", "download.csv-for-spreadsheets", "download.xlsx"]
    views = [f"download.{kind}?n__gte=0&_sort=-n" for kind in KINDS]
    for path in (*whole, *views):
        with pytest.raises(http.client.IncompleteRead):
            own.get(snapshot, path)


@pytest.mark.own_folder
@pytest.mark.parametrize(
    ("path", "file"), [("download.csv?n__gte=0", "parquet"), ("download.ndjson", "parquet"), ("download.csv", "csv")]
)
def test_a_file_that_is_damaged_while_it_is_sent_breaks_the_connection(
    own: Own, path: str, file: ladle.FileKind
) -> None:
    records = [{"n": n, "t": f"{n}" * 80} for n in range(60_000)]
    snapshot = own.snapshot(records, size=5_000, bounds=Bounds(chunk_rows=2_000, group_rows=2_000))
    kept = snapshot.path(file)
    connection = http.client.HTTPConnection("127.0.0.1", own.site.port, timeout=SECONDS)
    connection.request("GET", f"/api/v1/snapshots/{snapshot.id}/{path}")
    answer = connection.getresponse()
    assert (answer.status, len(answer.read(1_000))) == (200, 1_000)
    if file == "csv":
        os.truncate(kept, kept.stat().st_size - 100)
    else:
        middle = kept.stat().st_size * 9 // 10
        with kept.open("r+b") as opened:
            opened.seek(middle)
            opened.write(b"\xff" * 20_000)
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


@pytest.mark.own_folder
def test_a_file_of_another_size_is_not_sent_as_if_it_were_whole(own: Own) -> None:
    snapshot = own.snapshot([{"n": n} for n in range(100)])
    for kind in ("csv", "parquet"):
        os.truncate(snapshot.path(kind), 50)
    for path in ("download.csv", "download.parquet", "download.csv?n=5"):
        answer = own.get(snapshot, path)
        assert (answer.status, "has 50 bytes instead of" in answer.json["detail"]) == (500, True)


def test_what_a_sheet_has_no_room_for_is_refused_in_words(own: Own) -> None:
    snapshot = own.snapshot([{"t": "x" * 40_000}])
    answer = own.get(snapshot, "download.xlsx")
    assert answer.status == 400
    assert answer.json["detail"].startswith('Row 1 has 40,000 characters in "t"; a cell takes 32,767.')


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_client_has_is_not_sent_again(site: Site, people: ladle.Snapshot, kind: str) -> None:
    path = f"/api/v1/snapshots/{people.id}/download.{kind}"
    first = site.ask("HEAD", path)
    again = site.get(path, If_None_Match=first.headers["etag"])
    assert (first.status, first.body, again.status, again.body) == (200, b"", 304, b"")


def test_the_command_line_s_snapshot_is_on_the_site(site: Site, people: ladle.Snapshot) -> None:
    assert site.get("/api/v1/snapshots").json["results"][0]["id"] == people.id


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=0-", Span(0, 100)),
        ("bytes=10-19", Span(10, 20)),
        ("bytes=90-200", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-200", Span(0, 100)),
        ("bytes=100-", Span(100, 100)),
        ("bytes=-0", Span(100, 100)),
        ("bytes=20-10", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_a_range_is_read_as_rfc_9110_has_it(header: str, span: Span | None) -> None:
    assert parse_range(header, 100) == span
