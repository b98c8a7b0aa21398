"""Cells and names that look like HTML, long texts and odd names: no script runs, nothing is wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.site import Site, serving
from tests.explore.odd import table

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["filled", "named"])
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A site with one of the odd tables, and the address of its snapshot."""
    snapshot = table(request.param, tmp_path_factory).snapshot
    with serving(snapshot.folder.parents[3]) as running:
        yield running, f"/snapshots/{snapshot.id}/"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["?_limit=60", "columns/", "counts/", "sql/", "rows/9/"])
def test_no_script_of_a_table_runs_and_nothing_is_wider_than_the_screen(
    open_page: Open, odd: tuple[Site, str], page: str, width: int
) -> None:
    site, address = odd
    # `open_page` fails for what the browser complains of: a script that was not let run is told, too.
    shown = open_page(address + page, on=site.url, width=width)
    expect(shown.locator("h1")).to_be_visible()
    assert "run" not in shown.title()
    assert shown.locator("main script, main img").count() == 0
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("odd", ["filled"], indirect=True)
def test_a_cell_of_a_megabyte_opens_cut_and_leads_to_its_row(open_page: Open, odd: tuple[Site, str]) -> None:
    site, address = odd
    shown = open_page(f"{address}?_sort=-n", on=site.url)
    cell = shown.locator("#rows .long").nth(1)
    cell.locator("summary").click()
    expect(cell).to_contain_text("The first 2,000 of 1,000,000 characters.")
    expect(cell.get_by_role("link", name="The whole row as JSON")).to_be_visible()
