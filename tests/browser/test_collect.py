"""Collecting with the mouse: from the button to the table, and what a run's page says on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

import ladle
from ladle.testing import ScriptedApi, answer, hang, later
from tests.browser.conftest import CITIES, Open, Weather
from tests.browser.site import Site, serving

pytestmark = pytest.mark.browser
SNAPSHOT = re.compile(r"/snapshots/[0-9a-f-]+/$")
RUN = re.compile(r"/runs/[0-9a-f-]+/$")


@pytest.fixture(autouse=True)
def no_run_is_left(site: Site) -> Iterator[None]:
    """A run that one test left going would be what another test's button leads to."""
    yield
    assert [run.id for run in ladle.list_runs(ladle.Home.open(site.home)) if not run.progress().is_over] == []


def test_one_press_of_the_button_ends_at_the_table(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Collect swapi/people").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("swapi/people")
    expect(page.locator("#rows > tr")).to_have_count(10)
    expect(page.locator("#rows > tr").first).to_contain_text("Luke Skywalker")
    expect(page.get_by_role("status").filter(has_text="Showing")).to_contain_text("Showing 1 to 10 of 82")


def test_the_back_button_shows_the_run_and_does_not_send_on_again(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("button", name="Collect swapi/people").click()
    page.wait_for_url(SNAPSHOT)
    page.go_back()
    page.wait_for_url(RUN)
    expect(page.locator("#live")).to_contain_text(re.compile(r"15 requests(, 15 unchanged)?, 82 rows"))
    expect(page.locator("table.log tr td.id")).to_have_count(15)
    page.get_by_role("link", name="See the 82 rows").click()
    page.wait_for_url(SNAPSHOT)


def test_a_run_shows_how_far_it_is_and_every_page_tells_of_it(
    open_page: Open, api: ScriptedApi, weather: Weather
) -> None:
    api.fail("/weather", later(status=503, after=0, body="busy"))
    with weather.instead({104: hang(weather.of(104))}):
        page = open_page("/")
        page.get_by_role("button", name="Collect openweather/cities").click()
        live = page.locator("#live")
        expect(live).to_contain_text("3 of 4 requests, 3 of 4 rows")
        expect(live).to_contain_text("75%")
        expect(live).to_contain_text("of 6,000")
        page.get_by_role("link", name="failed", exact=True).click()
        expect(page.locator("table.log td.id")).to_have_count(1)
        expect(page.locator("table.log")).to_contain_text("503")
        other = open_page("/")
        expect(other.locator("header .live")).to_contain_text("openweather/cities 75%")
        other.get_by_role("link", name="Watch openweather/cities").click()
        expect(other.locator("#live")).to_contain_text("75%")
        assert other.url.partition("?")[0] == page.url.partition("?")[0]
        api.release()
        other.wait_for_url(SNAPSHOT)
    expect(page.locator("#live")).to_contain_text("100%")
    expect(page.locator("header .live")).to_contain_text("openweather/cities complete")


def test_a_wrong_key_is_told_with_its_variable_and_what_to_do(open_page: Open, weather: Weather) -> None:
    refused = answer({"cod": 401, "message": "Invalid API key."}, status=401)
    with weather.instead(dict.fromkeys(CITIES, refused)):
        page = open_page("/")
        page.get_by_role("button", name="Collect openweather/cities").click()
        failure = page.locator(".note.bad", has_text="Why it failed")
        expect(failure).to_contain_text("OPENWEATHER_API_KEY")
    expect(page.locator("#live .tag").first).to_have_text("failed")
    failure.get_by_role("button", name="Collect again").click()
    page.wait_for_url(SNAPSHOT)
    expect(page.locator("#rows > tr")).to_have_count(4)


def test_an_incomplete_snapshot_says_what_is_missing(open_page: Open, weather: Weather) -> None:
    with weather.instead({103: answer({"cod": "404", "message": "city not found"}, status=404)}):
        page = open_page("/")
        page.get_by_role("button", name="Collect openweather/cities").click()
        page.wait_for_url(SNAPSHOT)
    note = page.locator(".note.incomplete")
    expect(note).to_contain_text("This snapshot is incomplete")
    note.get_by_text("1 request never got a usable answer").click()
    expect(note.locator("table")).to_contain_text("weather?id=103")
    expect(page.locator("#rows > tr")).to_have_count(3)


def test_a_missing_key_is_named_and_its_button_is_off(
    open_page: Open, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    without = {name: value for name, value in settings.items() if name != "OPENWEATHER_API_KEY"}
    with serving(tmp_path_factory.mktemp("keyless") / "home", **without) as keyless:
        page = open_page("/", on=keyless.url)
        expect(page.get_by_text("set OPENWEATHER_API_KEY")).to_be_visible()
        expect(page.get_by_role("button", name="Collect openweather/cities")).to_be_disabled()
        expect(page.get_by_role("button", name="Collect swapi/people")).to_be_enabled()
        expect(page.get_by_text("Nothing has been collected yet.")).to_be_visible()
        page.goto(f"{keyless.url}/runs/")
        expect(page.get_by_text("Nothing has run yet.")).to_be_visible()
