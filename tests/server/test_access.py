"""Who may do what on a site where people log in: every route, as nobody, as a reader, and as a page of another site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from pytest_django import Settings

import ladle
from ladle_server.access.kinds import KINDS, SCOPES, Action, Kind, Scope, Who
from ladle_server.access.origins import sender
from ladle_server.access.places import Room
from ladle_server.access.rates import rate
from ladle_server.access.routes import ROUTES, asked, resolved
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from tests.server.entered import QUICK, bearer, entered, log_in, secret, token, user

METHODS = ("GET", "POST", "PATCH", "DELETE")
SAMPLE = {"int": "1", "str": "x", "slug": "x", "path": "x"}


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


def patterns(resolver: Any, space: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    """Name and a sample path of every route of the site."""
    for each in resolver.url_patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield f"{space}{each.name}", "/" + re.sub(r"<(\w+):\w+>", lambda found: SAMPLE[found[1]], here)
        else:
            assert isinstance(each, URLResolver)
            yield from patterns(each, f"{each.namespace}:" if each.namespace else space, here)


WALK = list(patterns(get_resolver()))


def methods(path: str) -> tuple[str, ...]:
    """What may be tried: of the API what it has, else all."""
    match = resolved(path)
    view: Any = getattr(match.func, "cls", None) if match else None
    return METHODS if view is None else tuple(each for each in METHODS if hasattr(view, each.lower()))


def test_every_route_names_what_it_asks_for_and_nothing_else_is_named() -> None:
    named = {key.partition(" ")[0] for key in ROUTES}
    assert named == {name for name, _ in WALK}
    assert len(WALK) > 80


def test_every_route_that_changes_something_has_words_for_the_audit_log() -> None:
    looks = {"api-preview", "api-check", "api-audit", "pages:audit"}
    looks |= {
        "api-webhooks",
        "api-webhook",
        "api-deliveries",
        "pages:webhooks",
        "pages:webhook",
        "pages:webhook-remove",
    }
    changing = {key: asks for key, asks in ROUTES.items() if asks.action not in (Action.OPEN, Action.READ)}
    assert {key for key, asks in changing.items() if not asks.deed} == looks


def test_a_route_that_was_forgotten_is_for_staff_alone() -> None:
    match = resolve("/runs/")
    assert asked(match, "GET").action == Action.READ
    assert asked(match, "POST").action == Action.COLLECT
    assert asked(match, "PATCH").action == Action.MANAGE
    match.__dict__["view_name"] = "pages:forgotten"
    assert asked(match, "GET").action == Action.MANAGE


def test_the_table_gives_each_kind_what_the_one_before_has_and_more() -> None:
    reader, collector, staff = (KINDS[kind] for kind in (Kind.READER, Kind.COLLECTOR, Kind.STAFF))
    assert reader < collector < staff == set(Action)
    assert SCOPES[Scope.READ] < SCOPES[Scope.COLLECT] < SCOPES[Scope.DEFINE] < staff
    assert not any(Who(kind=Kind.STAFF, scope=scope).may(Action.MANAGE) for scope in Scope)
    assert not Who(kind=Kind.READER, scope=Scope.DEFINE).may(Action.COLLECT)


def test_nobody_sees_anything_but_the_way_in(read_home: Path) -> None:
    browser, seen = Client(), set()
    for name, path in WALK:
        for method in methods(path):
            answer = browser.generic(method, path)
            if asked(resolved(path), method).action == Action.OPEN:
                assert name == "pages:login" or answer.status_code not in (401, 302), path
                continue
            seen.add(_shut(answer, path))
    assert seen == {"page", "program"}


def _shut(answer: Any, path: str) -> str:
    """By which of its faces a door is shut."""
    if path.startswith(("/api/", "/collection-request")) or path.endswith((".json", ".csv")):
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), path
        assert answer["WWW-Authenticate"].startswith("Bearer"), path
        return "program"
    assert answer.status_code == 302, path
    assert answer["Location"].startswith("/login/?next=%2F"), path
    return "page"


def test_a_reader_who_tries_all_that_others_may_is_refused_by_page_and_program(read_home: Path) -> None:
    browser, owner = entered("reader"), user("reader", name="other")
    program, refused = bearer(token(owner, Scope.DEFINE)), set()
    for name, path in WALK:
        for method in methods(path):
            ask = asked(resolved(path), method)
            if Action(ask.action) in KINDS[Kind.READER]:
                continue
            answer = browser.generic(method, path, headers={"Origin": "http://testserver"})
            assert answer.status_code == 403, (method, path)
            kind = "application/problem+json" if path.startswith(("/api/", "/coll")) else "text/html; charset=utf-8"
            assert answer["Content-Type"] == kind, path
            assert "You are here as reader" in answer.content.decode(), path
            assert program.generic(method, path).status_code == 403, (method, path)
            refused.add(f"{name} {method}")
    assert {"api-run-cancel POST", "pages:new-source GET", "api-audit GET", "pages:people GET"} <= refused
    assert len(refused) > 40


def test_a_reader_looks_at_everything_and_is_shown_no_button_that_is_not_theirs(
    read_home: Path, people: ladle.Snapshot
) -> None:
    browser = entered("reader")
    run = people.manifest.run
    for path in (f"/snapshots/{people.id}/", f"/snapshots/{people.id}/sql/?q=SELECT+1", f"/runs/{run}/", "/schedules/"):
        assert browser.get(path).status_code == 200, path
    asked_for = {"query": "SELECT count(*) AS n FROM data"}
    sql = f"/api/v1/snapshots/{people.id}/sql"
    ours = {"Origin": "http://testserver"}
    assert browser.post(sql, asked_for, content_type="application/json", headers=ours).json()["results"] == [{"n": 82}]
    assert browser.get(f"/api/v1/snapshots/{people.id}/download.csv").status_code == 200
    pages = "".join(browser.get(path).content.decode() for path in ("/", "/sources/swapi/", "/datasets/swapi/people/"))
    assert ">Collect<" not in pages
    assert "Add a source" not in pages
    assert "Add a schedule" not in pages
    staff = entered("staff")
    assert ">Collect<" in staff.get("/").content.decode()
    assert "Add a schedule" in staff.get("/datasets/swapi/people/").content.decode()


def test_the_id_of_somebody_else_s_run_is_of_no_use_to_who_may_not_collect(empty_home: Path) -> None:
    browser = entered("collector")
    started = browser.post("/runs/", {"dataset": "swapi/people", "csrfmiddlewaretoken": secret(browser, "/")})
    run = Run.objects.get()
    assert started["Location"] == f"/runs/{run.pk}/?then=snapshot"
    thief = bearer(token(user("reader"), Scope.COLLECT))
    for wish in ("pause", "cancel", "resume", "retry"):
        assert thief.post(f"/api/v1/runs/{run.pk}/{wish}").status_code == 403
        assert Client().post(f"/api/v1/runs/{run.pk}/{wish}").status_code == 401
    assert Run.objects.get().state == "queued"
    paused = browser.post(f"/api/v1/runs/{run.pk}/pause", headers={"Origin": "http://testserver"})
    assert paused.json()["reason"] == "Paused by collector."


STRANGE = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
)


@pytest.mark.parametrize("headers", STRANGE)
@pytest.mark.parametrize("login", [True, False])
def test_a_page_of_another_site_sends_nothing_here_whether_or_not_people_log_in(
    empty_home: Path, settings: Settings, headers: dict[str, str], login: bool
) -> None:
    settings.LADLE_LOGIN = login
    browser = entered("staff") if login else Client()
    run = runs.start("swapi/people", requested_by="api")
    tries = (("POST", "/runs/"), ("POST", f"/api/v1/runs/{run.pk}/cancel"), ("DELETE", "/api/v1/sources/own"))
    for method, path in tries:
        answer = browser.generic(method, path, headers=headers)
        assert answer.status_code == 403, path
        assert "may not do that here" in answer.content.decode()
    assert Run.objects.get().state == "queued"


def test_who_shows_a_cookie_and_says_nothing_of_the_page_needs_the_secret_of_a_form(empty_home: Path) -> None:
    browser = entered("staff")
    run = runs.start("swapi/people", requested_by="api")
    pause = f"/api/v1/runs/{run.pk}/pause"
    refused = browser.post(pause)
    assert refused.status_code == 403
    assert "X-CSRFToken" in refused.json()["detail"]
    assert browser.post(pause, headers={"X-CSRFToken": browser.cookies["ladle-csrf"].value}).status_code == 200
    assert browser.post(f"/api/v1/runs/{run.pk}/resume", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 202
    assert bearer(token(user("collector"), Scope.COLLECT)).post(pause).status_code == 200


def test_whose_page_sends_a_request_is_told_by_host_and_trusted_names() -> None:
    trusted = ("https://ladle.example", "https://*.lab.example")
    cases = {
        "https://ladle.example": "ours",
        "https://a.lab.example": "ours",
        "https://lab.example": "ours",
        "https://notlab.example": "strange",
        "http://ladle.example": "strange",
        "https://ladle.example.evil.example": "strange",
        "https://[": "strange",
    }
    told = {each: sender({"Origin": each}, host="127.0.0.1:8000", trusted=trusted).value for each in cases}
    assert told == cases


def test_a_host_that_is_not_ours_is_refused_before_anybody_is_looked_at(client: Client, settings: Settings) -> None:
    settings.LADLE_LOGIN, settings.ALLOWED_HOSTS = False, ["localhost", "127.0.0.1", "[::1]"]
    for path in ("/", "/login/", "/api/v1/runs", "/healthz"):
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 400, path
        assert client.get(path, headers={"Host": "127.0.0.1.evil.example:8000"}).status_code == 400, path


def test_every_answer_has_the_headers_that_guard_it(read_home: Path, people: ladle.Snapshot) -> None:
    browser = entered("reader")
    paths = ("/", "/login/", "/static/pages/ladle.css", f"/api/v1/snapshots/{people.id}/rows", "/users/", "/nowhere")
    answers = [browser.get(path) for path in paths] + [Client().get("/"), Client().get("/api/v1/runs")]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 403, 404, 302, 401]
    for answer in answers:
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        told = {name: answer[name] for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")}
        assert told == {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
        }
        assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer
    secure = browser.get("/", secure=True)
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


def test_no_cache_that_people_share_keeps_what_is_behind_the_door(
    read_home: Path, people: ladle.Snapshot, settings: Settings
) -> None:
    rows = f"/api/v1/snapshots/{people.id}/rows"
    kept = entered("reader").get(rows)
    assert kept["Cache-Control"] == "private, max-age=31536000, immutable"
    assert {"Cookie", "Authorization"} <= set(kept["Vary"].split(", "))
    settings.LADLE_LOGIN = False
    assert Client().get(rows)["Cache-Control"].startswith("public")


def test_downloads_come_as_attachments(read_home: Path, people: ladle.Snapshot) -> None:
    browser = entered("reader")
    own = f"/api/v1/snapshots/{people.id}/download."
    data = [own + kind for kind in ("csv", "parquet", "csv-for-spreadsheets", "ndjson", "xlsx")]
    data += [f"/snapshots/{people.id}.csv", f"/snapshots/{people.id}/counts.csv?by=gender"]
    answers = {path: browser.get(path) for path in data}
    assert {path: answer["Content-Disposition"].partition(";")[0] for path, answer in answers.items()} == dict.fromkeys(
        data, "attachment"
    )


def test_where_nobody_logs_in_whoever_asks_is_the_owner(client: Client, empty_home: Path, settings: Settings) -> None:
    settings.LADLE_LOGIN = False
    assert client.get("/users/").status_code == 200
    assert client.get("/api/v1/audit").status_code == 200
    assert client.get("/account/").status_code == 403
    assert client.get("/login/")["Location"] == "/"
    assert not client.cookies.get("ladle-session")
    assert client.post("/api/v1/runs", {"dataset": "swapi/people"}, content_type="application/json").status_code == 202


def test_more_requests_than_the_limit_are_told_when_to_come_again(read_home: Path, settings: Settings) -> None:
    settings.LADLE_RATE = rate("3 per hour")
    one, other = entered("reader"), bearer(token(user("staff")))
    answers = [one.get("/api/v1/runs") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit"].partition(";t=")[0] for answer in answers] == [
        f'"requests";r={n}' for n in (2, 1, 0, 0)
    ]
    assert answers[3]["RateLimit-Policy"] == '"requests";q=3;w=3600'
    assert 0 < int(answers[3]["Retry-After"]) <= 1200
    assert answers[3]["Content-Type"] == "application/problem+json"
    assert "Too many requests" in one.get("/runs/").content.decode()
    assert one.get("/static/pages/ladle.css").status_code == 200
    assert other.get("/api/v1/runs").status_code == 200
    assert log_in("reader")[1].status_code == 302


def refusals(browser: Client) -> dict[str, Any]:
    """Of each operation that the site describes, what it asks for and which refusals are named."""
    paths = browser.get("/api/schema").json()["paths"]
    return {
        f"{method.upper()} {path}": (told["security"], set(told["responses"]) & {"401", "403", "413", "429", "503"})
        for path, operations in paths.items()
        for method, told in operations.items()
    }


def test_the_description_names_each_refusal_where_it_can_come_and_nowhere_else(
    client: Client, read_home: Path, settings: Settings
) -> None:
    settings.LADLE_RATE = rate("9000 per day")
    asked_for, named = [{"token": []}, {"session": []}], refusals(entered("reader"))
    assert named["GET /api/v1/runs"] == (asked_for, {"401", "413", "429", "503"})
    assert named["GET /api/v1/audit"] == (asked_for, {"401", "403", "413", "429", "503"})
    assert named["POST /api/v1/runs"] == (asked_for, {"401", "403", "413", "429", "503"})
    assert named["DELETE /api/v1/questions/{question}"] == (asked_for, {"401", "403", "413", "429", "503"})
    settings.LADLE_LOGIN, settings.LADLE_RATE = False, None
    named = refusals(client)
    assert named["GET /api/v1/runs"] == ([{}, {"token": []}], {"401", "413", "503"})
    assert named["GET /api/v1/sources/{source}/datasets/{dataset}/preview"][1] == {"401", "403", "413", "503"}
    assert named["GET /api/v1/runs/{run}/events"][1] == {"401", "503"}
    settings.LADLE_WAITING = Room(all=2, each=1)
    named = refusals(client)
    assert named["GET /api/v1/runs/{run}/events"][1] == {"401", "429", "503"}
    assert named["POST /collection-request"][1] == {"401", "403", "413", "429", "503"}
    assert named["GET /collection-request"][1] == {"401", "413", "503"}
