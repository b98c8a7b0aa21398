"""Counts by bins and within a view, in API and pages; and questions that take longer than whoever asks would wait."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.explore import orders, tally
from ladle.explore.desk import Desk
from ladle_server.pages import patience
from tests.servers.stack import home_of
from tests.snapshots.kit import field, from_records

AGES = "by=date:month&by=height:50&_number=height"


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}/counts"


@pytest.fixture
def api(people: ladle.Snapshot, read_home: str) -> str:
    return f"/api/v1/snapshots/{people.id}"


def text(page: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


async def whole(answer: Any) -> bytes:
    """A body that is sent in pieces."""
    return b"".join([piece async for piece in answer.streaming_content])


@contextmanager
def busy(desk: Desk) -> Iterator[None]:
    """Both threads of a desk have something else to do."""
    go_on = Event()
    asked = [desk.ask(f"busy {number}", lambda _: go_on.wait(60)) for number in range(2)]
    try:
        yield
    finally:
        go_on.set()
        for each in asked:
            each.result(60)


def test_bins_have_edges_and_a_name(client: Client, api: str) -> None:
    counts = client.get(f"{api}/counts?{AGES}&_limit=1").json()
    assert counts["columns"] == ["date:month", "height:50"]
    (first,) = counts["results"]
    assert first["values"]["date:month"] == {"low": "2014-12-01", "high": "2015-01-01", "text": "2014-12"}
    assert first["values"]["height:50"] == {"low": 150.0, "high": 200.0, "text": "150 to 200"}
    assert counts["rest"]["count"] == 82 - first["count"]
    assert counts["rest"]["combinations"] == counts["count"] - 1


def test_only_the_rows_of_the_view_are_counted(client: Client, api: str, people: ladle.Snapshot) -> None:
    counts = client.get(f"{api}/counts?by=gender&homeworld=Naboo&_search=a&_order=value").json()
    naboo = people.rows(limit=1000, view=people.view([("homeworld", "Naboo"), ("_search", "a")]))
    genders = [row["gender"] for row in naboo]
    assert {each["values"]["gender"]: each["count"] for each in counts["results"]} == {
        gender: genders.count(gender) for gender in sorted(set(genders))
    }
    assert counts["total_rows"] == len(naboo)
    assert client.get(f"{api}/counts?by=gender&homewrld=Naboo").status_code == 400


def test_each_count_leads_to_its_rows(client: Client, tmp_path: Path, settings: Settings, db: None) -> None:
    values = [None, "", "x", "1,358", " 5 ", "5"]
    records: list[dict[str, Any]] = [
        {
            "t": values[number % 6],
            "n": [None, -1.5, 0.25][number % 3],
            "by": number % 2,
            "at": f"1969-12-{31 - number % 3}",
        }
        for number in range(40)
    ]
    columns = [field(name, type="date" if name == "at" else None) for name in records[0]]
    snapshot = from_records(tmp_path, records, *columns)
    settings.LADLE_HOME = home_of(tmp_path / "home")
    for query in (
        "by=t&by=n",
        "by=n:auto&by=at:month&by__exact=1",
        "by=t&_number=t",
        "by=t:2&_number=t&by=by",
        "by=n:0.1",
    ):
        page = client.get(f"/snapshots/{snapshot.id}/counts/?{query}&_limit=100").content.decode()
        links = re.findall(rf'href="/snapshots/{snapshot.id}/\?([^"]*)" aria-label="([0-9,]+) row', page)
        assert len(links) > 1
        for link, count in links:
            view = snapshot.view(parse_qsl(unescape(link), keep_blank_values=True))
            assert snapshot.look(view).total == int(count)


def test_counts_by_the_hour_lead_to_their_rows_in_the_first_century(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    records = [{"at": int(datetime(19, 8, 19, hour, tzinfo=UTC).timestamp())} for hour in (11, 12, 12)]
    snapshot = from_records(tmp_path, records, field("at", unix="s"))
    settings.LADLE_HOME = home_of(tmp_path / "home")
    page = client.get(f"/snapshots/{snapshot.id}/counts/?by=at:hour").content.decode()
    links = re.findall(rf'href="/snapshots/{snapshot.id}/\?([^"]*)" aria-label="([0-9,]+) row', page)
    assert [snapshot.look(snapshot.view(parse_qsl(unescape(link)))).total for link, _ in links] == [2, 1]


def test_the_page_shows_bins_and_the_view_with_ways_to_change_both(client: Client, here: str) -> None:
    page = client.get(f"{here}/?{AGES}&gender=male&_search=a&_limit=2")
    assert 'Of the rows gender is male × with "a" × Show these rows' in text(page)
    body = unescape(page.content.decode())
    assert '<option value="date:month" selected>by month</option>' in body
    assert '<option value="height:50" selected>in steps of 50</option>' in body
    assert 'href="?by=date%3Amonth&by=height%3A50&_search=a&_number=height" aria-label="Remove: gender is male"' in body
    assert '<input type="hidden" name="gender" value="male">' in body
    assert re.search(r"[0-9]+ more combinations", text(page))


def test_with_more_rows_the_rest_is_less(client: Client, here: str) -> None:
    more = client.get(f"{here}/?by=homeworld&_offset=10&_from=0", headers={"HX-Request": "true"}).content.decode()
    assert 'id="rest" role="rowgroup" hx-swap-oob="true"' in more
    assert "29 more combinations" in more
    assert 'id="rest"' in client.get(f"{here}/?by=homeworld&_limit=1000").content.decode()
    assert "more combination" not in client.get(f"{here}/?by=homeworld&_limit=1000").content.decode()


def test_as_a_file_every_combination_has_its_bins_in_words(client: Client, here: str, people: ladle.Snapshot) -> None:
    answer = client.get(f"{here}.csv?{AGES}&_order=value&gender__not=male")
    lines = list(csv.reader(io.StringIO(asyncio.run(whole(answer)).decode())))
    assert lines[0] == ["date:month", "height:50", "count", "share"]
    assert lines[1][:2] == ["2014-12", "50 to 100"]
    assert sum(int(line[2]) for line in lines[1:]) == people.look(people.view([("gender__not", "male")])).total
    part = client.get(f"{here}.json?{AGES}&_limit=1").json()
    assert part["results"][0]["values"]["date:month"]["text"] == "2014-12"


@pytest.mark.parametrize("query", ["by=date:week", "by=gender:50", "by=height:50", "by=homewrld:month"])
def test_a_bin_that_cannot_be_is_told_and_the_columns_stay(client: Client, here: str, query: str) -> None:
    page = client.get(f"{here}/?by=homeworld&{query}")
    assert page.status_code == 400
    assert "Remove homeworld" in page.content.decode()
    assert query.partition("=")[2] in text(page)


def test_rows_that_take_long_are_answered_when_they_are_found(
    client: Client, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_ANSWER_SECONDS", "0")
    with busy(orders.DESK):
        answer = client.get(f"{api}/rows?_sort=-skin_color,name")
        told = answer.json()
        assert told.pop("question").startswith("http://testserver/api/v1/questions/")
        assert (answer.status_code, told) == (202, {"state": "running", "progress": None})
        assert (answer["Retry-After"], answer["Cache-Control"]) == ("1", "no-store")
        assert answer["Location"] == f"http://testserver{api}/rows?_sort=-skin_color,name"
    monkeypatch.setenv("LADLE_ANSWER_SECONDS", "60")
    answer = client.get(answer["Location"])
    assert (answer.status_code, answer.json()["count"]) == (200, 82)


def test_counts_that_take_long_are_answered_when_they_are_done(
    client: Client, api: str, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_AT_ONCE", 0)
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    monkeypatch.setenv("LADLE_ANSWER_SECONDS", "0.001")
    with busy(tally.DESK):
        assert client.get(f"{api}/counts?by=eye_color&by=skin_color").status_code == 202
        page = client.get(f"{here}/?by=eye_color&by=skin_color")
        assert "Counting 82 rows. This is done once" in text(page)
        assert 'hx-get="?by=eye_color&amp;by=skin_color"' in page.content.decode()
    monkeypatch.undo()
    assert client.get(f"{api}/counts?by=eye_color&by=skin_color").json()["total_rows"] == 82
    assert "largest first" in text(client.get(f"{here}/?by=eye_color&by=skin_color"))


@pytest.mark.parametrize("value", ["soon", "-1", "3601", "nan"])
def test_a_budget_that_is_none_is_refused_by_name(
    client: Client, api: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADLE_ANSWER_SECONDS", value)
    answer = client.get(f"{api}/counts?by=gender")
    assert answer.status_code == 400
    assert f'LADLE_ANSWER_SECONDS is "{value}"' in answer.json()["detail"]
