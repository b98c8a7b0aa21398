"""Takes a folder, gives pictures of every page in it, wide and narrow, light and dark, to be looked at.

PYTHONPATH=src:. python -m tests.browser.screenshots FOLDER
"""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

import ladle
from ladle.demo.serve import start_replicas
from tests.browser.flags import FLAGS
from tests.browser.site import Site, serving
from tests.chromium import find

WIDTHS = (1280, 390)
UNKNOWN_CITIES = (1, 2)


@contextmanager
def settings(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with some values for a while."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def fill(home: Path, values: Mapping[str, str], *, fast_url: str) -> None:
    """Runs of every ending and standing: one incomplete for two unknown cities, one failed for a wrong key."""
    lists = home.parent / "cities.csv"
    own = (Path(ladle.__file__).parent / "sources/builtin/cities.csv").read_text("utf-8").splitlines()
    lists.write_text("\n".join([own[0], *(f"{city},,,," for city in UNKNOWN_CITIES), *own[1:40]]) + "\n")
    quick = {**values, "LADLE_OPENWEATHER_BASE_URL": fast_url, "LADLE_OPENWEATHER_QUOTA": "60000 per minute"}
    with settings(values), suppress(ladle.UpstreamError), settings({"OPENWEATHER_API_KEY": "wrong"}):
        ladle.collect("openweather/cities", home=home)
    with settings(quick):
        stand_still(ladle.Home.open(home))
    with settings(quick), warnings.catch_warnings():
        warnings.simplefilter("ignore", ladle.IncompleteWarning)
        ladle.collect("openweather/cities", home=home)
        with settings({"OPENWEATHER_CITIES": str(lists)}):
            ladle.collect("openweather/cities", home=home)
        ladle.collect("swapi/people", home=home)


def stand_still(home: ladle.Home) -> None:
    """Three runs that have spent a small quota: one was cancelled then, one paused, one waits."""
    for number, then in enumerate((ladle.cancel, ladle.pause, None), start=1):
        run = ladle.start(home, "openweather/cities", quota=f"{40 * number} per hour", pace="fast")
        with ThreadPoolExecutor(1) as aside:  # an event loop of Playwright's runs in this thread
            aside.submit(lambda run=run: asyncio.run(ladle.drive(run, seconds=20))).result()
        if then is not None:
            then(run, by="the command line")


def end_those_that_wait(home: Path) -> None:
    """The button starts no run beside one that goes on."""
    for run in ladle.list_runs(ladle.Home.open(home)):
        if not run.progress().is_over:
            ladle.cancel(run)


def addresses(home: Path) -> dict[str, str]:
    """Every page under the name of its pictures."""
    people = ladle.snapshot("swapi/people", home=home).id
    partial, cities = (kept.id for kept in ladle.all_snapshots("openweather/cities", home=home))
    states = {run.state: run.id for run in ladle.list_runs(ladle.Home.open(home))}
    return {
        "sources": "/",
        "source": "/sources/openweather/",
        "dataset": "/datasets/openweather/cities/",
        "runs": "/runs/",
        "run-complete": f"/runs/{people}/",
        "run-incomplete": f"/runs/{partial}/",
        **{f"run-{state}": f"/runs/{states[state]}/" for state in ("failed", "waiting", "paused", "cancelled")},
        "run-cancel": f"/runs/{states['waiting']}/cancel/",
        "snapshots": "/snapshots/",
        "rows": f"/snapshots/{people}/",
        "rows-numbers": f"/snapshots/{cities}/",
        "rows-incomplete": f"/snapshots/{partial}/",
        "rows-view": f"/snapshots/{cities}/?humidity__gte=50&_search=a&_sort=-temperature,name",
        "rows-none": f"/snapshots/{people}/?name=Nobody",
        "rows-wrong": f"/snapshots/{people}/?_filter=date&_op=gte&_value=soon",
        "row-unknown": f"/snapshots/{people}/?_row=200",
        "columns": f"/snapshots/{people}/columns/",
        "columns-numbers": f"/snapshots/{cities}/columns/",
        "row": f"/snapshots/{people}/rows/19/",
        "history": f"/snapshots/{cities}/history/?name=Montevideo",
        "counts": f"/snapshots/{people}/counts/?by=date&by=homeworld",
        "counts-empty": f"/snapshots/{people}/counts/",
        "counts-unknown": f"/snapshots/{people}/counts/?by=gender&by=homewrld",
        "counts-bins": f"/snapshots/{cities}/counts/?by=temperature:2&by=humidity:20",
        "chart": f"/snapshots/{people}/chart/",
        "chart-heat": f"/snapshots/{people}/chart/?kind=heatmap&of=gender&of=eye_color",
        "chart-line": f"/snapshots/{cities}/chart/?kind=line&of=observed_at&value=temperature",
        "map": f"/snapshots/{cities}/map/?colour=temperature",
        "sql": f"/snapshots/{people}/sql/?q=SELECT+gender,+count(*)+AS+n%0AFROM+data%0AGROUP+BY+ALL%0AORDER+BY+n+DESC",
        "sql-empty": f"/snapshots/{people}/sql/",
        "sql-wrong": f"/snapshots/{people}/sql/?q=SELECT+nme%0AFROM+data",
        "not-found": "/snapshots/nowhere/",
    }


def photograph(browser: Browser, site: Site, folder: Path, pages: Mapping[str, str]) -> None:
    """One picture of each page for each width and colour scheme; the download menu is open in one of them."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page = context.new_page()
            for name, path in pages.items():
                page.goto(site.url + path)
                _prepare(page, name)
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()


def _prepare(page: Page, name: str) -> None:
    if name == "rows-incomplete":
        page.locator(".incomplete summary").click()
    if name == "rows-numbers":
        page.locator("#download summary").click()


def main(folder: Path) -> None:
    """All pictures; the site with a run going comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as scratch,
        start_replicas(latency=(0.02, 0.17)) as api,
        start_replicas(openweather_windows=()) as fast,
        sync_playwright() as playwright,
    ):
        home = Path(scratch) / "home"
        values = {
            "LADLE_SWAPI_BASE_URL": api.swapi_url,
            "LADLE_OPENWEATHER_BASE_URL": api.openweather_url,
            "OPENWEATHER_API_KEY": "demo",
        }
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        with serving(Path(scratch) / "empty", LADLE_SWAPI_BASE_URL=api.swapi_url) as empty:
            photograph(browser, empty, folder, {"sources-empty": "/", "runs-empty": "/runs/"})
        fill(home, values, fast_url=fast.openweather_url)
        with serving(home, **values) as site:
            photograph(browser, site, folder, addresses(home))
            end_those_that_wait(home)
            page = browser.new_page()
            page.goto(f"{site.url}/")
            page.get_by_role("button", name="Collect openweather/cities").click()
            page.locator(".log").wait_for()
            photograph(browser, site, folder, {"run-live": page.url.removeprefix(site.url), "sources-live": "/"})
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
