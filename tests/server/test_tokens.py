"""API tokens: made once, kept as digests, good for their scope and span, revoked by their owner or staff."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from ladle.errors import BadInput
from ladle_server.access import people, tokens
from ladle_server.access.kinds import Scope
from ladle_server.access.models import Token
from tests.server.entered import QUICK, bearer, entered, secret, token, user

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
RUN = {"dataset": "swapi/people"}


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


@pytest.mark.parametrize(
    ("kind", "scope", "reads", "collects", "defines", "manages"),
    [
        ("staff", "define", 200, 202, 400, 403),
        ("staff", "collect", 200, 202, 403, 403),
        ("staff", "read", 200, 403, 403, 403),
        ("collector", "define", 200, 202, 403, 403),
        ("reader", "define", 200, 403, 403, 403),
    ],
)
def test_a_token_does_what_its_scope_and_its_owner_may_and_no_more(
    empty_home: Path, kind: str, scope: str, reads: int, collects: int, defines: int, manages: int
) -> None:
    program = bearer(token(user(kind), scope))
    told = (
        program.get("/api/v1/runs").status_code,
        program.post("/api/v1/runs", RUN, content_type="application/json").status_code,
        program.post("/api/v1/sources", {}, content_type="application/json").status_code,
        program.get("/users/").status_code,
    )
    assert told == (reads, collects, defines, manages)
    assert program.get("/account/").status_code == 403


@pytest.mark.parametrize(
    "text",
    ["", "ladle_", "ladle_" + "a" * 43, "ladle_" + "a" * 4300, "\0", "ladle_' OR 1=1 --", "é", "ladle_a b"],
)
@pytest.mark.parametrize("login", [True, False])
def test_a_token_that_nobody_has_opens_nothing_even_where_nobody_logs_in(
    settings: Settings, text: str, login: bool
) -> None:
    settings.LADLE_LOGIN = login
    answer = Client().get("/api/v1/runs", HTTP_AUTHORIZATION=f"Bearer {text}")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="Ladle", error="invalid_token"'


def test_a_token_that_was_revoked_expired_or_whose_owner_is_out_is_good_for_nothing() -> None:
    user("staff", name="boss")
    owner = user("reader")
    revoked, expired, orphan = token(owner), token(owner, expires="1 hour"), token(owner)
    assert {bearer(each).get("/api/v1/runs").status_code for each in (revoked, expired, orphan)} == {200}
    tokens.revoke(Token.objects.get(digest=tokens.digest(revoked)).pk)
    assert bearer(revoked).get("/api/v1/runs").status_code == 401
    assert tokens.holder(expired, now=datetime.now(UTC) + timedelta(minutes=61)) is None
    people.change("reader", active=False)
    assert bearer(orphan).get("/api/v1/runs").status_code == 401
    people.change("reader", active=True)
    assert bearer(orphan).get("/api/v1/runs").status_code == 200
    people.remove("reader")
    assert bearer(orphan).get("/api/v1/runs").status_code == 401


def test_what_is_kept_of_a_token_opens_nothing() -> None:
    text = token(user("reader"))
    assert re.fullmatch(r"ladle_[A-Za-z0-9_-]{43}", text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_token")
        kept = str(cursor.fetchall())
    assert text[10:] not in kept
    assert text[:10] in kept
    assert bearer(tokens.digest(text)).get("/api/v1/runs").status_code == 401


def test_it_is_shown_once_on_the_page_that_made_it_and_kept_by_no_cache() -> None:
    browser = entered("collector")
    form = {"name": "nightly <b>", "scope": "collect", "expires": "30 days"}
    made = browser.post("/account/", {**form, "csrfmiddlewaretoken": secret(browser, "/account/")})
    (text,) = re.findall(r'class="secret">(ladle_[\w-]{43})<', made.content.decode())
    assert made["Cache-Control"] == "no-store"
    later = browser.get("/account/").content.decode()
    assert text not in later
    assert f"{text[:10]}…" in later
    assert "nightly &lt;b&gt;" in later
    assert bearer(text).get("/api/v1/runs").status_code == 200
    row = Token.objects.get()
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at).days == 30


def test_somebody_else_s_token_is_not_found_by_its_number_and_revoked_by_staff() -> None:
    text = token(user("reader"))
    number = Token.objects.get().pk
    thief = entered("collector")
    tried = thief.post(f"/account/tokens/{number}/revoke/", {"csrfmiddlewaretoken": secret(thief, "/account/")})
    assert tried.status_code == 404
    assert bearer(text).get("/api/v1/runs").status_code == 200
    boss, owner = entered("staff"), Token.objects.get().user_id
    page = f"/users/{owner}/tokens/{number}/revoke/"
    assert boss.post(page, {"csrfmiddlewaretoken": secret(boss, "/users/")}).status_code == 302
    assert bearer(text).get("/api/v1/runs").status_code == 401


def test_the_owner_revokes_it_by_the_page() -> None:
    browser = entered("reader")
    form = {"name": "mine", "scope": "read", "expires": "never"}
    browser.post("/account/", {**form, "csrfmiddlewaretoken": secret(browser, "/account/")})
    number = Token.objects.get().pk
    done = browser.post(f"/account/tokens/{number}/revoke/", {"csrfmiddlewaretoken": secret(browser, "/account/")})
    assert done["Location"] == "/account/"
    assert "revoked" in browser.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "a\nb"}, "needs a name"),
        ({"scope": "everything"}, '"everything"'),
        ({"expires": "soon"}, '"soon" is no span'),
    ],
)
def test_a_token_that_can_t_be_made_is_told(wrong: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        tokens.make(user("reader"), **{"name": "a test", "scope": Scope.READ, **wrong})


def test_one_user_has_a_hundred_good_tokens_at_most() -> None:
    owner = user("reader")
    for _ in range(tokens.MOST):
        tokens.make(owner, name="one of many", scope=Scope.READ)
    with pytest.raises(BadInput, match="100 tokens already"):
        token(owner)
    tokens.revoke(Token.objects.all()[0].pk)
    assert token(owner)


def test_when_it_was_used_is_known_to_the_hour() -> None:
    text = token(user("reader"))
    for now in (NOW, NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)):
        tokens.holder(text, now=now)
    assert Token.objects.get().used_at == NOW + timedelta(minutes=61)
