"""Keys of one letter: what they do, where they keep still, their help, and how they are turned off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_rows_are_gone_through_and_more_of_them_loaded(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.keyboard.press("j")
    expect(page.locator("#row-1")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("j")
    expect(page.get_by_role("link", name="Load 10 more")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#row-10")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#row-11")).to_be_focused()
    expect(page.locator("#rows > tr")).to_have_count(20)


def test_a_letter_that_is_typed_is_a_letter(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.keyboard.press("/")
    expect(page.get_by_label("Search all texts")).to_be_focused()
    page.keyboard.type("jkm?f/")
    expect(page.get_by_label("Search all texts")).to_have_value("jkm?f/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_help_names_the_keys_of_the_page_and_gives_the_keyboard_back(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.get_by_role("button", name="Keys").focus()
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys on this page")
    expect(help_).to_contain_text("load more rows")
    expect(help_.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    expect(page.get_by_role("button", name="Keys")).to_be_focused()
    page.goto(f"{page.url}sql/")
    page.get_by_role("button", name="Keys").click()
    expect(help_).to_contain_text("a query")
    expect(help_.get_by_text("load more rows")).to_be_hidden()


def test_letters_that_were_turned_off_stay_off(open_page: Open, people: str) -> None:
    page = open_page(people)
    page.keyboard.press("?")
    page.get_by_label("Use one-letter keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#row-1")).not_to_be_focused()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use one-letter keys").check()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("#row-1")).to_be_focused()


def test_paper_has_the_rows_and_nothing_to_press(open_page: Open, people: str) -> None:
    page = open_page(people, color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator("#row-10")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for pressed in ("header.top", "#tabs", ".look-for", "#next", "#download", "#show-keys"):
        expect(page.locator(pressed)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
