"""Counting combinations: columns chosen one by one, the largest first, more of them, and the same as a file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def cells(page: Page, number: int) -> list[str]:
    """The texts of one combination's cells, its bar left out."""
    return page.locator(f"#row-{number} td:not(.bar)").all_inner_texts()


def test_counts_by_date_and_homeworld(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("link", name="Counts").click()
    page.get_by_label("Add a column").select_option("date")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_label("Add a column").select_option("homeworld")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.locator(".chip")).to_have_count(2)
    assert page.url.endswith("/counts/?by=date&by=homeworld")
    expect(page.get_by_text("49 combinations, largest first, exact.")).to_be_visible()
    assert cells(page, 1) == ["2014-12-20", "Naboo", "11", "13.4%"]
    assert cells(page, 2) == ["2014-12-20", "Tatooine", "10", "12.2%"]
    assert cells(page, 3) == ["2014-12-20", "unknown", "5", "6.1%"]


def test_more_counts_are_appended_and_the_keyboard_goes_on_there(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=date&by=homeworld")
    page.get_by_role("link", name="Load 10 more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows > tr")).to_have_count(20)
    expect(page.locator("#shown")).to_have_text("Showing 1 to 20 of 49")
    expect(page.locator("#row-11")).to_be_focused()
    assert page.url.endswith("?by=date&by=homeworld&_limit=20")
    page.reload()
    expect(page.locator("#rows > tr")).to_have_count(20)


def test_a_removed_column_is_gone_and_the_back_button_brings_it_back(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=date&by=homeworld")
    page.get_by_role("link", name="Remove date").click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.get_by_text("49 values, largest first")).to_be_visible()
    assert cells(page, 1) == ["Naboo", "11", "13.4%"]
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)


def test_counts_come_in_the_order_of_first_appearance_too(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=homeworld")
    page.get_by_role("link", name="Order as first seen").click()
    expect(page.locator("#row-1")).to_contain_text("Tatooine")
    page.get_by_label("Add a column").select_option("gender")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.get_by_text(re.compile("combinations, as first seen"))).to_be_visible()


def test_the_counts_as_a_file_hold_every_combination(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=date&by=homeworld")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).click()
    lines = started.value.path().read_text("utf-8").splitlines()
    assert lines[0] == '"date","homeworld","count","share"'
    assert lines[1].startswith('2014-12-20,"Naboo",11,0.134')
    assert len(lines) == 50


def test_without_a_column_the_page_says_what_to_do(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/")
    expect(page.get_by_text("Choose one column or several")).to_be_visible()
    page.get_by_role("link", name="gender 5 values").click()
    assert cells(page, 1) == ["male", "60", "73.2%"]


def test_a_mistyped_column_is_told_and_the_others_stay(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=date&by=homewrld")
    expect(page.get_by_role("alert").filter(has_text="column")).to_contain_text('Did you mean "homeworld"?')
    expect(page.locator(".chip")).to_have_count(1)
