"""A run that ends while another page is open tells itself there, in the header, the title and aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from ladle.testing import ScriptedApi, answer, hang
from tests.browser.axe import complaints
from tests.browser.conftest import Open, Weather

pytestmark = pytest.mark.browser
SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")


@pytest.fixture(autouse=True)
def answers_wait(api: ScriptedApi) -> Iterator[None]:
    """Another test may have let them go already."""
    api.hold()
    yield
    api.release()


def test_its_end_is_told_on_the_page_that_is_open(open_page: Open, api: ScriptedApi, weather: Weather) -> None:
    with weather.instead({104: hang(weather.of(104))}):
        page = open_page("/", bypass_csp=True)
        page.get_by_role("button", name="Collect openweather/cities").click()
        expect(page.locator("#live")).to_contain_text("3 of 4 requests")
        assert complaints(page) == {}
        page.get_by_role("link", name="Snapshots", exact=True).click()
        expect(page.locator("header .live")).to_contain_text("openweather/cities 75%")
        api.release()
        expect(page.get_by_role("status").filter(has_text="openweather/cities complete")).to_have_count(1)
    expect(page).to_have_title("openweather/cities complete · Snapshots · Ladle")
    assert complaints(page) == {}
    page.locator("header").get_by_role("link", name="openweather/cities complete See its rows").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator("header .live")).to_have_count(0)


def test_what_ended_between_two_pages_is_told_on_the_second(
    open_page: Open, api: ScriptedApi, weather: Weather
) -> None:
    refused = answer({"cod": "404", "message": "city not found"}, status=404)
    with weather.instead({103: refused, 104: hang(weather.of(104))}):
        page = open_page("/")
        page.get_by_role("button", name="Collect openweather/cities").click()
        expect(page.locator("#live")).to_contain_text("2 of 4 requests")
        run = page.url.partition("?")[0]
        page.goto(f"{run.partition('/runs/')[0]}/schedules/")
        expect(page.locator("header .live")).to_contain_text("openweather/cities")
        page.goto("about:blank")
        api.release()
        other = open_page(run.removeprefix(run.partition("/runs/")[0]))
        expect(other.locator("#live .tag").first).to_have_text("incomplete")
    page.go_back()
    expect(page.locator("header .live")).to_contain_text("openweather/cities incomplete")
    expect(page).to_have_title(re.compile("^openweather/cities incomplete · "))


def test_the_page_of_the_run_itself_says_it_once(open_page: Open, api: ScriptedApi, weather: Weather) -> None:
    with weather.instead({104: hang(weather.of(104))}):
        page = open_page("/")
        page.get_by_role("button", name="Collect openweather/cities").click()
        expect(page.locator("#live")).to_contain_text("3 of 4 requests")
        page.goto(page.url.partition("?")[0])
        expect(page.locator("header .live")).to_contain_text("openweather/cities 75%")
        api.release()
        expect(page.locator("#ended")).to_have_count(1)
    expect(page.locator("#ended")).to_be_hidden()
    expect(page).to_have_title("complete, openweather/cities · Ladle")
