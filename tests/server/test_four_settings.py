"""The site in each of its four settings: takes two collections, gives the same answers by every door, byte for byte.

The whole of these tests runs in each setting by `make test-stacks`; this is what all of them are seen by every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.demo.records import load_collections
from ladle.testing import ScriptedApi, paged
from tests.apis import collected, good, swapi
from tests.server.cities import IDS, Cities, row
from tests.server.site import Site
from tests.servers.stack import STACKS, Stack, part_of, started

ASKED = "_sort=-name&homeworld__in=Naboo,Tatooine"
SQL = "SELECT homeworld, count(*) AS n FROM data GROUP BY homeworld ORDER BY n DESC, homeworld LIMIT 3"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All four settings where the session has none, else that one."""
    chosen = metafunc.config.getoption("--stack")
    metafunc.parametrize("servers", STACKS if chosen == "embedded" else [chosen], indirect=True, scope="module")


@pytest.fixture(scope="module")
def all_servers() -> Iterator[Stack]:
    """Those of the largest setting, of which the others take a part."""
    with started("s3") as running:
        yield running


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest, all_servers: Stack) -> Stack:
    return part_of(all_servers, request.param)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> list[ladle.Snapshot]:
    """What the two collections are here, in a folder, without any site."""
    home = tmp_path_factory.mktemp("here")
    with upstream() as api:
        ended = [collected(api, home) for _ in range(2)]
    return [ladle.snapshot(each.run, home=home) for each in ended]


def upstream() -> ScriptedApi:
    """The Star Wars API; after the first collection Luke has another mass."""
    luke, *others = load_collections()["people"]
    return swapi(people1=[good("people"), paged([{**luke, "mass": "78"}, *others])])


def test_what_is_collected_is_answered_alike(servers: Stack, snapshots: list[ladle.Snapshot], tmp_path: Path) -> None:
    home = servers.home(tmp_path / "home")
    with upstream() as api, Cities() as cities:
        settings = servers.settings(home) | cities.settings(tmp_path) | {"LADLE_SWAPI_BASE_URL": f"{api.url}api/"}
        with Site(home, **settings) as site:
            there = [_collected(site) for _ in snapshots]
            for id, here in zip(there, snapshots, strict=True):
                _same(site, f"/api/v1/snapshots/{id}", here)
            told = site.get(f"/api/v1/diff/{there[0]}..{there[1]}").json
            assert (told["added"], told["removed"], told["changed"]) == (0, 0, 1)
            assert site.post("/collection-request/", {"id": 1}).json == {"value": "OK"}
            assert site.get("/collection-request/1/progress").json == {"result": 1.0}
            assert site.get("/collection-request/1").json["city_weather_info"] == [row(city) for city in IDS]
            assert site.get("/readyz").json["ready"]


def _collected(site: Site) -> Any:
    """The id of a new snapshot of the people."""
    accepted = site.post("/api/v1/runs", {"dataset": "swapi/people"})
    assert accepted.status == 202
    ended = site.ended(accepted.json["id"])
    assert ended["state"] == "complete", ended
    return ended["snapshot"]


def _same(site: Site, there: str, here: ladle.Snapshot) -> None:
    for kind in ("csv", "parquet"):
        assert site.get(f"{there}/download.{kind}").body == here.path(kind).read_bytes()  # type: ignore[arg-type]
    view = here.view([("_sort", "-name"), ("homeworld__in", "Naboo,Tatooine")])
    rows = site.get(f"{there}/rows?{ASKED}&_limit=1000").json["results"]
    assert [each["name"] for each in rows] == [each["name"] for each in here.rows(view=view, limit=1000)]
    counts = site.get(f"{there}/counts?by=homeworld&by=gender&_limit=5").json["results"]
    assert [each["count"] for each in counts] == [
        each.count for each in here.count("homeworld", "gender", limit=5).rows
    ]
    assert site.post(f"{there}/sql", {"query": SQL}).json["results"] == here.sql(SQL).rows
    page = site.get(there.removeprefix("/api/v1") + "/")
    assert (page.status, b"Luke Skywalker" in page.body) == (200, True)
