"""Every page, light and dark, wide and narrow: axe finds nothing to complain of, and its title is words."""

from __future__ import annotations

import json

import pytest

from tests.browser.axe import complaints
from tests.browser.conftest import Open
from tests.browser.site import Site

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/sources/swapi/",
    "/sources/openweather/",
    "/sources/new/",
    "/sources/new/?ready=pokeapi",
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
    "{people}sql/?q=SELECT+name+FROM+data+WHERE+false",
    "{diff}",
    "/snapshots/nowhere/",
    "/nowhere/",
]


@pytest.fixture(scope="module")
def named(site: Site, people: str, cities: str) -> dict[str, str]:
    """What stands in the addresses."""
    wish = json.dumps({"dataset": "openweather/cities", "cron": "0 0 29 2 *"}).encode()
    _, text = site.post("/api/v1/schedules", wish, **{"Content-Type": "application/json"})
    snapshot = people.split("/")[2]
    return {
        "people": people,
        "cities": cities,
        "people_run": f"/runs/{snapshot}/",
        "diff": f"/diff/{snapshot}..{snapshot}/",
        "schedule": f"/schedules/{json.loads(text)['id']}/",
    }


@pytest.mark.parametrize("pattern", PAGES)
def test_axe_finds_nothing_wide_and_narrow_light_and_dark(open_page: Open, named: dict[str, str], pattern: str) -> None:
    page = open_page(pattern.format(**named), bypass_csp=True)
    assert page.title().endswith(" · Ladle")
    assert "<" not in page.title()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert complaints(page) == {}, width


def test_axe_finds_nothing_in_the_help_for_keys(open_page: Open, people: str) -> None:
    page = open_page(people, bypass_csp=True)
    page.get_by_role("button", name="Keys").click()
    assert complaints(page) == {}
