"""The site of a home on S3: takes a real server on another machine's cache, gives rows, counts, downloads, new runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.demo.serve import Replicas
from ladle_server.catalog.clearing import clear_if_due
from tests.s3 import S3Server
from tests.server.site import Site


@pytest.fixture(scope="module")
def kept(s3: S3Server, people: ladle.Snapshot, tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """The people as a snapshot in a home on S3, made by a machine that is not the site's."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**s3.settings, "LADLE_CACHE": str(tmp_path_factory.mktemp("cache"))}.items():
            patch.setenv(name, value)
        return ladle.import_file(people.path("csv"), name="own/people", home=s3.home("site"))


@pytest.fixture(scope="module")
def site(
    s3: S3Server, kept: ladle.Snapshot, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    cache = str(tmp_path_factory.mktemp("cache-of-the-site"))
    settings = {**s3.settings, "LADLE_CACHE": cache, "LADLE_SWAPI_BASE_URL": replicas.swapi_url}
    with Site(s3.home("site"), **settings) as running:
        yield running


def test_rows_counts_and_pages_are_those_of_the_snapshot(site: Site, kept: ladle.Snapshot) -> None:
    listed = site.get("/api/v1/snapshots").json["results"]
    assert [each["id"] for each in listed] == [kept.id]
    rows = site.get(f"/api/v1/snapshots/{kept.id}/rows?_offset=40&name__contains=a").json["results"]
    assert [row["name"] for row in rows] == [
        row["name"] for row in kept.rows(offset=40, view=kept.view([("name__contains", "a")]))
    ]
    counts = site.get(f"/api/v1/snapshots/{kept.id}/counts?by=homeworld&_limit=3").json["results"]
    assert [each["count"] for each in counts] == [row.count for row in kept.count("homeworld", limit=3).rows]
    page = site.get(f"/snapshots/{kept.id}/")
    assert page.status == 200
    assert b"Luke Skywalker" in page.body


def test_a_download_is_streamed_in_ranges_too(site: Site, kept: ladle.Snapshot) -> None:
    path = f"/api/v1/snapshots/{kept.id}/download.csv"
    whole = site.get(path)
    assert whole.body == kept.path("csv").read_bytes()
    part = site.get(path, Range="bytes=1000-1999", If_Range=whole.headers["etag"])
    assert (part.status, part.body) == (206, whole.body[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.body)}"
    assert site.get(path, If_None_Match=whole.headers["etag"]).status == 304


def test_a_run_of_the_site_makes_a_snapshot_that_every_machine_sees(
    site: Site, s3: S3Server, kept: ladle.Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = site.post("/api/v1/runs", {"dataset": "swapi/people"})
    assert started.status == 202
    assert site.ended(started.json["id"])["state"] == "complete"
    for name, value in {**s3.settings, "LADLE_CACHE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert ladle.snapshot("swapi/people", home=s3.home("site")).manifest.rows == 82


@pytest.fixture
def shared(
    s3: S3Server, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> tuple[str, ladle.Home]:
    """The address of an empty home on S3 that the site in this process serves, and the home on another machine."""
    address = s3.home(f"shared-{tmp_path.name}")
    settings.LADLE_HOME = address
    for name, value in {**s3.settings, "LADLE_CACHE": str(tmp_path / "site")}.items():
        monkeypatch.setenv(name, value)
    return address, ladle.Home.open(address, env={**s3.settings, "LADLE_CACHE": str(tmp_path / "elsewhere")})


def test_metrics_tell_of_runs_that_other_machines_drive(
    shared: tuple[str, ladle.Home], client: Client, replicas: Replicas
) -> None:
    _, elsewhere = shared
    collected = ladle.collect("swapi/people", home=elsewhere, base_url=replicas.swapi_url)
    queued = ladle.start(elsewhere, "swapi/people", base_url=replicas.swapi_url)
    for _ in range(2):
        told = client.get("/metrics").content.decode()
        assert 'ladle_requests_total{source="swapi"} 15.0' in told
        assert 'ladle_runs{source="swapi",state="complete"} 1.0' in told
        assert 'ladle_runs{source="swapi",state="queued"} 1.0' in told
    assert (collected.manifest.requests, queued.state) == (15, "queued")
    client.get("/snapshots/")
    assert 'ladle_snapshots{complete="true"} 1.0' in client.get("/metrics").content.decode()


def test_a_site_whose_home_is_gone_from_s3_is_not_ready(
    shared: tuple[str, ladle.Home], client: Client, s3: S3Server
) -> None:
    address, _ = shared
    assert client.get("/readyz").json()["needs"]["home"] == "good"
    s3.store(address).delete("ladle.json")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["needs"]["home"]) == (503, "can't be reached")


def test_room_is_made_on_s3_and_the_lists_follow(
    shared: tuple[str, ladle.Home], client: Client, replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, elsewhere = shared
    first, second = (ladle.collect("swapi/people", home=elsewhere, base_url=replicas.swapi_url) for _ in range(2))
    assert len(client.get("/api/v1/snapshots").json()["results"]) == 2
    monkeypatch.setenv("LADLE_KEEP", "1")
    monkeypatch.setenv("LADLE_JOURNAL_DAYS", "1")
    assert clear_if_due(now=time.time())
    assert [each["id"] for each in client.get("/api/v1/snapshots").json()["results"]] == [second.id]
    assert client.get(f"/api/v1/snapshots/{first.id}").status_code == 404
    assert "Its snapshot is gone" in client.get(f"/runs/{first.manifest.run}/").content.decode()
