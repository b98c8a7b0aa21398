"""Scripts in names, cells, titles, errors and addresses: on every page they are texts, in every file data."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from pytest_django import Settings

import ladle
from ladle_server.access.routes import ROUTES
from ladle_server.catalog import schedules
from ladle_server.catalog.hooks import webhooks
from ladle_server.catalog.models import Run
from tests.server.attacks.hostile import HOMEPAGE, MARK, SCRIPT, TEXTS, Hostile, Page, definition, hostile
from tests.server.attacks.walk import ALL, Route
from tests.server.entered import PASSWORD, QUICK, log_in, user

NAME = TEXTS[0]
"""Of a column."""
ASKED = {
    "pages:snapshot": ("", f"?{urlencode({'_search': TEXTS[1]})}", f"?{urlencode({'text': TEXTS[0]})}", "?_sort=-text"),
    "pages:columns": ("",),
    "pages:history": ("", f"?{urlencode({'id': TEXTS[0]})}", f"?{urlencode({'_key': 'text', 'text': TEXTS[1]})}"),
    "pages:counts": ("", "?by=text&by=day", f"?{urlencode({'by': NAME})}", f"?{urlencode({'by': 'x' + NAME})}"),
    "pages:chart": (
        *("", "?kind=bars&of=text", f"?{urlencode({'kind': 'heatmap', 'of': ['text', NAME]}, doseq=True)}"),
        *("?kind=line", f"?{urlencode({'kind': NAME})}"),
    ),
    "pages:map": ("", f"?{urlencode({'_label': NAME})}"),
    "pages:sql": (f"?{urlencode({'q': SCRIPT})}",),
    "pages:diff": ("", "?_key=id", f"?{urlencode({'_key': NAME})}"),
    "pages:runs": ("", f"?{urlencode({'x': TEXTS[1]})}"),
    "pages:login": ("", f"?{urlencode({'next': TEXTS[4]})}"),
    "pages:audit": ("", f"?{urlencode({'who': TEXTS[1]})}"),
}
"""What a page is asked for, besides itself."""


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.0/8")
        with hostile(tmp_path_factory.mktemp("evil")) as made:
            yield made


@pytest.fixture
def browser(evil: Hostile, settings: Settings, db: None) -> Client:
    """Staff, who see everything, on a site that has something of everything."""
    settings.LADLE_HOME, settings.LADLE_LOGIN, settings.PASSWORD_HASHERS = str(evil.home), True, QUICK
    user("staff")
    within = log_in("staff", browser=Client(headers={"Origin": "http://testserver"}))[0]
    within.post("/account/", {"name": TEXTS[1], "scope": "read", "expires": "never"})
    schedules.add("evil/things", schedules.Wish(cron="@daily"))
    url = f"https://93.184.216.34/{quote(SCRIPT)}?{MARK}='%22"
    webhooks.add(webhooks.checked(url), site="http://testserver")
    log_in(TEXTS[0], browser=Client())
    return within


def places(evil: Hostile, *, snapshot: str) -> dict[str, str]:
    """What leads somewhere."""
    here = dict.fromkeys(("snapshot", "snapshot_id", "before"), snapshot) | {"after": evil.snapshots[1]}
    here |= dict.fromkeys(("run", "run_id"), evil.failed) | dict.fromkeys(("source", "source_name"), "evil")
    return here | {"dataset": "things", "name": "things", "kind": "json", "number": "1"}


def looked_at(route: Route) -> bool:
    """Whether it is a page to look at: not a button's address, and not data."""
    asks = ROUTES.get(route.name)
    return asks is not None and route.name.startswith("pages:") and "kind" not in route.fields


PAGES = [each for each in ALL if looked_at(each)]


def wrong_on(answer: Any) -> list[str]:
    """What of a page would run."""
    text = answer.content.decode()
    return Page(text).wrong + ["a template in the text"] * (f"49{MARK}" in text)


@pytest.mark.parametrize("route", PAGES, ids=lambda each: each.name)
def test_no_page_lets_a_text_be_anything_but_a_text(browser: Client, evil: Hostile, route: Route) -> None:
    known = places(evil, snapshot=evil.snapshots[0])
    known |= {"name": "evil"} if route.name in ("pages:source", "pages:edit-source", "pages:remove-source") else {}
    for query in ASKED.get(route.name, ("",)):
        for snapshot in (evil.snapshots[0], evil.imported):
            answer = browser.get(route.path(known | {"snapshot_id": snapshot}) + query)
            assert answer.status_code in (200, 302, 400, 404, 405), (route.name, query)
            assert wrong_on(answer) == [], (route.name, query)


def test_the_pages_that_should_show_them_do(browser: Client, evil: Hostile) -> None:
    first, run = f"/snapshots/{evil.snapshots[0]}", f"/runs/{evil.failed}/"
    by = urlencode({"by": NAME})
    pages = ["/", "/sources/evil/", "/sources/evil/edit/", "/datasets/evil/things/", f"{first}/", f"{first}/rows/1/"]
    pages += [f"{first}/columns/", f"{first}/counts/?{by}", f"{first}/chart/?kind=bars&of=text", f"{first}/map/", run]
    pages += [f"{first}/sql/?q=SELECT+text+FROM+data"]
    pages += [f"/snapshots/{evil.imported}/", "/account/", "/webhooks/"]
    lacking = [path for path in pages if MARK not in unescape(browser.get(path).content.decode())]
    assert lacking == []


FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "a definition that is none": ("/sources/new/", {"do": "check", "definition": SCRIPT}),
    "a definition with a wrong key": ("/sources/new/", {"do": "check", "definition": f'ladle = 1\n"{SCRIPT}" = 1\n'}),
    "an address": ("/sources/new/", {"do": "look", "address": f"http://{SCRIPT}/"}),
    "a name": ("/users/", {"name": SCRIPT, "kind": "reader", "password": PASSWORD}),
    "a kind": ("/users/", {"name": "x", "kind": SCRIPT, "password": PASSWORD}),
    "a token": ("/account/", {"name": f"{SCRIPT}\n", "scope": SCRIPT, "expires": SCRIPT}),
    "a dataset": ("/runs/", {"dataset": f"evil/{SCRIPT}"}),
    "a cron": ("/schedules/", {"dataset": "evil/things", "cron": SCRIPT, "time_zone": SCRIPT}),
    "a webhook": ("/webhooks/", {"url": f"javascript:{MARK}()", "datasets": SCRIPT}),
    "a login": ("/login/", {"name": SCRIPT, "password": SCRIPT, "next": f"javascript:{MARK}()"}),
}


@pytest.mark.parametrize("what", FORMS)
@pytest.mark.parametrize("part", [False, True], ids=["a page", "a part of one"])
def test_what_is_refused_is_said_back_as_a_text(browser: Client, what: str, part: bool) -> None:
    path, form = FORMS[what]
    answer = browser.post(path, form, headers={"HX-Request": "true"} if part else {})
    assert 200 <= answer.status_code < 500
    assert wrong_on(answer) == []
    assert not answer.get("Location", "").startswith("javascript")


def test_addresses_that_lead_nowhere_and_names_that_are_not_ours_are_said_back_as_texts(
    browser: Client, settings: Settings
) -> None:
    for text in TEXTS:
        for path in (f"/{quote(text)}", f"/runs/{quote(text)}/", f"/snapshots/x/?{quote(text)}={quote(text)}"):
            answer = browser.get(path)
            assert answer.status_code in (302, 400, 404), path
            assert wrong_on(answer) == [], path
        settings.ALLOWED_HOSTS = ["testserver"]
        stranger = Client().get("/", headers={"Host": text.replace("\x00", "")})
        assert (stranger.status_code, wrong_on(stranger)) == (400, [])


def on_the_loop(path: str, browser: Client) -> Any:
    """The answer to who asks with the same cookies, given on an event loop as the server does it."""
    there = AsyncClient()
    there.cookies = browser.cookies
    return async_to_sync(there.get)(path)


def test_what_is_no_page_is_never_taken_for_one(browser: Client, evil: Hostile) -> None:
    kinds = {"json", "csv", "parquet", "ndjson", "xlsx", "csv-for-spreadsheets"}
    html, seen = [], set()
    for route in ALL:
        if route.name.startswith("pages:") and "kind" not in route.fields:
            continue
        for kind in kinds if "kind" in route.fields else {""}:
            path = route.path(places(evil, snapshot=evil.snapshots[0]) | {"kind": kind})
            answer = on_the_loop(path, browser) if route.name == "api-run-events" else browser.get(path)
            seen.add(answer.get("Content-Type", "").partition(";")[0])
            assert answer["X-Content-Type-Options"] == "nosniff"
            if answer.status_code == 200 and ("html" in answer["Content-Type"] or "svg" in answer["Content-Type"]):
                html.append(route.name)
    assert set(html) <= {"api-docs"}
    assert {"application/json", "text/csv", "application/problem+json"} <= seen


def test_files_are_kept_under_names_of_our_own_and_not_opened_in_the_browser(browser: Client, evil: Hostile) -> None:
    for snapshot in (evil.snapshots[0], evil.imported):
        for kind in ("csv", "parquet", "ndjson", "xlsx", "csv-for-spreadsheets"):
            answer = browser.get(f"/api/v1/snapshots/{snapshot}/download.{kind}")
            told = answer["Content-Disposition"]
            assert told.startswith('attachment; filename="')
            assert told.count('"') == 2
            assert MARK not in told


def test_the_failed_run_says_its_reason_to_programs_as_it_came(browser: Client, evil: Hostile) -> None:
    browser.get("/runs/")  # where the site finds what the command line has done
    assert MARK in Run.objects.get(pk=evil.failed).reason
    answer = browser.get(f"/api/v1/runs/{evil.failed}")
    assert (answer["Content-Type"], MARK in answer.json()["reason"]) == ("application/json", True)


@pytest.mark.parametrize(
    "address", [f"javascript:{MARK}()", f"data:text/html,{SCRIPT}", "//evil.example", "jav\tascript:x"]
)
def test_a_definition_s_homepage_is_a_link_where_it_is_an_address_of_the_web(
    browser: Client, evil: Hostile, address: str
) -> None:
    for name, homepage in (("good", "https://good.example/a"), ("bad", address)):
        text = definition("http://127.0.0.2/").replace('"evil"', f'"{name}"', 1)
        ladle.add_source(text.replace(HOMEPAGE, homepage.replace("\t", "\\t")), home=evil.home)
        page = browser.get(f"/sources/{name}/")
        assert (f'<a href="{escape(homepage)}"' in page.content.decode()) is (name == "good")
        assert escape(homepage) in page.content.decode()
        assert wrong_on(page) == []
