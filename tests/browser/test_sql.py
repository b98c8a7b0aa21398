"""People's own SQL: a query typed, run by button or keys, its rows, more of them, its file, and mistakes that stay."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
QUERY = "SELECT name, gender FROM data WHERE gender = 'male'"


def test_a_query_is_run_by_its_button_and_can_be_sent_as_a_link(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("link", name="SQL", exact=True).click()
    page.get_by_label("One SELECT").fill(QUERY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#shown")).to_have_text("Showing 1 to 10 of 60")
    again = open_page("/" + page.url.split("/", 3)[3])
    expect(again.get_by_label("One SELECT")).to_have_value(QUERY)
    expect(again.locator("#rows > tr").first).to_contain_text("Luke Skywalker")


def test_the_keyboard_runs_it_and_goes_on_in_the_new_rows(open_page: Open, people: str) -> None:
    page = open_page(f"{people}sql/")
    page.get_by_label("One SELECT").fill(QUERY)
    with page.expect_navigation():  # until it is loaded: before its script runs, the link is a plain one
        page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Load 10 more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows > tr")).to_have_count(20)
    expect(page.locator("#shown")).to_have_text("Showing 1 to 20 of 60")
    expect(page.locator("#row-11")).to_be_focused()
    assert re.search(r"&_limit=20$", page.url)


def test_without_javascript_it_is_a_form_and_links(open_page: Open, people: str) -> None:
    page = open_page(f"{people}sql/", java_script_enabled=False)
    page.get_by_label("One SELECT").fill(QUERY)
    page.get_by_role("button", name="Run").click()
    page.get_by_role("link", name="Load 10 more").click()
    expect(page.locator("#shown")).to_have_text("Showing 11 to 20 of 60")
    page.get_by_role("link", name="Previous 10").click()
    expect(page.locator("#shown")).to_have_text("Showing 1 to 10 of 60")


def test_a_mistake_is_told_and_what_was_typed_stays(open_page: Open, people: str) -> None:
    page = open_page(f"{people}sql/")
    page.get_by_label("One SELECT").fill("SELECT nme\nFROM data")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#problem")).to_contain_text('Referenced column "nme" not found')
    expect(page.locator("#problem")).to_contain_text("(line 1: SELECT nme)")
    expect(page.get_by_label("One SELECT")).to_have_value("SELECT nme\nFROM data")


@pytest.mark.parametrize("of", ["people", "cities"])
def test_every_query_to_begin_with_can_be_run(open_page: Open, people: str, cities: str, of: str) -> None:
    page = open_page(f"{people if of == 'people' else cities}sql/")
    addresses = [link.get_attribute("href") for link in page.locator(".ready a").all()]
    assert len(addresses) >= 4
    for address in addresses:
        page.goto(f"{page.url.partition('?')[0]}{address}")
        expect(page.locator("#shown")).to_contain_text("Showing")
        expect(page.locator("#problem")).to_have_count(0)


def test_the_result_as_a_file_holds_every_row(open_page: Open, people: str) -> None:
    page = open_page(f"{people}sql/?q=SELECT+name+FROM+data")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert len(started.value.path().read_text("utf-8").splitlines()) == 83
