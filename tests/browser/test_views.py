"""Filtering, searching and sorting rows on their page: by form, header and link, with JavaScript and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def names(page: Page) -> list[str]:
    return page.locator("#rows [data-c=name]").all_inner_texts()


@pytest.mark.parametrize("script", [True, False])
def test_filters_a_search_and_an_order_are_put_together_and_taken_away(
    open_page: Open, people: str, script: bool
) -> None:
    page = open_page(people, java_script_enabled=script)
    page.get_by_label("Filter by column").select_option("homeworld")
    page.get_by_label("Value").fill("Naboo")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#asked")).to_have_text("11 rows where homeworld is Naboo")
    page.get_by_label("Sort by").select_option("name")
    page.get_by_label("descending").check()
    page.get_by_label("Search all texts").fill("brown")
    page.get_by_role("button", name="Apply").click()
    told = 'rows with "brown" where homeworld is Naboo, sorted by name, descending'
    expect(page.locator("#asked")).to_contain_text(told)
    assert names(page) == sorted(names(page), reverse=True)
    assert page.url.endswith("?homeworld=Naboo&_search=brown&_sort=-name")
    page.get_by_role("link", name="Remove: homeworld is Naboo").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("#asked")).to_have_text("82 rows, as collected")


@pytest.mark.parametrize("script", [True, False])
def test_a_header_sorts_up_down_and_not_at_all(open_page: Open, people: str, script: bool) -> None:
    page = open_page(f"{people}?gender=female", java_script_enabled=script)
    header = page.get_by_role("columnheader", name=re.compile("^name"))
    expect(header).not_to_have_attribute("aria-sort", re.compile("."))
    for way in ("ascending", "descending"):
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", way)
        assert names(page) == sorted(names(page), reverse=way == "descending")
    header.get_by_role("button").click()
    expect(page.locator("#asked")).to_have_text(re.compile("rows where gender is female$"))
    assert page.url.endswith("?gender=female")


@pytest.mark.parametrize("script", [True, False])
def test_the_view_on_screen_is_downloaded_whole(open_page: Open, people: str, script: bool) -> None:
    page = open_page(f"{people}?gender=female", java_script_enabled=script)
    page.get_by_role("columnheader", name=re.compile("^name")).get_by_role("button").click()
    expect(page.locator("#asked")).to_contain_text("sorted by name")
    page.get_by_text("Download", exact=True).click()
    count = page.locator("#asked").inner_text().split()[0]
    expect(page.locator("#download")).to_contain_text(f"This view, {count} rows")
    expect(page.locator("#download")).to_contain_text("The whole table, 82 rows")
    with page.expect_download() as started:
        page.locator("#download").get_by_role("link", name="CSV").first.click()
    assert re.fullmatch(r"people-\d{4}-\d\d-\d\d-view\.csv", started.value.suggested_filename)
    lines = started.value.path().read_text("utf-8").splitlines()[1:]
    assert (len(lines), lines) == (int(count), sorted(lines))
    assert [line.split('"')[1] for line in lines[:10]] == names(page)


def test_the_keyboard_stays_on_the_header_that_sorts(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("columnheader", name=re.compile("^mass")).get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name=re.compile("^mass"))).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("columnheader", name=re.compile("^mass")).get_by_role("button")).to_be_focused()
    page.go_back()
    expect(page.locator("#asked")).to_have_text("82 rows, as collected")


def test_more_of_a_view_and_one_of_its_rows(open_page: Open, people: str) -> None:
    page = open_page(f"{people}?gender=male&_sort=-name")
    page.get_by_role("link", name="Load 10 more").click()
    expect(page.locator("#rows > tr")).to_have_count(20)
    assert names(page) == sorted(names(page), reverse=True)
    assert page.url.endswith("?gender=male&_sort=-name&_limit=20")
    page.get_by_label("Go to row").fill("33")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#rows > tr").first).to_have_attribute("id", "row-33")
    expect(page.locator("#asked")).to_contain_text("where gender is male, sorted by name, descending")


@pytest.mark.parametrize("script", [True, False])
def test_columns_are_chosen_from_a_list(open_page: Open, people: str, script: bool) -> None:
    page = open_page(f"{people}?gender=female", java_script_enabled=script)
    page.get_by_text("Columns", exact=True).last.click()
    for name in ("height", "mass", "hair_color", "skin_color", "eye_color", "birth_year", "gender", "date"):
        page.get_by_label(name, exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead th button")).to_have_count(2)
    assert page.url.endswith("?gender=female&_col=name&_col=homeworld")


def test_a_filter_that_is_wrong_is_told_and_what_was_typed_stays(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_label("Filter by column").select_option("date")
    page.get_by_label("Operator").select_option("gte")
    page.get_by_label("Value").fill("soon")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert").filter(has_text="soon")).to_contain_text('"soon" is no value for "date"')
    expect(page.get_by_label("Value")).to_have_value("soon")


def test_a_count_leads_to_its_rows(open_page: Open, people: str) -> None:
    page = open_page(f"{people}counts/?by=date&by=homeworld")
    page.get_by_role("link", name="11 rows").click()
    expect(page.locator("#asked")).to_have_text("11 rows where date is 2014-12-20 and homeworld is Naboo")


@pytest.mark.parametrize("query", ["", "?gender=male&mass__notnull=1&_sort=-mass,name"])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_page: Open, people: str, query: str) -> None:
    page = open_page(people + query, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_was_filtered_in_place_stays_from_tab_to_tab(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_label("Filter by column").select_option("gender")
    page.get_by_label("Value").fill("male")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#asked")).to_contain_text("60 rows where gender is male")
    tabs = page.get_by_role("navigation", name="Views")
    for name in ("Counts", "Chart", "Columns", "Rows"):
        with page.expect_navigation():
            tabs.get_by_role("link", name=name, exact=True).click()
        assert page.url.endswith("?gender=male"), name
    expect(page.locator("#asked")).to_contain_text("60 rows where gender is male")
