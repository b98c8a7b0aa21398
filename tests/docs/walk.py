"""Takes a browser's page at the tutorial's site, gives it at every picture of the tutorial, having done what it says.

The test goes through all of it, the script of the pictures takes one at each stop: neither tells another story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Page, expect

SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")
PRESSED = ("Collect", "Load 10 more", "Apply", "Download", "Counts", "Count", "Count", "Count all rows")
"""What "In the browser" says to press, in its order; the page's own words in bold."""


def in_the_browser(page: Page, url: str) -> Iterator[str]:
    """The names of the pictures of the chapter, each when the page looks so."""
    page.goto(f"{url}/")
    collect, more, apply, download, counts, count, again, whole = PRESSED
    yield "sources"
    page.get_by_role("button", name=f"{collect} swapi/people").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator("#shown")).to_have_text("Showing 1 to 10 of 82")
    yield "rows"
    page.get_by_role("link", name=more).click()
    expect(page.locator("#shown")).to_have_text("Showing 1 to 20 of 82")
    page.get_by_label("Filter by column").select_option("homeworld")
    page.get_by_label("Value").fill("Naboo")
    page.get_by_role("button", name=apply).click()
    expect(page.locator("#asked")).to_have_text("11 rows where homeworld is Naboo")
    yield "filter"
    page.locator("#download summary", has_text=download).click()
    for kind in ("CSV", "Parquet", "Excel"):
        expect(page.locator("#download")).to_contain_text(kind)
    page.keyboard.press("Escape")
    page.locator("#tabs").get_by_role("link", name=counts, exact=True).click()
    for column, button in (("date", count), ("homeworld", again)):
        page.get_by_label("Add a column").select_option(column)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("link", name=f"Remove {column}")).to_be_visible()
    page.get_by_role("link", name=whole).click()
    expect(page.get_by_text("49 combinations, largest first, exact.")).to_be_visible()
    yield "counts"


def what_changed(page: Page, url: str) -> Iterator[str]:
    """The same of the chapter on what has changed."""
    page.goto(f"{url}/datasets/swapi/people/")
    page.get_by_role("link", name="What changed").first.click()
    expect(page.get_by_role("navigation", name="Kinds of difference")).to_contain_text("Removed 1")
    yield "diff"
