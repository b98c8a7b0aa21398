"""The page that tries the API out: looked at where the system is dark, then light; axe finds every text readable."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import DARK, findings
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def paper(page: Page) -> int:
    """How light the page's ground is, from 0 to 255."""
    page.wait_for_selector(".opblock")
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return max(int(each) for each in colour.strip("rgba()").split(",")[:3])


def test_on_a_phone_an_opened_route_is_no_wider_than_the_screen_and_a_link_leads_back(open_page: Open) -> None:
    page = open_page("/api/docs/", width=390)
    page.get_by_role("button", name="get /api/v1/snapshots", exact=False).first.click()
    page.get_by_role("heading", name="Parameters").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator(".opblock-summary-description").first).to_have_text(re.compile(r"^[A-Z].*[a-z]$"))
    page.get_by_role("link", name="← Ladle").click()
    expect(page).to_have_title("Sources · Ladle")


def test_the_page_that_tries_the_api_out_is_dark_where_the_system_is(open_page: Open) -> None:
    page = open_page("/api/docs/", color_scheme="dark")
    assert paper(page) < 64
    page.get_by_role("button", name="post /api/v1/runs", exact=False).first.click()
    page.get_by_text("Examples:").first.wait_for()
    assert findings(page, DARK) == ""
    page.emulate_media(color_scheme="light")
    page.locator("html:not(.dark-mode)").wait_for(state="attached")
