"""OWASP's ten of APIs (2023), line by line: https://owasp.org/API-Security/editions/2023/en/0x11-t10/.

Where a line has a file of tests of its own beside this one, the line's tests here are the rest.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.testing import Answer, ScriptedApi, answer, redirect
from ladle_server.access import people as users
from ladle_server.access import tokens
from ladle_server.access.kinds import Scope
from ladle_server.access.models import Token, User
from ladle_server.access.rates import rate
from ladle_server.access.routes import ROUTES
from ladle_server.catalog.hooks import outbox, webhooks
from ladle_server.catalog.models import Run
from tests.server.attacks.conftest import raw
from tests.server.attacks.walk import ALL, METHODS
from tests.server.entered import PASSWORD, QUICK, bearer, entered, log_in, token, user
from tests.server.site import Site

OURS = {"Origin": "http://testserver"}
ELSEWHERE = "https://93.184.216.34/hook"
PASSWD = "/etc/passwd"


@pytest.fixture(autouse=True)
def _people_log_in(settings: Settings, empty_home: str) -> None:
    settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = True, QUICK


@pytest.fixture
def staff() -> Client:
    return bearer(token(user("staff"), Scope.DEFINE))


def post(client: Client, path: str, body: object, **headers: str) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


# API1:2023 Broken Object Level Authorization; see also test_stolen_id.py and test_traversal.py.
def test_api1_an_object_is_found_below_its_owner_alone(staff: Client) -> None:
    one, other = (
        webhooks.add(webhooks.checked(f"{ELSEWHERE}/{each}"), site="http://testserver").row.pk for each in "ab"
    )
    theirs = outbox.put_test(webhooks.get(other)).pk
    assert post(staff, f"/api/v1/webhooks/{one}/deliveries/{theirs}/again", None).status_code == 404
    boss = log_in("staff", browser=Client(headers=OURS))[0]
    assert boss.post(f"/webhooks/{one}/deliveries/{theirs}/again/").status_code == 404
    first, second = user("reader", name="first"), user("reader", name="second")
    tokens.make(second, name="theirs", scope="read")
    number = Token.objects.get(name="theirs").pk
    assert boss.post(f"/users/{first.pk}/tokens/{number}/revoke/").status_code == 404
    assert Token.objects.get(name="theirs").revoked_at is None


# API2:2023 Broken Authentication; see also test_login.py and test_tokens.py.
def test_api2_a_token_is_taken_from_its_header_alone_and_a_password_by_the_form_alone() -> None:
    text = token(user("staff"), Scope.DEFINE)
    for query in ("token", "access_token", "api_key", "key", "Authorization"):
        assert Client().get("/api/v1/runs", {query: text}).status_code == 401
    for scheme in ("Basic c3RhZmY6dGhyZWUgd29yZHMgYXBhcnQ=", f"Token {text}", f"Basic {text}", text, f"bearer{text}"):
        assert Client(headers={"Authorization": scheme}).get("/api/v1/runs").status_code == 401, scheme
    cookie = Client()
    cookie.cookies["token"] = cookie.cookies["ladle-session"] = text
    assert cookie.get("/api/v1/runs").status_code == 401
    assert Client(headers={"X-API-Key": text}).get("/api/v1/runs").status_code == 401


def test_api2_a_session_s_cookie_is_for_the_browser_alone_and_another_password_needs_the_old_one() -> None:
    browser = entered("reader")
    told = browser.cookies["ladle-session"]
    assert (told["httponly"], told["samesite"], told["path"]) == (True, "Lax", "/")
    within = log_in("reader", browser=Client(headers=OURS))[0]
    assert within.cookies["ladle-session"].value != told.value
    anew = {"old": "not this one", "new": "four other words apart", "again": "four other words apart"}
    assert within.post("/account/password/", anew).status_code in (400, 401, 403)
    assert users.check("reader", PASSWORD) is not None


def test_api2_guesses_wait_and_say_nothing_of_who_there_is() -> None:
    user("reader")
    known, unknown = ([log_in(name, "a wrong guess")[1] for _ in range(7)] for name in ("reader", "nobody-there"))
    assert [each.status_code for each in known] == [each.status_code for each in unknown]
    assert [known[0].status_code, known[-1].status_code] == [401, 429]
    bodies = [re.sub(r'value="\w*[^"]*"', "", each.content.decode()) for each in (known[0], unknown[0])]
    assert bodies[0] == bodies[1]


# API3:2023 Broken Object Property Level Authorization
FORGED = {"id": "x", "state": "complete", "requested_by": "site", "ours": True, "trusted": True, "made_by": "staff"}
MADE: dict[str, dict[str, object]] = {
    "runs": {"dataset": "swapi/people"},
    "schedules": {"dataset": "swapi/people", "cron": "@daily"},
    "webhooks": {"url": ELSEWHERE},
    "sources": {"definition": "ladle = 1\n"},
    "sources/preview": {"definition": "ladle = 1\n"},
    "sources/check": {"definition": "ladle = 1\n"},
    "sources/infer": {"url": "https://93.184.216.34/"},
}


@pytest.mark.parametrize("path", MADE)
def test_api3_nothing_is_set_that_is_not_asked_for(staff: Client, path: str) -> None:
    for key, value in FORGED.items():
        refused = post(staff, f"/api/v1/{path}", {**MADE[path], key: value})
        assert refused.status_code == 400
        assert f'"{key}"' in refused.json()["detail"] or path.startswith("sources"), key
    assert not Run.objects.exists()


def test_api3_nobody_makes_themselves_staff_by_a_form_of_their_own_account() -> None:
    browser = log_in(user("reader").name, browser=Client(headers=OURS))[0]
    more = {"kind": "staff", "is_staff": "on", "is_active": "on", "user": "1", "id": "1"}
    browser.post("/account/", {"name": "mine", "scope": "define", "expires": "never", **more})
    forms = {"old": PASSWORD, "new": "four other words apart", "again": "four other words apart", **more}
    browser.post("/account/password/", forms)
    assert [(each.name, each.kind) for each in User.objects.all()] == [("reader", "reader")]
    assert {each.user.name for each in Token.objects.all()} <= {"reader"}


def test_api3_no_answer_tells_what_is_secret(staff: Client) -> None:
    added = webhooks.add(webhooks.checked(ELSEWHERE), site="http://testserver")
    secrets = [each.digest for each in Token.objects.all()] + [each.password for each in User.objects.all()]
    secrets += [added.secret, str(site_settings.SECRET_KEY), PASSWORD]
    for client in (staff, log_in("staff", browser=Client(headers=OURS))[0]):
        for route in ALL:
            path = route.path({"webhook": str(added.row.pk), "number": str(added.row.pk), "source": "swapi"})
            told = client.get(path)
            body = b"" if told.streaming else told.content
            assert not any(each.encode() in body for each in secrets), path


# API4:2023 Unrestricted Resource Consumption; see also test_slow_requests.py and test_listening.py.
def test_api4_each_client_has_so_many_requests_and_no_more(settings: Settings) -> None:
    settings.LADLE_RATE = rate("5 per hour")
    one, other, nobody = bearer(token(user("reader"))), bearer(token(user("staff"))), Client()
    for client, answers in ((one, [200] * 5), (nobody, [401] * 5), (other, [200] * 5)):
        assert [client.get("/api/v1/runs").status_code for _ in range(6)] == [*answers, 429]
    assert bearer("ladle_" + "x" * 43).get("/api/v1/runs").status_code == 429, "guessing tokens counts as nobody"


MUCH = (
    *("/api/v1/runs?limit=1001", "/api/v1/runs?limit=999999999999999999999", "/api/v1/runs?offset=-1"),
    *("rows?_limit=1001", "rows?_limit=1e9", "rows?_offset=99999999999999999999999", "counts?_limit=100000"),
    *("counts?" + "&".join(["by=name"] * 200), "rows?" + "&".join(f"name__contains={n}" for n in range(5000))),
    *("chart?kind=histogram&of=height&_bins=1000000", "rows?_col=" + "x" * 20000),
)


@pytest.mark.parametrize("asked", MUCH, ids=lambda each: each[:40])
def test_api4_what_asks_for_too_much_is_refused(
    client: Client, read_home: str, people: ladle.Snapshot, settings: Settings, asked: str
) -> None:
    settings.LADLE_LOGIN = False
    path = asked if asked.startswith("/") else f"/api/v1/snapshots/{people.id}/{asked}"
    assert client.get(path).status_code in (400, 414), path


def test_api4_bodies_are_bounded_in_size_and_depth(staff: Client) -> None:
    long, number = '{"dataset": "' + "x" * (2 << 20) + '"}', '{"id": ' + "9" * 50_000 + "}"
    for body in ("[" * 100_000, '{"a":' * 50_000, long, number):
        for path in ("/api/v1/runs", "/collection-request"):
            refused = staff.post(path, body, content_type="application/json")
            assert refused.status_code in (400, 413), (path, body[:20])
    packed = gzip.compress(b'{"dataset": "swapi/people"}' + b" " * (1 << 20))
    sent = staff.post("/api/v1/runs", packed, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert sent.status_code == 400


# API5:2023 Broken Function Level Authorization; see also test_roles.py.
def test_api5_every_route_is_in_the_table_and_no_other_method_is_carried_out(staff: Client) -> None:
    for route in ALL:
        assert route.name in ROUTES or any(f"{route.name} {method}" in ROUTES for method in METHODS), route.name
        for method in ("TRACE", "PROPFIND"):
            status = staff.generic(method, route.path()).status_code
            assert 300 <= status < 500, (method, route.path())


# API6:2023 Unrestricted Access to Sensitive Business Flows: spending somebody's quota, guessing a password.
def test_api6_spending_a_quota_is_for_collectors_and_a_wish_is_fulfilled_once() -> None:
    reader, collector = bearer(token(user("reader"), Scope.DEFINE)), bearer(token(user("collector"), Scope.COLLECT))
    wish = {"dataset": "swapi/people"}
    assert post(reader, "/api/v1/runs", wish).status_code == 403
    assert reader.get("/api/v1/sources/swapi/datasets/people/preview").status_code == 403
    told = [post(collector, "/api/v1/runs", wish, **{"Idempotency-Key": "k"}) for _ in range(5)]
    assert len({each.json()["id"] for each in told}) == Run.objects.count() == 1


# API7:2023 Server Side Request Forgery
INSIDE = (
    *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"),
    *("0.0.0.0", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00:ec2::254]", "127.0.0.1.", "user@127.0.0.1"),  # noqa: S104
)


@pytest.mark.parametrize("host", INSIDE)
def test_api7_nothing_that_staff_writes_has_the_site_ask_its_own_network(staff: Client, host: str) -> None:
    with ScriptedApi({"*": answer({"results": []})}) as inside:
        port = inside.url.rstrip("/").rpartition(":")[2]
        url = f"http://{host}:{port}/latest/meta-data/"
        assert post(staff, "/api/v1/webhooks", {"url": url.replace("http:", "https:")}).status_code == 400
        assert post(staff, "/api/v1/webhooks", {"url": url}).status_code == 400
        assert post(staff, "/api/v1/sources/infer", {"url": url}).status_code in (400, 502)
        told = post(staff, "/api/v1/sources/preview", {"definition": definition(url)})
        assert told.status_code in (400, 502) or not told.json()["results"][0]["rows"]
        assert inside.requests == []


@pytest.mark.parametrize(
    "url", [f"file://{PASSWD}", "gopher://x/", "ftp://x/", "dict://x:1/", "http:///x", "//x/", "s3://b"]
)
def test_api7_no_other_scheme_is_asked(staff: Client, url: str) -> None:
    for path, body in (("webhooks", {"url": url}), ("sources/infer", {"url": url})):
        assert post(staff, f"/api/v1/{path}", body).status_code == 400
    assert b"root:x:" not in post(staff, "/api/v1/sources/preview", {"definition": definition(url)}).content


# API8:2023 Security Misconfiguration
GUARDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
AS_SENT = {
    "a page": (b"GET /login/ HTTP/1.1", 200),
    "a file": (b"GET /static/pages/ladle.css HTTP/1.1", 200),
    "no such file": (b"GET /static/x HTTP/1.1", 404),
    "no such page, to nobody": (b"GET /nowhere HTTP/1.1", 302),
    "the API, to nobody": (b"GET /api/v1/runs HTTP/1.1", 401),
    "health": (b"GET /healthz HTTP/1.1", 200),
    "a method, to nobody": (b"TRACE /login/ HTTP/1.1", 302),
    "a form without its secret": (b"POST /login/ HTTP/1.1\r\nContent-Length: 0", 403),
}


@pytest.mark.parametrize("what", AS_SENT)
def test_api8_every_answer_carries_what_guards_it_and_nothing_of_who_made_it(site: Site, what: str) -> None:
    line, expected = AS_SENT[what]
    status, headers, body = raw(site, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert status == expected
    assert {name: headers[name] for name in GUARDS} == GUARDS
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not {"server", "x-powered-by", "via"} & {name.lower() for name in headers}
    assert b"Traceback" not in body


TOO_EARLY = {
    b"nonsense\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000: 431,
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n": 413,
}


@pytest.mark.parametrize("sent", TOO_EARLY, ids=["no HTTP", "a long head", "a long body"])
def test_api8_what_no_view_has_seen_is_a_problem_that_no_browser_takes_for_a_page(site: Site, sent: bytes) -> None:
    status, headers, body = raw(site, sent)
    assert status == TOO_EARLY[sent]
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert json.loads(body)["status"] == status


def test_api8_nothing_is_left_on_that_helps_who_looks_for_faults() -> None:
    assert site_settings.DEBUG is False
    assert "*" not in site_settings.ALLOWED_HOSTS
    assert not [each for each in site_settings.INSTALLED_APPS if "admin" in each or "debug" in each]
    assert len(str(site_settings.SECRET_KEY)) >= 50


# API9:2023 Improper Inventory Management
def test_api9_every_route_of_the_api_is_described_and_every_description_is_a_route(staff: Client) -> None:
    described = {re.sub(r"\{\w+\}", "{}", each) for each in staff.get("/api/schema").json()["paths"]}
    served = {re.sub(r"<\w+:\w+>", "{}", each.pattern) for each in ALL if each.name.startswith(("api-", "collection-"))}
    assert {each.rstrip("/") for each in described} == served - {"/api/schema", "/api/docs"}


def test_api9_what_is_deprecated_says_so_in_its_answers(staff: Client) -> None:
    for path, operations in staff.get("/api/schema").json()["paths"].items():
        for method, about in operations.items():
            if isinstance(about, dict) and about.get("deprecated"):
                sent = staff.generic(method.upper(), re.sub(r"\{\w+\}", "1", path))
                assert {"Deprecation", "Sunset", "Link"} <= set(sent.headers), path


OLD = (
    *("/admin/", "/api/", "/api/v0/runs", "/api/v2/runs", "/api/v1/", "/api/v1/users", "/debug/", "/__debug__/"),
    *("/.git/config", "/.env", "/graphql", "/swagger.json", "/openapi.json", "/actuator/env", "/server-status"),
    *("/site.sqlite3", "/secret-key", "/media/x", "/static/", "/static/pages/", "/console", "/robots.txt.bak"),
)


def test_api9_nothing_else_is_answered() -> None:
    browser = log_in(user("staff").name, browser=Client(headers=OURS))[0]
    assert {path: browser.get(path).status_code for path in OLD} == dict.fromkeys(OLD, 404)


# API10:2023 Unsafe Consumption of APIs
DEEP = b'{"results": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
BOMB = gzip.compress(b'{"results": [' + b" " * (65 << 20) + b"]}", 1)
"""65 MB from less than one."""
HOSTILE: dict[str, Answer] = {
    "a redirect into the network": redirect("http://169.254.169.254/latest/meta-data/"),
    "a redirect to a file": redirect(f"file://{PASSWD}"),
    "a redirect to itself": redirect("/things"),
    "lists in lists": answer(DEEP, headers={"Content-Type": "application/json"}),
    "no end of a number": answer(b'{"results": [{"id": ' + b"9" * 500_000 + b"}]}"),
    "keys twice": answer(b'{"results": [{"id": 1, "id": 2}], "results": [{"id": 3}]}'),
    "bytes that are no text": answer(b'{"results": [{"id": "\xff\xfe\x00"}]}'),
    "half a character": answer(b'{"results": [{"id": "\\ud800"}]}'),
    "another encoding": answer('{"results": [{"id": "é"}]}'.encode("utf-16")),
    "an encoding that is none": answer(b"{}", headers={"Content-Type": "application/json; charset=x-evil"}),
    "numbers that are none": answer(b'{"results": [{"id": NaN}, {"id": Infinity}, {"id": 1e999}]}'),
    "a page of HTML": answer("<script>alert(1)</script>", headers={"Content-Type": "text/html"}),
    "nothing": answer(b""),
    "packed twice": answer(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": "gzip, gzip"}),
    "packed by what nobody has": answer(b"x", headers={"Content-Encoding": "evil"}),
    "a limit for ever": answer(b"", status=429, headers={"Retry-After": "9" * 400}),
    "limits that are none": answer(b'{"results": []}', headers={"X-RateLimit-Limit": "-1", "RateLimit": '"x";r=-9'}),
    "a link into the network": answer(b'{"results": [{"id": 1}], "next": "http://127.0.0.2:1/"}'),
    "a cookie": answer(b'{"results": [{"id": 1}]}', headers={"Set-Cookie": "ladle-session=x; Path=/"}),
    "status 999": answer(b"{}", status=599),
}


def definition(base_url: str) -> str:
    return f"""ladle = 1
