"""The whole way of somebody without a mouse, and of somebody without JavaScript: from an address to a diff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ladle.testing import Request, ScriptedApi, hang
from tests.browser.conftest import Open
from tests.browser.keyboard import Keyboard
from tests.browser.site import Site, serving

pytestmark = pytest.mark.browser
SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")
COLOURS = ("red", "green", "blue")


class Tools:
    """24 tools on three pages. Later there is one more, and the first has another colour."""

    def __init__(self) -> None:
        self.later = self.slow = False

    def __call__(self, request: Request) -> object:
        records = [self._tool(number) for number in range(1, 26 if self.later else 25)]
        page = int(request.query.get("page", "1"))
        more = f"http://{request.headers['Host']}/tools?page={page + 1}" if page < 3 else None
        answer = {"count": len(records), "next": more, "results": records[10 * page - 10 : 10 * page]}
        return hang(answer) if self.slow and page == 3 else answer

    def _tool(self, number: int) -> dict[str, Any]:
        colour = "white" if self.later and number == 1 else COLOURS[number % 3]
        return {"id": number, "name": f"tool {number:02}", "colour": colour, "weight": number * 3}


@pytest.fixture
def tools() -> Tools:
    return Tools()


@pytest.fixture
def workshop(tools: Tools) -> Iterator[ScriptedApi]:
    with ScriptedApi({"/tools": tools}) as running:
        yield running


@pytest.fixture
def own_site(settings: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    """A site whose operator lets definitions reach this machine."""
    with serving(tmp_path / "home", **settings | {"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8"}) as running:
        yield running


def test_by_keyboard_alone(open_page: Open, own_site: Site, workshop: ScriptedApi, tools: Tools) -> None:
    page = open_page("/", on=own_site.url)
    hands = Keyboard(page)
    hands.follow(page.get_by_role("link", name="Add a source"))
    expect(page.get_by_label("Address", exact=True)).to_be_focused()
    hands.type(f"{workshop.url}tools")
    hands.press("Enter")
    expect(page.locator(".tried table")).to_contain_text("tool 01")
    hands.follow(page.get_by_role("button", name="Save"))

    tools.slow = True
    hands.follow(page.get_by_role("button", name="Collect").first)
    expect(page.locator("#live")).to_contain_text("2 of 3 requests, 20 of 24 rows")
    expect(page).to_have_title(re.compile("^66%, "))
    hands.tab_to(page.get_by_role("link", name="failed", exact=True))
    workshop.release()
    page.wait_for_url(SNAPSHOT)
    tools.slow = False

    hands.press("m")
    expect(page.locator("#row-11")).to_be_focused()
    hands.press("j", "j", "k")
    expect(page.locator("#row-12")).to_be_focused()
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.get_by_role("heading", name="Row 12")).to_be_visible()
    with page.expect_navigation():
        hands.press("j")
    expect(page.get_by_role("heading", name="Row 13")).to_be_visible()
    hands.follow(page.get_by_role("link", name="The rows from here"))

    hands.press("f")
    hands.type("col")
    hands.tab_to(page.get_by_label("Value"))
    hands.type("green")
    hands.press("Enter")
    expect(page.locator("#asked")).to_have_text("8 rows where colour is green")
    hands.tab_to(page.get_by_role("button", name="Apply"))
    hands.press("/")
    hands.type("tool 01")
    hands.press("Enter")
    expect(page.locator("#asked")).to_contain_text('1 row with "tool 01" where colour is green')
    hands.follow(page.locator("#tabs").get_by_role("link", name="Counts"))
    hands.press("f")
    hands.type("wei")
    hands.press("Tab", "Enter")
    expect(page.locator("#counts .chip").first).to_contain_text("weight")

    tools.later = True
    hands.follow(page.get_by_role("link", name="Sources"))
    hands.follow(page.get_by_role("button", name=re.compile("^Collect .*tools$")))
    page.wait_for_url(SNAPSHOT)
    hands.follow(page.get_by_role("link", name="What changed"))
    expect(page.get_by_role("navigation", name="Kinds of difference")).to_contain_text("Added 1")
    hands.press("j")
    expect(page.locator("#row-1")).to_be_focused()


def test_without_javascript(open_page: Open, own_site: Site, workshop: ScriptedApi, tools: Tools) -> None:
    page = open_page("/", on=own_site.url, java_script_enabled=False)
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Address", exact=True).fill(f"{workshop.url}tools")
    page.get_by_role("button", name="Look").click()
    expect(page.locator(".tried table")).to_contain_text("tool 01")
    page.get_by_role("button", name="Save").click()

    tools.slow = True
    page.get_by_role("button", name="Collect").first.click()
    expect(page.locator("#live")).to_contain_text("2 of 3 requests, 20 of 24 rows")
    page.goto(own_site.url)  # the page of a run that refreshes itself would run away from a click
    expect(page.locator("header .live")).to_contain_text("/tools 66%")
    page.get_by_role("link", name=re.compile("^Watch ")).click()
    workshop.release()
    page.wait_for_url(SNAPSHOT)
    tools.slow = False

    page.get_by_role("link", name="Load 10 more").click()
    expect(page.locator("#shown")).to_have_text("Showing 11 to 20 of 24")
    page.locator("#row-12 th a").click()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="Row 13")).to_be_visible()
    page.get_by_role("link", name="The rows from here").click()
    page.get_by_label("Filter by column").select_option("colour")
    page.get_by_label("Value").fill("green")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#asked")).to_have_text("8 rows where colour is green")
    page.locator("#tabs").get_by_role("link", name="Counts").click()
    page.get_by_label("Add a column").select_option("weight")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.locator("#counts .chip").first).to_contain_text("weight")

    tools.later = True
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("button", name=re.compile("^Collect .*tools$")).click()
    page.wait_for_url(SNAPSHOT)
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("navigation", name="Kinds of difference")).to_contain_text("Added 1")
    page.get_by_label("From", exact=True).select_option(index=0)
    page.get_by_label("to", exact=True).select_option(index=1)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("navigation", name="Kinds of difference")).to_contain_text("Removed 1")
