"""Column cards, a row alone and a record through time, as people press their way through them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
def test_a_bar_over_the_table_adds_a_filter_and_takes_it_away(open_page: Open, cities: str, script: bool) -> None:
    page = open_page(f"{cities}?country=PE", java_script_enabled=script)
    bars = page.get_by_role("group", name=re.compile("^Histogram of humidity")).locator("a")
    bars.nth(1).click()
    expect(page.locator("#asked")).to_have_text(
        "1 row where country is PE and humidity at least 42 and humidity below 43"
    )
    expect(bars.nth(1)).to_have_attribute("aria-current", "true")
    bars.nth(1).click()
    expect(page.locator("#asked")).to_have_text("3 rows where country is PE")


def test_on_the_page_of_columns_bars_and_values_are_pressed_with_the_keyboard(
    open_page: Open, people: str, cities: str
) -> None:
    page = open_page(f"{people}columns/")
    page.get_by_role("link", name="Naboo", exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#asked")).to_have_text("11 rows where homeworld is Naboo")
    page.goto(page.url.replace(people, cities).partition("?")[0] + "columns/")
    page.get_by_role("group", name=re.compile("^Histogram of humidity")).locator("a").last.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#asked")).to_have_text("1 row where humidity at least 44 and humidity at most 44")


def test_from_a_row_s_number_to_its_record_in_all_snapshots_and_back(open_page: Open, people: str) -> None:
    page = open_page(f"{people}?gender=male&_sort=-name")
    page.get_by_role("link", name="Row 2 alone").click()
    expect(page.locator("h2").first).to_contain_text("2 of 60 where gender is male, sorted by name, descending")
    second = page.locator(".record dd").first.inner_text()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Previous").click()
    expect(page.locator(".record dd").first).to_have_text(second)
    page.get_by_role("link", name="This record in all snapshots").click()
    expect(page.locator(".timeline > li").first).to_contain_text("first seen")
    expect(page.get_by_text(re.compile(f"^name {second}: in 1 of 1 snapshot"))).to_be_visible()


@pytest.mark.parametrize("view", ["columns/", "rows/4/", "history/?name=Luke+Skywalker"])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_page: Open, people: str, view: str) -> None:
    page = open_page(people + view, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
