"""Takes Chromium and a home, gives a site with both sources, a snapshot of each, and pages to drive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

import ladle
from ladle.demo.serve import Replicas, start_replicas
from ladle.testing import Answer, Request, ScriptedApi
from tests.browser.flags import FLAGS
from tests.browser.site import Site, serving

CITIES = (101, 102, 103, 104)
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch in Wales"


class Weather:
    """OpenWeatherMap's answers for four made-up cities: one has no country, one an empty name, one a long one."""

    def __init__(self) -> None:
        self._instead: dict[int, Answer] = {}

    def __call__(self, request: Request) -> object:
        number = int(request.query["id"])
        return self._instead.get(number, self.of(number))

    @contextmanager
    def instead(self, answers: Mapping[int, Answer]) -> Iterator[None]:
        """Give some cities other answers for a while."""
        self._instead = dict(answers)
        yield
        self._instead = {}

    def of(self, number: int) -> dict[str, Any]:
        """A city's weather."""
        name = {101: "Quito", 102: "", 103: LONG, 104: "Lima"}[number]
        return {
            "id": number,
            "name": name,
            "sys": {} if number == 101 else {"country": "PE"},
            "coord": {"lat": number / 10, "lon": -number / 4},
            "main": {"temp": number / 7, "humidity": 40 + number % 10},
            "dt": 1_795_300_000 + number,
        }


@pytest.fixture(scope="session")
def replicas() -> Iterator[Replicas]:
    """The Star Wars API on this machine."""
    with start_replicas() as running:
        yield running


@pytest.fixture(scope="session")
def weather() -> Weather:
    """What the scripted OpenWeatherMap answers."""
    return Weather()


@pytest.fixture(scope="session")
def api(weather: Weather) -> Iterator[ScriptedApi]:
    """A scripted OpenWeatherMap."""
    with ScriptedApi({"/weather": weather}) as running:
        yield running


@pytest.fixture(scope="session")
def settings(replicas: Replicas, api: ScriptedApi, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a site that asks these two."""
    cities = tmp_path_factory.mktemp("lists") / "cities.csv"
    cities.write_text("city_id\n" + "".join(f"{city}\n" for city in CITIES))
    return {
        "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
        "LADLE_OPENWEATHER_BASE_URL": api.url,
        "LADLE_OPENWEATHER_QUOTA": "6000 per minute, 1000000 per month",
        "LADLE_OPENWEATHER_PACE": "fast",
        "OPENWEATHER_CITIES": str(cities),
        "OPENWEATHER_API_KEY": "k3y",
        "LADLE_ALLOW_ADDRESSES": "127.0.0.2",  # where nobody listens to webhooks
    }


@pytest.fixture(scope="session")
def site(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in whose home the people and the cities were collected once, by a script."""
    home = tmp_path_factory.mktemp("site") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        ladle.collect("swapi/people", home=home)
        ladle.collect("openweather/cities", home=home)
    with serving(home, **settings) as running:
        yield running


@pytest.fixture(scope="session")
def people(site: Site) -> str:
    """Address of the first snapshot of the people, which has the id of its run."""
    return f"/snapshots/{ladle.all_snapshots('swapi/people', home=site.home)[-1].id}/"


@pytest.fixture(scope="session")
def cities(site: Site) -> str:
    """Address of the first snapshot of the cities."""
    return f"/snapshots/{ladle.all_snapshots('openweather/cities', home=site.home)[-1].id}/"


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Chromium, without a window. For one module: while it runs, Playwright's event loop is in the way of others."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Open]:
    """Opens addresses of the site; what the browser complains of (its Content-Security-Policy too) fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # A page with status 400 or 404 is told as a failed load; the tests look at those statuses themselves.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_(path: str, *, on: str = site.url, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(float(os.environ.get("LADLE_TEST_PATIENCE", "20")) * 1000)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(on + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
