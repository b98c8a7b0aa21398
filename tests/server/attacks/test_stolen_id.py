"""Ids and keys of somebody else: what they open to whom, and that no answer made for one person is another's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from ladle_server.access import people
from ladle_server.access.kinds import Scope
from ladle_server.access.models import Token
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run, Schedule, UsedKey
from tests.server.entered import QUICK, bearer, entered, log_in, secret, token, user

SWAPI = {"dataset": "swapi/people"}
DAILY = {**SWAPI, "cron": "@daily"}
HOOK = {"url": "https://93.184.216.34/secret-part-of-an-address"}


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings, empty_home: str) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


def asked(program: Client, path: str, wish: object, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return program.post(f"/api/v1/{path}", wish, content_type="application/json", headers=headers)


def test_the_id_of_a_run_opens_nothing_to_nobody() -> None:
    run = runs.start("swapi/people", requested_by="api").pk
    own = f"/api/v1/runs/{run}"
    for path in (own, f"{own}/requests", f"{own}/events", f"/api/v1/snapshots/{run}", f"/api/v1/diff/{run}..{run}"):
        answer = Client().get(path)
        assert (answer.status_code, run in answer.json()["detail"]) == (401, False), path
    for path in (f"/runs/{run}/", f"/runs/{run}/live/", f"/snapshots/{run}/"):
        assert Client().get(path)["Location"].startswith("/login/"), path


def test_the_id_of_a_run_lets_a_reader_look_and_no_more() -> None:
    run = runs.start("swapi/people", requested_by="api")
    thief = bearer(token(user("reader"), Scope.DEFINE))
    assert thief.get(f"/api/v1/runs/{run.pk}").json()["id"] == run.pk
    browser = log_in("reader", browser=Client())[0]  # whose forms need no secret: that is not what is tried
    for wish in ("pause", "cancel", "resume", "retry"):
        assert thief.post(f"/api/v1/runs/{run.pk}/{wish}").status_code == 403
        assert browser.post(f"/runs/{run.pk}/{wish}/").status_code == 403
    run.refresh_from_db()
    assert (run.state, Run.objects.count()) == ("queued", 1)


@pytest.mark.parametrize("path", ["runs", "schedules", "webhooks"])
def test_a_key_that_somebody_else_used_gives_neither_their_answer_nor_takes_anything_from_them(path: str) -> None:
    wish = {"runs": SWAPI, "schedules": DAILY, "webhooks": HOOK}[path]
    owner, thief = (bearer(token(user("staff", name=name), Scope.DEFINE)) for name in ("ada", "eve"))
    theirs = asked(owner, path, wish, "k")
    stolen, own = asked(thief, path, wish, "k"), asked(thief, path, wish, "k")
    again = asked(owner, path, wish, "k")
    assert {each.status_code for each in (theirs, stolen, own, again)} <= {201, 202}, stolen.content
    assert stolen.json()["id"] != theirs.json()["id"]
    assert (own.json()["id"], again.json()["id"]) == (stolen.json()["id"], theirs.json()["id"])


def test_a_wish_under_another_person_s_key_does_not_tell_that_it_was_used() -> None:
    owner, thief = (bearer(token(user("collector", name=name), Scope.COLLECT)) for name in ("ada", "eve"))
    assert asked(owner, "runs", SWAPI, "k").status_code == 202
    told = asked(thief, "runs", {"dataset": "openweather/cities"}, "k")
    assert (told.status_code, "was used" in told.json()["detail"]) == (400, False)  # it lacks a key of the API's
    refused = asked(owner, "runs", {"dataset": "openweather/cities"}, "k")
    assert (refused.status_code, '"k (of ada)" was used' in refused.json()["detail"]) == (409, True)


def test_nobody_can_spell_a_key_so_that_it_is_another_s() -> None:
    owner, thief = (bearer(token(user("staff", name=name), Scope.DEFINE)) for name in ("ada", "eve"))
    asked(owner, "schedules", DAILY, "k")
    for spelled in ("k (of ada)", "k (of ada) (of eve)", " k", "k "):
        asked(thief, "schedules", DAILY, spelled)
    assert Schedule.objects.count() == UsedKey.objects.count() == 5


def test_the_secret_of_a_webhook_is_in_the_one_answer_that_made_it() -> None:
    staff = bearer(token(user("staff"), Scope.DEFINE))
    made = asked(staff, "webhooks", HOOK, "k").json()
    assert made["secret"].startswith("whsec_")
    own = f"/api/v1/webhooks/{made['id']}"
    answers = [asked(staff, "webhooks", HOOK, "k"), staff.get(own), staff.get("/api/v1/webhooks")]
    answers += [staff.get("/api/v1/audit"), staff.get(f"{own}/deliveries")]
    assert not any(made["secret"].encode() in each.content for each in answers)
    reader = bearer(token(user("collector"), Scope.DEFINE))
    for path in (own, f"{own}/deliveries", "/api/v1/webhooks"):
        assert (reader.get(path).status_code, b"secret-part" in reader.get(path).content) == (403, False)


def test_the_number_of_somebody_else_s_token_is_of_no_use_and_its_name_is_not_told() -> None:
    token(user("staff"), Scope.DEFINE)
    number, thief = Token.objects.get().pk, entered("collector")
    form = {"csrfmiddlewaretoken": secret(thief, "/account/")}
    assert thief.post(f"/account/tokens/{number}/revoke/", form).status_code == 404
    assert thief.post(f"/users/{Token.objects.get().user_id}/tokens/{number}/revoke/", form).status_code == 403
    assert b"a test" not in thief.get("/account/").content
    assert Token.objects.get().revoked_at is None


def test_a_session_s_cookie_is_of_no_use_after_its_owner_has_left_or_changed_the_password() -> None:
    browser = entered("collector")
    stolen = Client()
    stolen.cookies["ladle-session"] = browser.cookies["ladle-session"].value
    assert stolen.get("/runs/").status_code == 200
    browser.post("/logout/", {"csrfmiddlewaretoken": secret(browser, "/account/")})
    assert stolen.get("/runs/").status_code == 302
    stolen.cookies["ladle-session"] = log_in("collector")[0].cookies["ladle-session"].value
    assert stolen.get("/runs/").status_code == 200
    people.set_password(people.get("collector"), "four other words apart")
    assert stolen.get("/runs/").status_code == 302
    for made_up in ("x", "0" * 32, "'; DROP TABLE django_session; --", "a" * 5000):
        stolen.cookies["ladle-session"] = made_up
        assert stolen.get("/runs/").status_code == 302
