"""Every page, light and dark, wide and narrow: axe finds nothing to complain of."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/sources/swapi/",
    "/sources/openweather/",
    "/datasets/swapi/people/",
    "/runs/",
    "/schedules/",
    "{schedule}",
    "{schedule}remove/",
    "{people_run}",
    "/snapshots/",
    "{people}",
    "{cities}",
    "{people}?_row=200",
    "{people}?gender=male&mass__notnull=1&_search=e&_sort=-mass,name&_col=name&_col=mass",
    "{people}?name=Nobody",
    "{people}?_filter=date&_op=gte&_value=soon",
    "{people}columns/",
    "{cities}columns/",
    "{people}rows/4/",
    "{people}history/",
    "{people}history/?name=Luke+Skywalker",
    "{people}counts/",
    "{people}counts/?by=date&by=homeworld",
    "{people}counts/?by=homewrld",
    "{people}chart/",
    "{people}chart/?kind=heatmap&of=gender&of=homeworld",
    "{people}chart/?kind=histogram&of=height&_number=height&gender=male",
    "{people}chart/?kind=pie",
    "{cities}chart/?kind=line",
    "{cities}map/",
    "{people}sql/",
    "{people}sql/?q=SELECT+name,mass+FROM+data",
    "{people}sql/?q=SELECT+nme+FROM+data",
    "/snapshots/nowhere/",
    "/nowhere/",
]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_light_and_in_dark(open_page: Open, people: str, cities: str, width: int) -> None:
    page = open_page("/", width=width, bypass_csp=True)
    origin = page.url.rstrip("/")
    wish = {"dataset": "openweather/cities", "cron": "0 0 29 2 *"}
    made = page.request.post(f"{origin}/api/v1/schedules", data=wish)
    schedule = f"/schedules/{made.json()['id']}/"
    found = {}
    for pattern in PAGES:
        path = pattern.format(
            people=people, cities=cities, people_run=people.replace("/snapshots/", "/runs/"), schedule=schedule
        )
        page.goto(origin + path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page)
            if results.violations_count:
                found[f"{path} {scheme}"] = results.generate_report()
    assert found == {}
