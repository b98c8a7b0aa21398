"""Looking at rows: ten and ten more, any row by its number, values that look like what they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG, Open

pytestmark = pytest.mark.browser


def test_load_more_appends_ten_rows_and_the_keyboard_goes_on_there(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("link", name="Load 10 more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows > tr")).to_have_count(20)
    expect(page.locator("#shown")).to_have_text("Showing 1 to 20 of 82")
    assert page.locator("#shown").get_attribute("role") == "status"
    expect(page.locator("#row-11")).to_be_focused()
    expect(page.locator("#row-11")).to_contain_text("Anakin Skywalker")


def test_a_reload_shows_what_was_loaded(open_page: Open, people: str) -> None:
    page = open_page(people)
    for rows in (20, 30):
        page.get_by_role("link", name="Load 10 more").click()
        expect(page.locator("#rows > tr")).to_have_count(rows)
    page.reload()
    expect(page.locator("#rows > tr")).to_have_count(30)
    expect(page.locator("#shown")).to_have_text("Showing 1 to 30 of 82")


def test_the_last_rows_end_the_list(open_page: Open, people: str) -> None:
    page = open_page(f"{people}?_offset=70")
    page.get_by_role("link", name="Load 2 more").click()
    expect(page.locator("#rows > tr")).to_have_count(12)
    expect(page.locator("#shown")).to_have_text("Showing 71 to 82 of 82")
    expect(page.get_by_role("link", name=re.compile("^Load"))).to_have_count(0)
    page.get_by_role("link", name="Previous 10").click()
    expect(page.locator("#shown")).to_have_text("Showing 61 to 70 of 82")


def test_a_row_is_gone_to_by_its_number(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_label("Go to row").fill("40")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#rows > tr").first).to_have_attribute("id", "row-40")
    expect(page.locator("#shown")).to_have_text("Showing 40 to 49 of 82")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("200", "There is no row 200. The last one is 82."),
        ("ten", '"ten" is no row. Rows are numbered from 1 to 82.'),
    ],
)
def test_a_row_that_is_not_there_is_told_and_what_was_typed_stays(
    open_page: Open, people: str, typed: str, told: str
) -> None:
    page = open_page(people)
    page.get_by_label("Go to row").fill(typed)
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="row")).to_have_text(told)
    expect(page.get_by_label("Go to row")).to_have_value(typed)
    expect(page.locator("#rows > tr")).to_have_count(10)


def test_null_and_the_empty_string_look_different_and_numbers_align_right(open_page: Open, cities: str) -> None:
    page = open_page(cities)
    country = page.locator("#row-1 [data-c=country]")
    name = page.locator("#row-2 [data-c=name]")
    expect(country).to_have_text("null")
    expect(name).to_have_text('""')
    expect(page.locator("#row-1 [data-c=humidity]")).to_have_css("text-align", "right")
    expect(page.locator("#row-1 [data-c=name]")).to_have_css("text-align", "left")


def test_a_long_cell_opens_in_full(open_page: Open, cities: str) -> None:
    page = open_page(cities)
    cell = page.locator("#row-3 [data-c=name]")
    full = cell.get_by_text(LONG, exact=True)
    expect(full).to_be_hidden()
    cell.locator("summary").click()
    expect(full).to_be_visible()


@pytest.mark.parametrize("view", ["", "columns/", "counts/?by=gender&by=homeworld"])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_page: Open, people: str, view: str) -> None:
    page = open_page(people + view, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_rows_are_cards_that_name_their_columns(open_page: Open, people: str) -> None:
    page = open_page(people, width=390)
    label = page.locator("#row-1 [data-c=homeworld]").evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == '"homeworld"'
    expect(page.locator("#row-1")).to_have_css("display", "block")
    expect(page.get_by_role("columnheader", name="homeworld")).to_have_count(1)


def test_on_a_phone_the_keyboard_reaches_nothing_that_is_hidden_and_rows_are_sorted_by_the_form(
    open_page: Open, people: str
) -> None:
    page = open_page(people, width=390)
    page.locator("#apply").focus()
    reached = []
    while "rows" not in reached:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_REACHED))
    assert "heads" not in reached
    page.get_by_label("Sort by").select_option("name")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#row-1 [data-c=name]")).to_have_text("Ackbar")
    expect(page.get_by_role("columnheader", name="name")).to_have_attribute("aria-sort", "ascending")


_REACHED = """() => {
    const part = document.activeElement.closest("thead, #rows");
    return part === null ? "elsewhere" : part.id || "heads";
}"""


def test_a_download_is_the_file_as_it_is_kept(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=False).first.click()
    lines = started.value.path().read_text("utf-8").splitlines()
    assert len(lines) == 83
    assert lines[1].startswith('"Luke Skywalker","172"')


def test_on_a_phone_a_row_s_number_stands_in_one_line(open_page: Open, people: str) -> None:
    page = open_page(people, width=390)
    number, cell = (page.locator(f"#rows {kind}").first.bounding_box() for kind in ("th", "td"))
    assert number
    assert cell
    assert number["height"] < 2 * cell["height"]


def test_on_a_phone_an_open_menu_is_no_wider_than_the_screen(open_page: Open, people: str) -> None:
    page = open_page(people, width=390)
    for menu in ("Columns", "Download"):
        page.locator(".menu summary", has_text=menu).click()
        expect(page.locator(".menu[open] ul")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(".menu summary", has_text=menu).click()


def test_on_a_phone_every_tab_and_a_row_s_link_can_be_pressed_with_a_finger(open_page: Open, people: str) -> None:
    page = open_page(f"{people}sql/", width=390)
    for tab in page.locator(".tabs a").all():
        box = tab.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 390
    link = open_page(people, width=390).locator("#rows th a").first.bounding_box()
    assert link
    assert min(link["width"], link["height"]) >= 24
