"""Logging in: by the form, back to where one was going, not by guessing, and out again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from pytest_django import Settings

from ladle.errors import BadInput, Conflict
from ladle_server.access import people, throttle
from ladle_server.access.models import Deed, Failures, User
from tests.server.entered import PASSWORD, QUICK, entered, log_in, secret, user

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/runs/?_offset=10", "/runs/?_offset=10"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\t//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_login_leads_to_where_one_was_going_and_never_to_another_site(back: str, leads: str) -> None:
    _, answer = log_in(user("reader").name, back=back)
    assert (answer.status_code, answer["Location"]) == (302, leads)


def test_the_way_there_is_kept_from_the_first_page_to_the_form() -> None:
    browser = Client(enforce_csrf_checks=True)
    sent = browser.get("/runs/?_offset=10")["Location"]
    assert sent == "/login/?next=%2Fruns%2F%3F_offset%3D10"
    assert 'name="next" value="/runs/?_offset=10"' in browser.get(sent).content.decode()
    asking = {"HX-Request": "true", "HX-Current-URL": "http://testserver/runs/?_offset=10"}
    part = browser.get("/runs/now/", headers=asking)
    assert (part.status_code, part["HX-Redirect"]) == (401, sent)


def test_a_session_that_somebody_else_laid_before_is_worth_nothing_after_the_login() -> None:
    laid = entered("reader").cookies["ladle-session"].value
    victim = Client(enforce_csrf_checks=True)
    victim.cookies["ladle-session"] = laid
    log_in(user("staff").name, browser=victim)
    own = victim.cookies["ladle-session"]
    assert own.value != laid
    assert (own["httponly"], own["samesite"], own["secure"]) == (True, "Lax", "")
    attacker = Client()
    attacker.cookies["ladle-session"] = laid
    assert attacker.get("/users/").status_code == 302


def test_a_session_s_cookie_goes_by_https_alone_where_it_came_by_it() -> None:
    browser = Client()
    browser.post("/login/", {"name": user("reader").name, "password": PASSWORD}, secure=True)
    assert browser.cookies["ladle-session"]["secure"] is True


def test_who_logs_out_is_out_and_the_session_is_forgotten() -> None:
    browser = entered("collector")
    kept = browser.cookies["ladle-session"].value
    assert browser.post("/logout/").status_code == 403
    out = browser.post("/logout/", {"csrfmiddlewaretoken": secret(browser, "/account/")})
    assert out["Location"] == "/login/"
    assert not Session.objects.filter(pk=kept).exists()
    browser.cookies["ladle-session"] = kept
    assert browser.get("/account/").status_code == 302


def test_a_form_without_its_secret_logs_nobody_in() -> None:
    name = user("reader").name
    answer = Client(enforce_csrf_checks=True).post("/login/", {"name": name, "password": PASSWORD})
    assert answer.status_code == 403
    assert Session.objects.count() == 0


def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words() -> None:
    user("reader")
    told = []
    for name, password in (("reader", "not their words"), ("nobody", "not their words"), ("nobody", PASSWORD)):
        _, answer = log_in(name, password)
        told.append((answer.status_code, answer.content.decode().replace(f'value="{name}"', "")))
    assert {status for status, _ in told} == {401}
    bodies = {_without_secret(body) for _, body in told}
    assert len(bodies) == 1
    assert "do not belong together" in bodies.pop()


def _without_secret(body: str) -> str:
    head, _, rest = body.partition('name="csrfmiddlewaretoken" value="')
    return head + rest[64:]


def test_a_disabled_user_is_out_at_once_and_can_t_come_in() -> None:
    user("staff")
    browser = entered("reader")
    assert browser.get("/account/").status_code == 200
    people.change("reader", active=False)
    assert browser.get("/account/").status_code == 302
    assert log_in("reader")[1].status_code == 401
    people.change("reader", active=True)
    assert log_in("reader")[1].status_code == 302


def test_another_kind_holds_from_the_next_request_on() -> None:
    user("staff", name="boss")
    browser = entered("staff")
    assert browser.get("/users/").status_code == 200
    people.change("staff", kind="reader")
    assert browser.get("/users/").status_code == 403


def test_a_new_password_ends_every_other_session() -> None:
    here, (there, _) = entered("reader"), log_in("reader")
    form = {"old": PASSWORD, "new": "four other good words", "again": "four other good words"}
    changed = here.post("/account/password/", {**form, "csrfmiddlewaretoken": secret(here, "/account/")})
    assert "You are logged out everywhere else." in changed.content.decode()
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert log_in("reader")[1].status_code == 401
    assert log_in("reader", "four other good words")[1].status_code == 302


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old": "not their words"}, "The present password is another."),
        ({"again": "four other bad words"}, "typed in two ways"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": "password1234", "again": "password1234"}, "too common"),
        ({"new": "x" * 201, "again": "x" * 201}, "201 characters"),
    ],
)
def test_a_password_that_won_t_do_is_told(change: dict[str, str], words: str) -> None:
    browser = entered("reader")
    form = {"old": PASSWORD, "new": "four other good words", "again": "four other good words", **change}
    answer = browser.post("/account/password/", {**form, "csrfmiddlewaretoken": secret(browser, "/account/")})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert log_in("reader")[1].status_code == 302


def test_the_waits_grow_for_one_guesser_and_others_come_in() -> None:
    waits = []
    now = NOW
    for _ in range(12):
        assert throttle.attempt("ada", "192.0.2.1", now=now) == 0
        waits.append(throttle.attempt("ada", "192.0.2.1", now=now))
        if waits[-1] == 0:  # still free, so that it was an attempt of its own
            continue
        now += timedelta(seconds=waits[-1])
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert throttle.attempt("ada", "192.0.2.2", now=now) == 0
    assert throttle.attempt("bob", "192.0.2.1", now=now) == 0


def test_many_guessers_of_one_name_are_slowed_and_its_owner_waits_a_minute_at_most() -> None:
    for number in range(100):
        now = NOW + timedelta(minutes=2 * number)
        assert throttle.attempt("ada", f"192.0.2.{number}", now=now) == 0
    assert throttle.attempt("ada", "198.51.100.1", now=now) == 60
    assert throttle.attempt("ada", "198.51.100.1", now=now + timedelta(minutes=1)) == 0


def test_one_who_tries_many_names_is_slowed_and_forgotten_after_a_day() -> None:
    found = [throttle.attempt(f"user{number}", "192.0.2.1", now=NOW) for number in range(30)]
    assert found[:20] == [0] * 20
    assert set(found[20:]) == {1}
    assert throttle.attempt("user7", "192.0.2.1", now=NOW + timedelta(days=2)) == 0
    assert Failures.objects.count() == 3


def test_who_succeeds_has_no_failures_left_by_that_name_and_address() -> None:
    for _ in range(4):
        throttle.attempt("ada", "192.0.2.1", now=NOW)
        throttle.succeeded("ada", "192.0.2.1", now=NOW)
    assert set(Failures.objects.values_list("number", flat=True)) == {0}


def test_a_name_is_one_name_however_it_is_written() -> None:
    user("reader")
    long = people.add("n" * 64, kind="reader", password=PASSWORD).name
    for written in ("read\0er", "reader\0", f"{long}x", f"{long}\0"):
        assert log_in(written)[1].status_code == 401, written
    assert log_in("READER")[1].status_code == 302


def test_guessing_by_the_form_is_told_when_to_try_again_and_the_right_password_waits_too() -> None:
    user("reader")
    browser = Client()
    answers = [browser.post("/login/", {"name": "reader", "password": "a guess"}).status_code for _ in range(5)]
    assert answers == [401] * 5
    # One free failure more is a wait of seconds: enough of them that the clock does not matter.
    Failures.objects.update(until=datetime.now(UTC) + timedelta(seconds=90))
    answer = browser.post("/login/", {"name": "reader", "password": PASSWORD})
    assert answer.status_code == 429
    assert 80 <= int(answer["Retry-After"]) <= 90
    assert "Try again in" in answer.content.decode()
    assert Session.objects.count() == 0


def test_what_is_typed_as_a_name_or_password_is_written_down_nowhere() -> None:
    user("reader")
    for name, password in (("my-secret-in-the-wrong-field", "x"), ("reader", "another-secret-of-mine")):
        log_in(name, password)
    kept = str([*Deed.objects.values(), *Failures.objects.values()])
    assert "failed to log in" in kept
    assert "an unknown name" in kept
    assert "secret" not in kept


def test_the_last_of_staff_stays() -> None:
    user("staff")
    for change in (lambda: people.change("staff", kind="reader"), lambda: people.change("staff", active=False)):
        with pytest.raises(Conflict, match="no other user of the kind staff"):
            change()
    with pytest.raises(Conflict):
        people.remove("staff")
    user("staff", name="boss")
    people.remove("staff")
    assert [each.name for each in User.objects.all()] == ["boss"]


@pytest.mark.parametrize("name", ["", "a b", "ada/../x", "x" * 65, "<b>", "a\0b"])
def test_a_name_that_can_t_be_is_told(name: str) -> None:
    with pytest.raises(BadInput, match="can't be a user's name"):
        people.add(name, kind="reader", password=PASSWORD)


def test_staff_add_users_and_change_them_by_the_pages() -> None:
    browser = entered("staff")

    def sent(path: str, **form: str) -> str:
        answer = browser.post(path, {**form, "csrfmiddlewaretoken": secret(browser, "/users/")})
        return answer.get("Location") or answer.content.decode()

    assert sent("/users/", name="Ada", kind="reader", password=PASSWORD) == "/users/"
    assert "There is a user &quot;ada&quot; already." in sent("/users/", name="ada", kind="reader", password=PASSWORD)
    ada = User.objects.get(name="ada")
    page = f"/users/{ada.pk}/"
    assert sent(page, do="kind", kind="collector") == page
    assert sent(page, do="password", password="five new words in a row") == page
    assert log_in("ada", "five new words in a row")[1].status_code == 302
    assert sent(page, do="disable") == page
    ada.refresh_from_db()
    assert (ada.kind, ada.is_active) == ("collector", False)
    assert "Remove ada?" in browser.get(f"{page}?ask=remove").content.decode()
    assert "is no change" in sent(page, do="promote") or "promote" in sent(page, do="promote")
    assert sent(page, do="remove") == "/users/"
    assert browser.get(page).status_code == 404
    assert "ada" not in browser.get("/users/").content.decode()


def test_who_is_removed_while_they_ask_is_told_so() -> None:
    user("staff", name="boss")
    browser = entered("reader")
    looked = 0

    def remove(execute: Any, sql: str, *more: Any) -> Any:
        """As they look at their account: the door has let them in."""
        nonlocal looked
        looked += sql.startswith("SELECT") and "access_user" in sql
        if looked == 2:
            looked += 1
            people.remove("reader")
        return execute(sql, *more)

    with connection.execute_wrapper(remove):
        answer = browser.get("/account/")
    assert (answer.status_code, "This account was removed" in answer.content.decode()) == (404, True)
    assert browser.get("/account/").status_code == 302
