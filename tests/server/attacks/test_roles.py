"""Every route as every kind of person, by session and by token: each is let in where the table says and nowhere else.

The door is tried itself, with a view behind it that says "in": so all of a hundred routes, seven methods and nine
people take seconds. What a reader would like to do is tried on the whole site, however it is spelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from ladle_server.access import people
from ladle_server.access.kinds import KINDS, SCOPES, Action, Kind, Scope
from ladle_server.access.routes import ROUTES, SAFE
from ladle_server.catalog import runs, schedules
from ladle_server.catalog.models import CollectionRequest, Run, Schedule
from ladle_server.door import door
from tests.server.attacks.walk import ALL, METHODS, Route
from tests.server.entered import PASSWORD, QUICK, log_in, token, user

OURS = {"Origin": "http://testserver"}
IN = "in"


@dataclass(frozen=True)
class Person:
    """Somebody who asks, by what their requests carry, and what they may."""

    may: frozenset[Action]
    cookie: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def session(kind: Kind) -> Person:
    browser, answer = log_in(user(kind).name)
    assert answer.status_code == 302
    return Person(KINDS[kind], cookie=browser.cookies["ladle-session"].value)


def program(kind: Kind, scope: Scope) -> Person:
    return Person(KINDS[kind] & SCOPES[scope], headers={"Authorization": f"Bearer {token(user(kind), scope)}"})


PEOPLE: dict[str, Callable[[], Person]] = {
    "nobody": lambda: Person(KINDS[Kind.NOBODY]),
    **{kind.value: lambda kind=kind: session(kind) for kind in (Kind.READER, Kind.COLLECTOR, Kind.STAFF)},  # type: ignore[misc]
    "a reader's token to define": lambda: program(Kind.READER, Scope.DEFINE),
    "a collector's token to define": lambda: program(Kind.COLLECTOR, Scope.DEFINE),
    "a collector's token to read": lambda: program(Kind.COLLECTOR, Scope.READ),
    "staff's token to collect": lambda: program(Kind.STAFF, Scope.COLLECT),
    "staff's token to define": lambda: program(Kind.STAFF, Scope.DEFINE),
}


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings, empty_home: str) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


def needed(route: Route, method: str) -> Action:
    """What the table says, read as a person reads it: a method that is not named and changes something is staff's."""
    if f"{route.name} {method}" in ROUTES:
        return ROUTES[f"{route.name} {method}"].action
    usual = ROUTES.get(route.name)
    if usual is None or (method not in SAFE and usual.action in (Action.OPEN, Action.READ)):
        return Action.MANAGE
    return usual.action


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(name: str) -> None:
    person, wrong = PEOPLE[name](), []
    behind = door(lambda _request: HttpResponse(IN))
    for route in ALL:
        for method in METHODS:
            request = RequestFactory(headers={**OURS, **person.headers}).generic(method, route.path())
            request.COOKIES["ladle-session"] = person.cookie
            answer = behind(request)
            let_in = answer.content == IN.encode()
            assert let_in or answer.status_code in (302, 401, 403)
            if let_in is not (needed(route, method) in person.may):
                wrong.append(f"{method} {route.path()}: {answer.status_code}")
    assert wrong == []


SPELLINGS = (
    lambda path: path.rstrip("/"),
    lambda path: f"{path.rstrip('/')}/",
    lambda path: path.upper(),
    lambda path: f"/{path}",
    lambda path: f"{path}//",
    lambda path: f"/.{path}",
    lambda path: f"/static/..{path}",
    lambda path: f"/login/..{path}",
    lambda path: f"{path};.css",
    lambda path: f"{path}%2e",
    lambda path: f"{path}?format=json&_method=POST",
    lambda path: path.replace("/api/", "/%61pi/"),
    lambda path: f"{path}%3f.css",
)
PRETENDED = (
    {"X-Original-URL": "/login/", "X-Rewrite-URL": "/login/"},
    {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    {"X-Forwarded-User": "staff", "Remote-User": "staff", "HX-Request": "true"},
)
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


def deeds(run: str, schedule: int) -> Iterator[tuple[str, str, str]]:
    """What a reader would like to do, each where something is that it could be done to."""
    cron = '{"dataset": "swapi/people", "cron": "@hourly"}'
    yield from (("POST", f"/api/v1/runs/{run}/cancel", ""), ("POST", f"/runs/{run}/pause/", ""))
    yield from (("POST", "/api/v1/runs", '{"dataset": "swapi/people"}'), ("POST", "/collection-request", '{"id": 1}'))
    yield from (("POST", "/api/v1/schedules", cron), ("DELETE", f"/api/v1/schedules/{schedule}", ""))
    yield from (("POST", f"/schedules/{schedule}/remove/", ""), ("GET", "/api/v1/audit", ""))


def ways(method: str, path: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Ways of asking for it: method, path and headers."""
    yield from ((method, each(path), {}) for each in SPELLINGS)
    yield from ((method, path, headers) for headers in PRETENDED)
    yield from ((sent, path, {header: method}) for header in OVERRIDES for sent in ("GET", "POST"))
    yield (method.lower(), path, {})


def test_a_reader_does_nothing_of_what_staff_may_however_it_is_spelled() -> None:
    browser = log_in(user("reader").name, browser=Client(headers=OURS))[0]
    run = runs.start("swapi/people", requested_by="api")
    kept = schedules.add("swapi/people", schedules.Wish(cron="@daily"))
    for method, path, body in deeds(run.pk, kept.pk):
        for sent, spelled, headers in ways(method, path):
            answer = browser.generic(sent, spelled, body, content_type="application/json", headers=headers)
            told = b"" if answer.streaming else answer.content
            assert answer.status_code < 500
            assert b'"deed"' not in told, (sent, spelled)
    run.refresh_from_db()
    assert (run.state, Run.objects.count()) == ("queued", 1)
    kept.refresh_from_db()
    assert (kept.cron, Schedule.objects.count()) == ("@daily", 1)
    assert not CollectionRequest.objects.exists()


def test_who_becomes_a_reader_is_one_at_once_and_who_is_disabled_is_nobody() -> None:
    user("staff", name="other")
    browser = log_in(user("staff").name)[0]
    assert browser.get("/users/").status_code == 200
    people.change("staff", kind="reader")
    assert browser.get("/users/").status_code == 403
    people.change("staff", active=False)
    assert browser.get("/runs/").status_code == 302
    people.change("staff", kind="staff", active=True)
    people.set_password(people.get("staff"), f"{PASSWORD} anew")
    assert browser.get("/runs/").status_code == 302
