"""The same without JavaScript: every link, form and button works, and a run's page goes on by itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")


@pytest.fixture
def open_plain(open_page: Open) -> Callable[[str], Page]:
    """Opens addresses in a browser whose JavaScript is off."""
    return lambda path: open_page(path, java_script_enabled=False)


def test_the_button_leads_to_the_table(open_plain: Callable[[str], Page]) -> None:
    page = open_plain("/")
    page.get_by_role("button", name="Collect swapi/people").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator("#rows > tr")).to_have_count(10)


def test_load_more_is_a_link_to_the_next_ten_rows(open_plain: Callable[[str], Page], people: str) -> None:
    page = open_plain(people)
    page.get_by_role("link", name="Load 10 more").click()
    expect(page.locator("#shown")).to_have_text("Showing 11 to 20 of 82")
    expect(page.locator("#rows > tr").first).to_contain_text("Anakin Skywalker")
    page.get_by_role("link", name="Previous 10").click()
    expect(page.locator("#shown")).to_have_text("Showing 1 to 10 of 82")


def test_columns_are_chosen_and_removed_by_form_and_link(open_plain: Callable[[str], Page], people: str) -> None:
    page = open_plain(f"{people}counts/")
    for column, button in (("date", "Count"), ("homeworld", "Count")):
        page.get_by_label("Add a column").select_option(column)
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#rows > tr").first).to_contain_text("Naboo")
    page.get_by_role("link", name="Load 10 more").click()
    expect(page.locator("#shown")).to_have_text("Showing 11 to 20 of 49")
    page.get_by_role("link", name="Remove date").click()
    expect(page.locator(".chip")).to_have_count(1)


def test_the_download_menu_opens(open_plain: Callable[[str], Page], people: str) -> None:
    page = open_plain(people)
    page.get_by_text("Download", exact=True).click()
    expect(page.get_by_role("link", name="Parquet")).to_be_visible()


def test_a_schedule_is_made_by_its_form_paused_and_removed(open_plain: Callable[[str], Page]) -> None:
    page = open_plain("/datasets/swapi/people/")
    page.get_by_text("Add a schedule").click()
    page.get_by_label("By cron").check()
    page.get_by_label("Cron", exact=True).fill("0 0 30 2 *")
    page.get_by_role("button", name="Collect at these times").click()
    expect(page.get_by_role("alert")).to_contain_text('"30" can\'t be its day of month')
    page.get_by_label("Cron", exact=True).fill("0 0 29 2 *")
    page.get_by_role("button", name="Collect at these times").click()
    expect(page.locator("#schedules .times time")).to_have_count(4)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#schedules .tag")).to_have_text("paused")
    page.locator("#schedules").get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the schedule").click()
    expect(page.locator("#schedules .schedule")).to_have_count(0)
