"""One row alone, and one record through time: every value in full, neighbours, and what became of it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from tests.servers.stack import home_of
from tests.snapshots.kit import built, from_records, page, person, source

RUNS = tuple(f"2026112{day}-080000-00000{day}" for day in range(1, 6))
NESTED = {"tags": ["a", {"n": 1.50}], "empty": []}


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}/"


@pytest.fixture
def stars(tmp_path: Path, settings: Settings, db: None) -> list[ladle.Snapshot]:
    """Five snapshots: the first person comes with the second, changes in the fourth and is gone in the last."""
    settings.LADLE_HOME = home_of(tmp_path / "home")
    lists = (
        [person(2)],
        [person(1, eye="blue"), person(2, eye="red")],
        [person(1, eye="blue"), person(2, eye="red")],
        [person(1, eye=None), person(2, eye="red")],
        [person(2, eye="red")],
    )
    return [built(tmp_path, [page(1, each)], of=source(), run=run) for run, each in zip(RUNS, lists, strict=True)]


def text(answer: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def link(answer: HttpResponse, words: str) -> str:
    """Where a link leads, by its words."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(words)}</a>', answer.content.decode())
    assert found, f"no link {words}"
    return unescape(found[1])


def test_a_row_alone_shows_every_value_whole(client: Client, tmp_path: Path, settings: Settings, db: None) -> None:
    long = "word " * 1000 + "end"
    record = {"long": long, "n": 1.5, "url": "https://stars.example/1/", "bad": "javascript:alert(1)", "none": None}
    snapshot = from_records(tmp_path, [record | {"nested": NESTED, "blank": "", "<b>": "<i>"}])
    settings.LADLE_HOME = home_of(tmp_path / "home")
    answer = client.get(f"/snapshots/{snapshot.id}/rows/1/")
    shown = answer.content.decode()
    assert long in shown
    assert '<a href="https://stars.example/1/" rel="noopener' in shown
    assert 'href="javascript' not in shown
    assert '<span class="null">null</span>' in shown
    assert "&lt;b&gt;" in shown
    assert "<i>" not in shown
    laid_out = re.search(r'<pre class="value">(.*?)</pre>', shown, re.S)
    assert laid_out
    assert unescape(laid_out[1]) == json.dumps(NESTED, indent=2)


def test_rows_lead_to_each_row_and_from_it_to_its_neighbours(client: Client, here: str) -> None:
    first = client.get(unescape(re.findall(r'href="([^"]*/rows/\d+/)"', client.get(here).content.decode())[0]))
    assert "Row 1 of 82" in text(first)
    assert "Luke Skywalker" in text(first)
    assert 'rel="prev"' not in first.content.decode()
    second = client.get(link(first, "Next"))
    assert "C-3PO" in text(second)
    assert "Luke Skywalker" in text(client.get(link(second, "Previous")))
    assert 'rel="next"' not in client.get(f"{here}rows/82/").content.decode()


def test_within_a_view_the_neighbours_are_those_of_the_view(client: Client, here: str, people: ladle.Snapshot) -> None:
    query = "homeworld=Naboo&_sort=-name"
    names = [
        row["name"] for row in people.rows(limit=20, view=people.view([("homeworld", "Naboo"), ("_sort", "-name")]))
    ]
    shown = client.get(f"{here}?{query}").content.decode()
    answer = client.get(unescape(re.findall(r'href="([^"]*/rows/\d+/\?[^"]*)"', shown)[0]))
    for place, name in enumerate(names, start=1):
        assert name in text(answer)
        assert f"{place} of {len(names)} where homeworld is Naboo, sorted by name, descending" in text(answer)
        if place < len(names):
            answer = client.get(link(answer, "Next"))
    assert "Next" not in text(answer)
    assert names[-2] in text(client.get(link(answer, "Previous")))


