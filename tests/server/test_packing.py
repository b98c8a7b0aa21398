"""Pages and files go out compressed to those who read that, and files are asked for once; data goes as it is."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

import ladle
from tests.servers.stack import home_with
from tests.snapshots.kit import built, page, person, source

RUN = "20261121-120103-7f3a9c"


@pytest.fixture
def snapshot(tmp_path: Path, settings: Settings, db: None) -> ladle.Snapshot:
    made = built(tmp_path, [page(1, [person(n) for n in range(1, 30)])], of=source(), run=RUN)
    settings.LADLE_HOME = home_with(made.folder)
    return made


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "deflate, GZIP"])
def test_a_page_is_compressed_for_those_who_read_that(client: Client, snapshot: ladle.Snapshot, accepted: str) -> None:
    plain = client.get(f"/snapshots/{RUN}/")
    small = client.get(f"/snapshots/{RUN}/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert len(small.content) < len(plain.content) / 3
    assert int(small.headers["Content-Length"]) == len(small.content)
    assert all("Accept-Encoding" in each.headers["Vary"] for each in (plain, small))


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br", "x-gzipped"])
def test_who_does_not_read_it_gets_the_page_as_it_is(client: Client, snapshot: ladle.Snapshot, accepted: str) -> None:
    answer = client.get(f"/snapshots/{RUN}/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert b"</html>" in answer.content


@pytest.mark.parametrize("path", [f"/api/v1/snapshots/{RUN}/rows?_limit=1000", f"/snapshots/{RUN}.csv?_limit=1000"])
def test_data_is_sent_as_it_is(client: Client, snapshot: ladle.Snapshot, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_a_page_names_its_files_with_their_versions_which_never_change(
    client: Client, snapshot: ladle.Snapshot
) -> None:
    text = client.get(f"/snapshots/{RUN}/").content.decode()
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    assert len(files) == 5
    for address in files:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        found = finders.find(address.removeprefix("/static/").partition("?")[0])
        assert gzip.decompress(answer.content) == Path(str(found)).read_bytes()
        assert "immutable" in answer.headers["Cache-Control"]
        assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("query", ["", "?00000000"])
def test_without_its_version_a_file_is_asked_for_again(client: Client, query: str) -> None:
    address = f"/static/pages/ladle.css{query}"
    first = client.get(address)
    assert "no-cache" in first.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    packed = client.get(address, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (packed.status_code, packed.headers["Content-Encoding"]) == (200, "gzip")
