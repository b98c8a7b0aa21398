"""Charts as people use them: chosen in place, a bar pressed shows its rows, and all of it fits a narrow screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
SIZES = """texts => texts.map(text => {
    const on = text.getScreenCTM()
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(on.a, on.b)
})"""
"""The height of texts on the screen, in pixels: a picture that is scaled scales its texts too."""


def test_a_chart_is_chosen_and_a_bar_leads_to_its_rows(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("link", name="Chart", exact=True).click()
    page.get_by_role("button", name="Draw").click()
    expect(page).to_have_url(re.compile(r"chart/\?kind=histogram&of=\w+$"))  # without the form's blank choices
    page.get_by_role("link", name="Bars").click()
    page.locator("select[name=of]").select_option("homeworld")
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_role("heading", name="Rows by homeworld")).to_be_visible()
    assert page.url.endswith("chart/?kind=bars&of=homeworld")
    with page.expect_navigation():
        page.locator('.drawing a[aria-label="homeworld Naboo: 11 rows"]').click()
    expect(page.locator("#asked")).to_have_text("11 rows where homeworld is Naboo")


@pytest.mark.parametrize(
    "path", ["chart/?kind=bars&of=homeworld", "chart/?kind=heatmap&of=gender&of=homeworld", "map/"]
)
def test_a_chart_fits_a_narrow_screen_and_stays_readable(open_page: Open, people: str, cities: str, path: str) -> None:
    page = open_page((cities if path == "map/" else people) + path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = page.locator("figure.chart text:visible").evaluate_all(SIZES)
    assert sizes
    assert min(sizes) > 10.9
