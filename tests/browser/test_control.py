"""The buttons of a run: takes one of which a request hangs, presses pause, resume, cancel, with script and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ladle.testing import Request, ScriptedApi, hang
from tests.browser.conftest import Open, Weather
from tests.browser.site import Site, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hung(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that asks an API of which one city never answers."""
    weather = Weather()

    def script(request: Request) -> object:
        return hang() if request.query["id"] == "104" else weather(request)

    with ScriptedApi({"/weather": script}) as api:
        where = {**settings, "LADLE_OPENWEATHER_BASE_URL": api.url}
        with serving(tmp_path_factory.mktemp("hung") / "home", **where) as site:
            yield site


def collecting(open_page: Open, hung: Site, *, script: bool) -> Page:
    page = open_page("/", on=hung.url, java_script_enabled=script)
    page.get_by_role("button", name="Collect openweather/cities").click()
    expect(page.locator("#live")).to_contain_text("3 of 4 requests")
    return page


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_run_is_paused_resumed_and_cancelled_by_its_buttons(open_page: Open, hung: Site, script: bool) -> None:
    page = collecting(open_page, hung, script=script)
    state = page.locator("#live .tag").first
    page.get_by_role("button", name="Pause").click()
    expect(state).to_have_text("paused")
    expect(page.locator("#live")).to_contain_text(
        "Paused by hand on the site. Nothing is asked for until it is resumed."
    )
    expect(page.locator("header .live")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("link", name="Cancel", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel this run of openweather/cities?")
    page.get_by_role("link", name="Leave it").click()
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel the run").click()
    expect(state).to_have_text("cancelled")
    expect(page.get_by_role("link", name="Cancel", exact=True)).to_have_count(0)
    expect(page.locator("#live")).to_contain_text("It can't be resumed.")


def test_the_list_of_runs_has_the_buttons_too(open_page: Open, hung: Site) -> None:
    collecting(open_page, hung, script=True)
    page = open_page("/runs/", on=hung.url)
    page.get_by_role("button", name="Pause openweather/cities").click()
    page.wait_for_url("**/runs/")
    resume = page.get_by_role("button", name="Resume openweather/cities").first

    def paused() -> bool:
        page.reload()
        return resume.is_visible()

    assert any(paused() for _ in range(20))
    page.get_by_role("link", name="Cancel openweather/cities").first.click()
    page.get_by_role("button", name="Cancel the run").click()
    page.wait_for_url("**/runs/")
    expect(page.locator("#rows > tr").first).to_contain_text("cancelled")
