"""Long questions over HTTP: stopped by who wants them no more, and sent away where as many wait already as may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.explore import orders, tally
from ladle.explore.charting import mixin
from ladle.explore.desk import WAITING, Desk
from ladle_server.catalog import queries, turns
from ladle_server.pages import patience
from ladle_server.pages.viewing import MOST_LISTED
from tests.servers.stack import home_with
from tests.snapshots.kit import from_records

CHARTS = mixin._ANSWERS._desk
SORTED = "_sort=-eye_color,birth_year&gender=male"
COUNTED = "by=eye_color&by=birth_year"
DRAWN = "kind=bars&of=birth_year"
"""Each test asks something else, since answers are kept."""


@pytest.fixture
def here(people: ladle.Snapshot, read_home: str) -> str:
    return f"/snapshots/{people.id}"


@pytest.fixture
def api(people: ladle.Snapshot, read_home: str) -> str:
    return f"/api/v1/snapshots/{people.id}"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks hears at once that it takes long, and small tables take as long as large ones."""
    monkeypatch.setenv("LADLE_ANSWER_SECONDS", "0")
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    monkeypatch.setattr(tally, "_AT_ONCE", 0)
    monkeypatch.setattr(mixin, "_AT_ONCE", 0)


@contextmanager
def taken(desk: Desk, *, whole: bool = False) -> Iterator[None]:
    """The threads of a desk have other questions to work on; the `whole` desk with its line is taken."""
    go_on, asked = Event(), []
    try:
        with suppress(ladle.Busy):
            for number in range(WAITING + 2 if whole else 2):
                asked.append(desk.ask(f"other {number}", lambda _: go_on.wait(60)))
        yield
    finally:
        go_on.set()
        for each in asked:
            each.result(60)
        while not desk.is_idle():  # what a test has left in line
            desk.ask("last", lambda _: None).result(60)


def text(page: HttpResponse) -> str:
    """What is to be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def fields(page: HttpResponse) -> dict[str, str]:
    """The hidden fields of the form that stops a question."""
    form = re.search(r'<form method="post" action="/questions/stop/".*?</form>', page.content.decode(), re.S)
    assert form, text(page)
    return {key: unescape(value) for key, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[0])}


@pytest.mark.parametrize(("route", "desk"), [("rows?_sort=-mass,name", orders.DESK), ("counts?by=mass", tally.DESK)])
def test_a_question_of_the_api_is_stopped_at_its_own_address(client: Client, api: str, route: str, desk: Desk) -> None:
    with taken(desk):
        question = client.get(f"{api}/{route}").json()["question"]
        assert client.get(f"{api}/{route}").json()["question"] == question
        stranger = client.delete(question, headers={"Origin": "http://elsewhere.example"})
        assert stranger.status_code == 403
        assert client.delete(question).status_code == 204
        gone = client.delete(question)
        assert (gone.status_code, gone["Content-Type"]) == (404, "application/problem+json")
        assert client.get(f"{api}/{route}").json()["question"] != question


@pytest.mark.parametrize(
    ("address", "desk", "button"),
    [
        (f"/?{SORTED}", orders.DESK, "Stop looking"),
        (f"/counts/?{COUNTED}", tally.DESK, "Stop counting"),
        (f"/chart/?{DRAWN}", CHARTS, "Stop looking"),
    ],
)
def test_a_button_stops_what_a_page_looks_for_and_the_way_back_is_there(
    client: Client, here: str, address: str, desk: Desk, button: str
) -> None:
    with taken(desk):
        page = client.get(f"{here}{address}")
        assert button in text(page)
        sent = {"question": fields(page)["question"], "back": fields(page)["back"]}
        stopped = client.post("/questions/stop/", sent)
        assert (stopped.status_code, sent["back"]) == (200, f"{here}{address}")
        assert f'href="{here}{address}"' in unescape(stopped.content.decode())
        assert "The question was stopped" in text(stopped)
        again = client.post("/questions/stop/", sent)
        assert (again.status_code, again["Location"]) == (302, f"{here}{address}")
    assert client.get(sent["back"]).status_code == 200


def test_only_our_own_pages_can_stop_a_question_and_lead_back_to_themselves_alone(client: Client, here: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/questions/stop/", {"question": "any"}).status_code == 403
    for back in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""):
        answer = client.post("/questions/stop/", {"question": "none", "back": back})
        assert (answer.status_code, answer["Location"]) == (302, "/snapshots/")


def test_where_as_many_wait_as_may_the_api_says_so_and_when_to_ask_again(client: Client, api: str) -> None:
    for route, desk in (("rows?_sort=hair_color", orders.DESK), ("counts?by=hair_color", tally.DESK)):
        with taken(desk, whole=True):
            answer = client.get(f"{api}/{route}")
        assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
        assert answer["Retry-After"] == "5"
        assert "42 questions are being worked on or wait already. Ask again" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("address", "desk", "kept"),
    [
        ("/?_sort=hair_color", orders.DESK, 'name="_sort" value="hair_color"'),
        ("/counts/?by=hair_color", tally.DESK, 'aria-label="Remove hair_color"'),
        ("/chart/?kind=bars&of=hair_color", CHARTS, '<option value="hair_color" selected>'),
    ],
)
def test_where_as_many_wait_as_may_a_page_says_so_and_keeps_what_was_asked(
    client: Client, here: str, address: str, desk: Desk, kept: str, caplog: pytest.LogCaptureFixture
) -> None:
    with taken(desk, whole=True):
        page: Any = client.get(f"{here}{address}")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "42 questions are being worked on or wait already" in text(page)
    assert kept in page.content.decode()
    assert caplog.records == []


@contextmanager
def full_line() -> Iterator[None]:
    """As many queries run, and stand in line, as may."""
    tickets = [f"{number}" for number in range(turns.SERVED + turns.MOST)]
    served = [ticket for ticket in tickets if queries.LINE.turn(ticket) == 0]
    try:
        yield
    finally:
        for ticket in tickets:
            queries.LINE.leave(ticket)
        for _ in served:
            queries.LINE.done()


def test_where_as_many_queries_wait_as_may_that_is_said_and_no_error_in_the_log(
    client: Client, api: str, here: str, caplog: pytest.LogCaptureFixture
) -> None:
    with full_line():
        by_api = client.post(f"{api}/sql", {"query": "SELECT 1"}, content_type="application/json")
        answers = (by_api, client.get(f"{here}/sql/?q=SELECT+1"), client.get(f"{here}/sql.csv?q=SELECT+1"))
    for answer in answers:
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "40 queries wait already" in answer.content.decode()
    assert caplog.records == []


def test_where_a_page_has_no_room_a_column_without_a_name_stays_a_choice(
    client: Client, tmp_path: Path, settings: Settings, db: None
) -> None:
    row = {"": "x", **{f"column {number}": number for number in range(MOST_LISTED)}}
    odd = from_records(tmp_path, [row])
    settings.LADLE_HOME = home_with(odd.folder)
    with taken(orders.DESK, whole=True):
        page = client.get(f"/snapshots/{odd.id}/?_sort=column+1")
    assert page.status_code == 503
    names = page.content.decode().partition('<datalist id="names">')[2].partition("</datalist>")[0]
    assert names.startswith('<option value="&quot;&quot;"><option value="column 0">')
