"""The pages as a program sees them: statuses, the same path as data, and headers that keep foreign scripts out."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from tests.browser.site import Site


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/nowhere/", 404, "There is nothing here"),
        ("/sources/swap/", 404, "Did you mean &quot;swapi&quot;?"),
        ("/datasets/swapi/peple/", 404, "Did you mean &quot;swapi/people&quot;?"),
        ("/runs/20260101-000000-000000/", 404, "There is no run"),
        ("/snapshots/20260101-000000-000000/", 404, "There is no snapshot"),
        ("/snapshots/?_offset=-1", 400, "_offset must be a whole number from 0 up, not &quot;-1&quot;."),
        ("/snapshots/?_limit=5000", 400, "_limit must be a whole number from 1 to 1000"),
        ("{people}?_limt=5", 400, "Did you mean &quot;_limit&quot;?"),
        ("{people}?_offset=ten", 400, "_offset must be a whole number"),
        ("{people}counts/?by=date&by=date", 400, "named twice"),
        ("{people}counts/?by=date&_order=last", 400, "is no order for counts"),
        ("{people}columns/?by=date", 400, "There is no query key &quot;by&quot;."),
        ("/runs/{id}/?only=some", 400, "is no filter for requests"),
        ("/runs/{id}/?_before=x", 400, "_before must be the number of a request"),
    ],
)
def test_wrong_addresses_say_what_is_wrong(site: Site, people: str, path: str, status: int, told: str) -> None:
    got, _, text = site.get(path.format(people=people, id=people.split("/")[2]))
    assert got == status
    assert told in text
    assert "<h1>" in text


def test_a_foreign_host_name_is_refused_in_words(site: Site) -> None:
    status, _, text = site.get("/", Host="example.org")
    assert (status, "LADLE_ALLOWED_HOSTS=example.org" in text) == (400, True)


def test_an_offset_past_the_end_says_how_many_there_are(site: Site, people: str) -> None:
    status, _, text = site.get(f"{people}?_offset=1000")
    assert (status, "There are only 82 rows." in text) == (200, True)


def test_a_post_without_this_sites_secret_starts_nothing(site: Site) -> None:
    with_body = {"Content-Type": "application/x-www-form-urlencoded"}
    before = site.get("/api/v1/runs")[2]
    status, text = site.post("/runs/", b"dataset=swapi/people", **with_body)
    assert (status, "Nothing was started." in text) == (403, True)
    assert json.loads(site.get("/api/v1/runs")[2])["count"] == json.loads(before)["count"]


def test_rows_as_json_are_the_apis(site: Site, people: str) -> None:
    query = "?_offset=40&_limit=5"
    mine = json.loads(site.get(f"{people.rstrip('/')}.json{query}")[2])
    api = json.loads(site.get(f"/api/v1{people.rstrip('/')}/rows{query}")[2])
    assert (mine["count"], mine["results"]) == (api["count"], api["results"])
    assert "_offset=45" in mine["next"]
    assert "_offset=35" in mine["previous"]


def test_counts_as_json_are_the_apis(site: Site, people: str) -> None:
    query = "?by=date&by=homeworld&_limit=3"
    mine = json.loads(site.get(f"{people}counts.json{query}")[2])
    api = json.loads(site.get(f"/api/v1{people}counts{query}")[2])
    links = {"next", "previous"}
    assert {k: v for k, v in mine.items() if k not in links} == {k: v for k, v in api.items() if k not in links}


def test_rows_as_csv_are_the_part_asked_for_or_the_whole_file(site: Site, people: str) -> None:
    part = list(csv.reader(io.StringIO(site.get(f"{people.rstrip('/')}.csv?_offset=10&_limit=2")[2])))
    assert [row[0] for row in part] == ["name", "Anakin Skywalker", "Wilhuff Tarkin"]
    whole = site.get(f"{people.rstrip('/')}.csv")[2]
    assert whole == site.get(f"/api/v1{people}download.csv")[2]


def test_rows_as_csv_are_written_as_in_the_kept_file(site: Site, people: str, cities: str) -> None:
    for snapshot in (people, cities):
        assert site.get(f"{snapshot.rstrip('/')}.csv?_limit=1000")[2] == site.get(f"{snapshot.rstrip('/')}.csv")[2]


def test_csv_keeps_null_and_the_empty_string_apart(site: Site, cities: str) -> None:
    lines = site.get(f"{cities.rstrip('/')}.csv?_limit=2")[2].splitlines()
    assert lines[1].split(",")[1:3] == ['"Quito"', ""]
    assert lines[2].split(",")[1:3] == ['""', '"PE"']


@pytest.mark.parametrize(
    "path",
    ["/", "/runs/", "/snapshots/", "/sources/swapi/", "{people}", "{people}columns/", "{people}counts/?by=gender"],
)
def test_pages_carry_no_inline_script_or_style_and_forbid_foreign_ones(site: Site, people: str, path: str) -> None:
    status, headers, text = site.get(path.format(people=people))
    assert status == 200
    assert re.findall(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", text) == []
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_our_own_script_stays_small(site: Site) -> None:
    assert len(site.get("/static/pages/ladle.js")[2]) < 10_000