def test_the_numbers_of_a_view_s_rows_are_those_of_the_table(people: ladle.Snapshot) -> None:
    looked = people.look(people.view([("homeworld", "Naboo"), ("_sort", "-name")]), offset=2, limit=3)
    assert [people.row(number) for number in looked.numbers] == looked.rows
    assert people.look(offset=80, limit=10).numbers == (81, 82)


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("rows/83/", 404, "There is no row 83"),
        ("rows/0/", 404, "numbered from 1 to 82"),
        ("rows/one/", 404, ""),
        ("rows/2/?gender=male&_place=1", 400, 'Row 2 is not at place "1" of these rows.'),
        ("rows/2/?gender=male&_place=x", 400, "is not at place"),
        ("rows/2/?gendr=male", 400, 'Did you mean "gender"'),
        ("rows/2.json?a=1", 400, "no query key"),
        ("rows/2.csv", 404, ""),
        ("history/?nme=Luke", 400, 'no column "nme"'),
        ("history/?_key=name", 400, "No value is given for name."),
        ("history.json", 400, "No record is named."),
    ],
)
def test_what_can_t_be_shown_is_said(client: Client, here: str, address: str, status: int, told: str) -> None:
    answer = client.get(here + address)
    assert answer.status_code == status
    assert told in text(answer)


def test_a_row_is_given_as_json_by_page_and_api(client: Client, here: str, people: ladle.Snapshot) -> None:
    told = client.get(f"{here}rows/5.json").json()
    assert told == client.get(f"/api/v1{here}rows/5").json()
    row = people.rows(offset=4, limit=1)[0]
    assert (told["number"], told["rows"], told["row"]["name"]) == (5, 82, row["name"])
    for number, status in (("83", 404), ("0", 404), ("x", 400), ("9" * 50, 400)):
        assert client.get(f"/api/v1{here}rows/{number}").status_code == status


def test_a_row_leads_to_its_record_in_all_snapshots(client: Client, stars: list[ladle.Snapshot]) -> None:
    answer = client.get(f"/snapshots/{RUNS[1]}/rows/1/")
    told = text(client.get(link(answer, "This record in all snapshots"))).partition(": in 3 of 5 snapshots")[2]
    assert told
    order = [told.index(words) for words in ("not there", "came", "the same", "changed", "eye blue → null", "gone")]
    assert order == sorted(order)


def test_days_on_which_nothing_changed_are_one_step(client: Client, stars: list[ladle.Snapshot]) -> None:
    told = client.get(f"/snapshots/{RUNS[4]}/history/", {"url": "https://stars.example/api/people/2/"})
    assert "in 5 of 5 snapshots" in text(told)
    assert told.content.decode().partition("timeline")[2].count('<li class="') == 2
    assert "the same in 4 snapshots" in text(told)


def test_a_record_is_asked_for_by_a_form_and_the_address_holds_it(client: Client, stars: list[ladle.Snapshot]) -> None:
    here = f"/snapshots/{RUNS[3]}/history/"
    assert "Say which record" in text(client.get(here))
    sent = client.get(here, {"_key": "name", "_value": "Person 1"})
    assert (sent.status_code, sent["Location"]) == (302, f"{here}?name=Person+1")
    assert "in 3 of 5 snapshots" in text(client.get(sent["Location"]))
    assert "None of 5 snapshots" in text(client.get(here, {"name": "Nobody"}))
    told = client.get(f"{here[:-1]}.json", {"name": "Person 1"}).json()
    api = client.get(f"/api/v1/snapshots/{RUNS[3]}/history", {"key": "Person 1", "_key": "name"}).json()
    assert told == api
    assert [each["fate"] for each in told["results"]] == ["absent", "added", "same", "changed", "removed"]


def test_a_key_whose_name_is_odd_can_be_asked_for(client: Client, tmp_path: Path, settings: Settings, db: None) -> None:
    settings.LADLE_HOME = home_of(tmp_path / "home")
    for name in ("_key", "_value", "a&b=c"):
        folder = tmp_path / name.strip("_")
        settings.LADLE_HOME = home_of(folder / "home")
        snapshot = from_records(folder, [{name: f"v {number}"} for number in range(3)])
        answer = client.get(f"/snapshots/{snapshot.id}/rows/2/")
        assert "in 1 of 1 snapshot" in text(client.get(link(answer, "This record in all snapshots")))
