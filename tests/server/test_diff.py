"""What has changed, over HTTP: the API and the page say what the library says, and what can't be is said in words."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from tests.servers.stack import home_of
from tests.snapshots.kit import FINISHED, built, page, person, source

RUNS = ("20261121-120103-7f3a9c", "20261122-080000-000001", "20261123-080000-000002")
TWO = f"{RUNS[0]}..{RUNS[1]}"


@pytest.fixture
def two(tmp_path: Path, settings: Settings, db: None) -> tuple[ladle.Snapshot, ladle.Snapshot]:
    """The site serves two snapshots of `stars/people`: 13 added, 1 removed, 2 changed; and one of another dataset."""
    first = [person(n, mass=n, eye="blue") for n in range(1, 5)]
    later = [person(2, mass=20, eye=""), person(3, mass=30, eye="blue")]
    second = [*later, person(4, mass=4, eye="blue"), *(person(n, mass=n, eye=None) for n in range(10, 23))]
    settings.LADLE_HOME = home_of(tmp_path / "home")
    built(tmp_path, [page(1, [person(1)])], of=source(name="moons"), run=RUNS[2])
    before, after = (
        built(tmp_path, [page(1, records)], of=source(), run=run)
        for records, run in zip((first, second), RUNS, strict=False)
    )
    return before, after


def test_the_api_tells_numbers_columns_and_pages_of_rows(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]
) -> None:
    told = client.get(f"/api/v1/diff/{TWO}?_limit=5").json()
    assert [told[name] for name in ("added", "removed", "changed", "same", "count")] == [13, 1, 2, 1, 16]
    assert (told["key"], told["key_from"], told["dataset"]) == (["url"], "resource", "stars/people")
    assert {each["name"]: each["changed"] for each in told["columns"]} == {"url": 0, "name": 0, "mass": 2, "eye": 1}
    seen = told["results"]
    while told["next"]:
        told = client.get(told["next"]).json()
        seen += told["results"]
    assert [each["kind"] for each in seen] == ["added"] * 13 + ["removed"] + ["changed"] * 2
    assert (seen[-2]["before"]["eye"], seen[-2]["after"]["eye"], seen[-2]["changed"]) == ("blue", "", ["mass", "eye"])
    eyes = client.get(f"/api/v1/diff/{TWO}?_column=eye").json()
    assert (eyes["count"], eyes["results"]) == (1, [seen[-2]])


def test_the_api_sends_a_diff_once(client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]) -> None:
    first = client.get(f"/api/v1/diff/{TWO}")
    assert "immutable" in first["Cache-Control"]
    again = client.get(f"/api/v1/diff/{TWO}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_the_api_tells_a_record_s_history(client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]) -> None:
    told = client.get(f"/api/v1/snapshots/{RUNS[0]}/history", {"key": person(2)["url"]})
    assert [(each["snapshot"], each["fate"], each["changed"]) for each in told.json()["results"]] == [
        (RUNS[0], "first", []),
        (RUNS[1], "changed", ["mass", "eye"]),
    ]
    assert "immutable" not in told.get("Cache-Control", "")
    by_name = client.get(f"/api/v1/snapshots/{RUNS[0]}/history?_key=name&key=Person 1").json()
    assert [each["fate"] for each in by_name["results"]] == ["first", "removed"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"/api/v1/diff/{RUNS[0]}..{RUNS[2]}", 400, "Only snapshots of the same dataset"),
        (f"/api/v1/diff/{TWO}?_key=eye", 400, "is there 4 times. Choose another key, unique in both: url, name"),
        (f"/api/v1/diff/{TWO}?_key=nme", 400, 'Did you mean "name"'),
        (f"/api/v1/diff/{TWO}?_only=new", 400, '"new"'),
        (f"/api/v1/diff/{TWO}?key=name", 400, '"key"'),
        (f"/api/v1/diff/{TWO}?_limit=0", 400, "_limit"),
        (f"/api/v1/diff/{RUNS[0]}..nobody", 404, "nobody"),
        (f"/api/v1/snapshots/{RUNS[0]}/history", 400, "No record is named"),
        (f"/api/v1/snapshots/{RUNS[0]}/history?key=a&key=b", 400, "2 values"),
        (f"/api/v1/snapshots/{RUNS[0]}/history?kye=a", 400, '"kye"'),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot], path: str, status: int, words: str
) -> None:
    told = client.get(path)
    assert told.status_code == status
    assert words in told.json()["detail"]


@pytest.mark.parametrize(("later", "told"), [(41, ["12:01:09", "12:01:41"]), (91, ["12:01", "12:02"])], ids=str)
def test_snapshots_of_one_minute_are_told_apart_by_their_seconds(
    client: Client, tmp_path: Path, settings: Settings, db: None, later: int, told: list[str]
) -> None:
    settings.LADLE_HOME = home_of(tmp_path / "home")
    for number, run in enumerate(RUNS[:2]):
        at = FINISHED.replace(second=0) + timedelta(seconds=later if number else 9)
        built(tmp_path, [page(1, [person(1, mass=number)])], of=source(), run=run, finished=at)
    history = f"/snapshots/{RUNS[1]}/history/?url={person(1)['url']}"
    for path in (f"/diff/{TWO}/", history, "/snapshots/"):
        text = client.get(path).content.decode()
        seen = re.findall(r"<a href=.[^>]*><time [^>]*>[^<]*?(\d\d:\d\d[:\d]*) UTC</time>", text)
        assert sorted({*seen}) == told, path


def test_the_page_shows_old_beside_new_and_leads_to_each_kind(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]
) -> None:
    text = client.get(f"/diff/{TWO}/?_only=changed").content.decode()
    assert '<del>2</del> <span class="to">→</span> <ins>20</ins>' in text
    assert '<del>blue</del> <span class="to">→</span> <ins><span class="null"' in text
    for link in ("_only=added", "_only=removed", "_column=mass", "_column=eye", "_columns=changed"):
        assert link in text
    narrow = client.get(f"/diff/{TWO}/?_column=mass&_columns=changed").content.decode()
    assert ">mass</th>" in narrow
    assert ">name</th>" not in narrow


def test_the_form_leads_to_the_address_of_the_two_that_were_chosen(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]
) -> None:
    text = client.get(f"/diff/{TWO}/").content.decode()
    assert text.count(f'<option value="{RUNS[1]}"') == 2
    chosen = {"_before": RUNS[1], "_after": RUNS[0], "_key": ["url", ""], "_columns": "changed"}
    answer = client.get(f"/diff/{TWO}/", chosen)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/diff/{RUNS[1]}..{RUNS[0]}/?_key=url&_columns=changed",
    )
    assert client.get(f"/diff/{TWO}/", {**chosen, "_after": "20260101-000000-000000"}).status_code == 404


def test_more_rows_are_a_link_that_works_without_script(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]
) -> None:
    first = client.get(f"/diff/{TWO}/?_only=added").content.decode()
    assert "Load 3 more" in first
    assert 'href="?_only=added&amp;_offset=10"' in first
    assert "Person 20" in client.get(f"/diff/{TWO}/?_only=added&_offset=10").content.decode()
    part = client.get(f"/diff/{TWO}/?_only=added&_offset=10&_from=0", headers={"HX-Request": "true"})
    assert part.content.decode().count("<tr ") == 3
    assert "<html" not in part.content.decode()


async def whole(answer: Any) -> bytes:
    """A body that is sent in pieces."""
    return b"".join([piece async for piece in answer.streaming_content])


def test_the_page_as_data_has_every_row(client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]) -> None:
    text = asyncio.run(whole(client.get(f"/diff/{TWO}.csv"))).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 16
    assert (rows[-2]["change"], rows[-2]["mass before"], rows[-2]["mass after"]) == ("changed", "2", "20")
    assert client.get(f"/diff/{TWO}.json?_only=removed").json()["results"][0]["before"]["name"] == "Person 1"
    assert client.get(f"/diff/{TWO}.xml").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"/diff/{RUNS[0]}..{RUNS[0]}/", 200, "Nothing has changed"),
        (f"/diff/{TWO}/?_offset=90", 200, "There are only 16 rows here"),
        (f"/diff/{RUNS[1]}..{RUNS[1]}/?_only=added", 200, "Nothing has changed"),
        (f"/diff/{TWO}/?_key=eye", 400, "Choose another key"),
        (f"/diff/{TWO}/?_columns=some", 400, "_columns is"),
        (f"/diff/{RUNS[0]}..{RUNS[2]}/", 400, "Only snapshots of the same dataset"),
        (f"/diff/{RUNS[0]}..nobody/", 404, "nobody"),
    ],
)
def test_the_page_says_what_is_not_there(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot], path: str, status: int, words: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_snapshot_leads_to_what_changed_since_the_one_before(
    client: Client, two: tuple[ladle.Snapshot, ladle.Snapshot]
) -> None:
    assert f'href="/diff/{TWO}/"' in client.get(f"/snapshots/{RUNS[1]}/").content.decode()
    assert "What changed" not in client.get(f"/snapshots/{RUNS[0]}/").content.decode()
