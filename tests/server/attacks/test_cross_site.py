"""Pages of other sites, names that are not ours, and requests that two servers would read differently: all refused."""

from __future__ import annotations

from itertools import product
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from ladle_server.access.kinds import Scope
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from tests.server.attacks.conftest import raw
from tests.server.entered import PASSWORD, QUICK, bearer, entered, secret, token, user
from tests.server.site import Site

FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver@evil.example"},
    {"Origin": "http://evil.example/http://testserver"},
    {"Origin": "http://testserver:8001"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "file://"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "CROSS-SITE"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
)
"""What a browser says of another site's page, and what a page might have it say."""
FORMS = {
    "application/x-www-form-urlencoded": urlencode({"dataset": "swapi/people"}),
    "text/plain": '{"dataset": "swapi/people", "x": "="}',
    "multipart/form-data; boundary=x": '--x\r\nContent-Disposition: form-data; name="dataset"\r\n\r\nx\r\n--x--',
}
"""What a form can send to another site without asking first."""


@pytest.fixture
def home(empty_home: str, settings: Settings) -> str:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK
    return empty_home


def deeds(run: str) -> list[tuple[str, str]]:
    """What a page of another site would like to have done."""
    posts = ("/runs/", f"/runs/{run}/cancel/", f"/api/v1/runs/{run}/cancel", "/api/v1/runs", "/collection-request")
    posts += ("/users/", "/account/", "/account/password/", "/logout/", "/sources/new/", "/api/v1/sources/infer")
    return [*(("POST", path) for path in posts), ("DELETE", "/api/v1/sources/own"), ("PATCH", "/api/v1/schedules/1")]


@pytest.mark.parametrize("login", [True, False], ids=["where people log in", "on one's own machine"])
def test_a_page_of_another_site_does_nothing_here(home: str, settings: Settings, login: bool) -> None:
    settings.LADLE_LOGIN = login
    browser = entered("staff") if login else Client(enforce_csrf_checks=True)
    run = runs.start("swapi/people", requested_by="api").pk
    for headers, (method, path) in product(FOREIGN, deeds(run)):
        answer = browser.generic(method, path, '{"dataset": "swapi/people"}', "application/json", headers=headers)
        assert answer.status_code == 403, (method, path, headers)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert [(each.pk, each.state) for each in Run.objects.all()] == [(run, "queued")]
    assert not login or browser.get("/account/").status_code == 200


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("login", [True, False], ids=["where people log in", "on one's own machine"])
def test_a_form_s_body_is_none_to_the_api_even_where_nothing_says_whence_it_comes(
    home: str, settings: Settings, kind: str, login: bool
) -> None:
    settings.LADLE_LOGIN = login
    browser = entered("staff") if login else Client(enforce_csrf_checks=True)
    for path in ("/api/v1/runs", "/collection-request"):
        assert browser.post(path, FORMS[kind], content_type=kind).status_code == (403 if login else 415), path
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Referer": "https://evil.example/"},
        {"Referer": "http://testserver/"},
        {"Referer": "http://testserver.evil/"},
    ],
)
def test_a_form_without_its_secret_is_refused_whatever_the_referrer(home: str, said: dict[str, str]) -> None:
    browser = entered("staff")
    wish = {"dataset": "swapi/people"}
    for form in (wish, {**wish, "csrfmiddlewaretoken": "x" * 64}, {**wish, "csrfmiddlewaretoken": _others_secret()}):
        assert browser.post("/runs/", form, headers=said).status_code == 403
        told = browser.post("/api/v1/runs", wish, content_type="application/json", headers=said)
        assert told.status_code == 403
    assert not Run.objects.exists()


def _others_secret() -> str:
    """What somebody else's page carries: it belongs to their cookie."""
    return secret(Client(), "/login/")


