"""Downloads from a real server: whole, in ranges, unchanged; the files' own bytes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import ladle
from ladle_server.api.downloads import KINDS, Span, parse_range
from tests.explore.test_export import broken
from tests.server.site import Site
from tests.snapshots.kit import from_records


@pytest.fixture(scope="module")
def site(people: ladle.Snapshot) -> Iterator[Site]:
    with Site(people.folder.parents[3]) as running:
        yield running


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


@pytest.mark.parametrize(("kind", "ending"), [("csv-for-spreadsheets", "-for-spreadsheets.csv"), ("xlsx", ".xlsx")])
def test_a_spreadsheet_is_made_as_it_is_sent(site: Site, people: ladle.Snapshot, kind: str, ending: str) -> None:
    answer = site.get(f"/api/v1/snapshots/{people.id}/download.{kind}")
    assert answer.body == b"".join(people.export(kind))
    assert answer.headers["content-disposition"] == f'attachment; filename="swapi-people-{people.id}{ending}"'
    assert "content-length" not in answer.headers


def test_a_download_that_breaks_is_a_broken_connection_and_no_short_file(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"t": f"{n}" * 20} for n in range(30_000)], size=5_000)
    broken(snapshot)
    with Site(snapshot.folder.parents[3]) as site:
        for kind in ("ndjson", "csv-for-spreadsheets", "xlsx"):
            with pytest.raises(http.client.IncompleteRead):
                site.get(f"/api/v1/snapshots/{snapshot.id}/download.{kind}")


def test_what_a_sheet_has_no_room_for_is_refused_in_words(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"t": "x" * 40_000}])
    with Site(snapshot.folder.parents[3]) as site:
        answer = site.get(f"/api/v1/snapshots/{snapshot.id}/download.xlsx")
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