name = "evil"
base_url = {json.dumps(base_url)}
quota = "100000 per minute"
[resources.things]
path = "things"
records = "results"
next = "next"
paging = "link"
"""


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.1")
    return


@pytest.mark.usefixtures("reached")
@pytest.mark.parametrize("what", HOSTILE)
def test_api10_whatever_an_api_answers_is_rows_or_a_reason(staff: Client, what: str) -> None:
    with ScriptedApi({"/things": HOSTILE[what]}) as api:
        told = post(staff, "/api/v1/sources/preview", {"definition": definition(api.url)})
        assert told.status_code in (200, 400, 502, 503), told.content[:300]
        assert told["Content-Type"] in ("application/json", "application/problem+json")
        assert "ladle-session" not in told.cookies
        assert len(told.content) < 2_000_000
        assert b"Traceback" not in told.content
        json.loads(told.content)
        assert len(api.requests) <= 30
        shown = post(staff, "/api/v1/sources/infer", {"url": f"{api.url}things"})
        assert shown.status_code in (200, 400, 502, 503)


@pytest.mark.usefixtures("reached")
def test_api10_a_bomb_is_unpacked_to_64_mb_at_most(staff: Client) -> None:
    bomb = answer(BOMB, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    with ScriptedApi({"/things": bomb}) as api:
        told = post(staff, "/api/v1/sources/preview", {"definition": definition(api.url)})
    assert "larger than 67,108,864 bytes" in told.content.decode()


@pytest.mark.usefixtures("reached")
def test_api10_a_run_that_an_api_lies_to_ends_and_keeps_nothing_that_it_did_not_say(tmp_path: Path) -> None:
    with ScriptedApi({"/things": HOSTILE["a redirect into the network"]}) as api:
        ladle.add_source(definition(api.url), home=tmp_path)
        with pytest.raises(ladle.LadleError) as ended:
            ladle.collect("evil/things", home=tmp_path)
        assert "169.254.169.254" in str(ended.value)
    assert ladle.snapshot_ids(home=tmp_path) == set()