def test_a_get_that_spends_a_quota_is_not_for_an_image_on_another_page(home: str, settings: Settings) -> None:
    for login in (True, False):
        settings.LADLE_LOGIN = login
        browser = entered("staff") if login else Client()
        asked = "/api/v1/sources/swapi/datasets/people/preview"
        assert browser.get(asked, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_no_answer_lets_another_site_s_page_read_it(home: str) -> None:
    program = bearer(token(user("staff"), Scope.DEFINE))
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}
    for method, path in product(
        ("GET", "OPTIONS", "HEAD"), ("/", "/api/v1/runs", "/api/schema", "/healthz", "/static/x")
    ):
        answer = program.generic(method, path, headers=asks)
        assert not {name for name in answer.headers if name.lower().startswith("access-control-")}, path


OURS = "127.0.0.1"
HOSTS = (
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1, evil.example",
    "127.0.0.1/evil.example",
    "127.0.0.1#",
    "127.0.0.1\tevil.example",
    "[::1",
    "0.0.0.0",  # noqa: S104 - to be refused
    "127.1",
    "2130706433",
    "",
    " ",
    "a" * 5000,
)
"""Names that are none of this machine's: that of a page that points its own name here is the first."""


def head(path: str, *headers: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", *headers, "Connection: close", "")).encode()


@pytest.mark.parametrize("path", ["/login/", "/api/v1/runs", "/healthz", "/collection-request"])
def test_a_host_that_is_not_ours_is_refused_whatever_else_is_said(site: Site, path: str) -> None:
    for host in HOSTS:
        status, headers, body = raw(site, head(path, f"Host: {host}"))
        assert status == 400, (host, status)
        assert "Set-Cookie" not in headers
        assert b"Traceback" not in body
    for more in (f"X-Forwarded-Host: {OURS}", f"Forwarded: host={OURS}", f"X-Host: {OURS}", f"X-Original-Host: {OURS}"):
        assert raw(site, head(path, "Host: evil.example", more))[0] == 400


def test_two_hosts_are_none(site: Site) -> None:
    for hosts in (["Host: evil.example", f"Host: {OURS}"], [f"Host: {OURS}", "Host: evil.example"]):
        assert raw(site, head("/login/", *hosts))[0] == 400, hosts


PRETENDED = ("X-Forwarded-Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Host: evil.example")


@pytest.mark.parametrize(
    "target", ["/", "/login/", "/api/v1/runs", "http://evil.example/", "http://evil.example/login/"]
)
def test_a_name_that_is_only_pretended_is_in_no_answer(site: Site, target: str) -> None:
    for said in PRETENDED:
        status, headers, body = raw(site, head(target, f"Host: {OURS}", said))
        assert status in (200, 302, 401)
        assert "evil.example" not in headers.get("Location", "")
        assert b"//evil.example" not in body


SMUGGLED: dict[str, bytes] = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a length with a sign": b"Content-Length: +5\r\n\r\nhello",
    "a length that is none": b"Content-Length: 5x\r\n\r\nhello",
    "a length below nothing": b"Content-Length: -1\r\n\r\n",
    "a space before the colon": b"Content-Length : 5\r\n\r\nhello",
    "a folded header": b"X-A: b\r\n c: d\r\n\r\n",
    "a zero byte in a header": b"X-A: b\0c\r\n\r\n",
    "a line end in a name": b"X-A\nX-B: c\r\n\r\n",
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a size beyond all measure": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n",
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_what_two_servers_would_read_differently_is_not_read_at_all(site: Site, how: str) -> None:
    second = b"GET /api/v1/audit HTTP/1.1\r\nHost: localhost\r\n\r\n"
    begin = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    status, headers, _ = raw(site, begin + SMUGGLED[how] + second)
    assert status == 400
    assert headers["Connection"] == "close"


ELSEWHERE = (
    *("//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "\t//evil.example", "///x"),
    *("/\n/evil.example", "/\t/evil.example", "javascript:alert(1)", "//evil.example@testserver/"),
    "http://testserver.evil.example/",
)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_login_leads_to_this_site_alone(home: str, place: str) -> None:
    name = user("reader").name
    done = Client().post("/login/", {"name": name, "password": PASSWORD, "next": place})
    assert (done.status_code, done["Location"]) == (302, "/")
