"""The audit log: every deed with who, what, to what and whence; nothing secret; for staff alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from ladle_server.access import audit
from ladle_server.access.kinds import Scope
from ladle_server.access.models import Deed
from ladle_server.access.routes import ITSELF, ROUTES
from ladle_server.catalog.models import Run
from tests.server.entered import PASSWORD, QUICK, bearer, entered, secret, token, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


def told() -> list[tuple[str, str, str, str]]:
    """Who, by which token, did what, to what; oldest first."""
    return [(deed.who, deed.token, deed.deed, deed.thing) for deed in Deed.objects.order_by("id")]


def test_what_people_do_by_pages_and_programs_is_written_down_with_who_and_whence(empty_home: Path) -> None:
    browser = entered("collector")
    browser.post("/runs/", {"dataset": "swapi/people", "csrfmiddlewaretoken": secret(browser, "/")})
    run = Run.objects.get()
    program = bearer(token(user("staff"), Scope.DEFINE))
    program.post(f"/api/v1/runs/{run.pk}/cancel")
    wish = {"dataset": "swapi/people", "cron": "@daily"}
    schedule = program.post("/api/v1/schedules", wish, content_type="application/json").json()["id"]
    program.patch(f"/api/v1/schedules/{schedule}", {"paused": True}, content_type="application/json")
    program.delete(f"/api/v1/schedules/{schedule}")
    assert told() == [
        ("collector", "", "log in", ""),
        ("collector", "", "start a run", f"{run.pk} of swapi/people"),
        ("staff", "a test", "cancel a run", f"{run.pk} of swapi/people"),
        ("staff", "a test", "add a schedule", str(schedule)),
        ("staff", "a test", "change a schedule", str(schedule)),
        ("staff", "a test", "remove a schedule", str(schedule)),
    ]
    assert set(Deed.objects.values_list("address", flat=True)) == {"127.0.0.1"}
    assert all(Deed.objects.values_list("request", flat=True))


def test_a_form_that_is_sent_twice_is_one_deed(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.1")
    browser = entered("staff")
    form = {"url": "http://127.0.0.1:9/hook", "datasets": "*", "ends": ["complete"], "once": "as the page gave it"}
    for _ in range(2):
        told_of = browser.post("/webhooks/", {**form, "csrfmiddlewaretoken": secret(browser, "/webhooks/")})
        assert told_of.status_code == 200
    assert told() == [("staff", "", "log in", ""), ("staff", "", "add a webhook", "1")]


def test_looking_is_not_written_down_nor_is_what_failed_but_who_was_refused_is(empty_home: Path) -> None:
    program = bearer(token(user("collector"), Scope.COLLECT))
    program.get("/api/v1/runs")
    assert program.post("/api/v1/runs", {"dataset": "none/such"}, content_type="application/json").status_code == 404
    assert program.get("/api/v1/audit").status_code == 403
    assert Client().post("/api/v1/runs").status_code == 401
    assert told() == [("collector", "a test", "was refused", "GET /api/v1/audit")]


def test_where_nobody_logs_in_deeds_are_this_machine_s(client: Client, empty_home: Path, settings: Settings) -> None:
    settings.LADLE_LOGIN = False
    client.post("/api/v1/runs", {"dataset": "swapi/people"}, content_type="application/json")
    assert told() == [("this machine", "", "start a run", f"{Run.objects.get().pk} of swapi/people")]


@pytest.mark.django_db(transaction=True)  # it is begun by another thread
def test_a_collection_request_is_written_down_when_it_begins(
    client: Client, empty_home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LADLE_LOGIN = False
    monkeypatch.setenv("OPENWEATHER_API_KEY", "k3y-that-is-secret")
    headers = {"Prefer": "respond-async"}
    sent = client.post("/collection-request/", {"id": 7}, content_type="application/json", headers=headers)
    assert sent.status_code == 202
    run = Run.objects.get().pk
    assert told() == [("this machine", "", "start a run", f"{run} of openweather/cities, as collection request 7")]


def test_what_is_done_to_users_and_tokens_is_written_down_without_any_secret() -> None:
    browser = entered("staff")

    def sent(path: str, **form: str) -> Any:
        return browser.post(path, {**form, "csrfmiddlewaretoken": secret(browser, "/account/")})

    sent("/users/", name="ada", kind="reader", password="six very secret words here")
    sent("/account/", name="export", scope="read", expires="never")
    sent("/account/password/", old=PASSWORD, new="another secret of mine", again="another secret of mine")
    sent("/logout/")
    assert [(deed, thing) for _, _, deed, thing in told()] == [
        ("log in", ""),
        ("add a user", "ada, reader"),
        ("make a token", "export, read, of staff"),
        ("change the password", "staff"),
        ("log out", ""),
    ]
    assert "secret" not in str([*Deed.objects.values()])


def test_staff_read_it_by_page_and_api_and_find_what_one_did() -> None:
    browser = entered("staff")
    for number in range(60):
        audit.write("ada" if number % 2 else "bob", "start a run", f"run <b>{number}</b>")
    page = browser.get("/audit/?who=ada").content.decode()
    assert "run &lt;b&gt;59&lt;/b&gt;" in page
    assert "bob" not in page
    assert "Nothing is written down of" in browser.get("/audit/?who=a%00da").content.decode()
    assert {*re.findall(r'data-c="Did">([^<]*)<', browser.get("/audit/").content.decode())} == {"started a run"}
    assert "Showing 1 to 50 of 61" in browser.get("/audit/").content.decode()
    told = browser.get("/api/v1/audit?who=ada&limit=1").json()
    assert (told["count"], told["results"][0]["thing"]) == (30, "run <b>59</b>")
    assert told["results"][0].keys() == {"id", "at", "who", "token", "deed", "thing", "address", "request_id"}
    assert browser.get("/api/v1/audit?whom=ada").status_code == 400
    assert entered("collector").get("/audit/").status_code == 403


@pytest.mark.parametrize("deed", sorted({asks.deed for asks in ROUTES.values()} - {"", ITSELF}))
def test_the_page_tells_every_deed_as_one_that_was_done_and_the_api_by_its_name(deed: str) -> None:
    browser = entered("staff")
    audit.write("ada", deed)
    page = browser.get("/audit/?who=ada").content.decode()
    rest = deed.partition(" ")[2]
    assert re.findall(r'data-c="Did">(\w+ed|made|sent|set) ([^<]*)<', page)[0][1] == rest
    assert browser.get("/api/v1/audit?who=ada").json()["results"][0]["deed"] == deed


def test_what_is_older_than_its_days_is_forgotten(settings: Settings) -> None:
    settings.LADLE_AUDIT_DAYS = 30
    old = Deed.objects.create(at=datetime.now(UTC) - timedelta(days=31), who="ada", deed="log in")
    young = Deed.objects.create(at=datetime.now(UTC) - timedelta(days=29), who="ada", deed="log in")
    for _ in range(audit.CLEAR_EVERY):
        audit.write("bob", "log in")
    assert not Deed.objects.filter(pk=old.pk).exists()
    assert Deed.objects.filter(pk=young.pk).exists()
