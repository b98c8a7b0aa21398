"""What the API is tried on: takes a folder, gives a real site with snapshots, runs, schedules and webhooks in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ladle
from ladle.demo.serve import start_replicas
from ladle.testing import ScriptedApi, answer
from tests.contract.config import Words
from tests.server.cities import Cities
from tests.server.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A site, and names of what is there."""

    site: Site
    known: Words
    """By what the configuration calls them, values that lead somewhere."""

    @property
    def url(self) -> str:
        """Where the site is found, without a slash at its end."""
        return f"http://127.0.0.1:{self.site.port}"


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A site of its own on loopback, whose sources and receivers are there too."""
    with start_replicas() as replicas, Cities() as cities, ScriptedApi({"*": answer(b"")}) as receiver:
        home = ladle.Home.open(folder / "home")
        taken = [ladle.collect("swapi/people", home=home, base_url=replicas.swapi_url).id for _ in range(2)]
        settings = {
            "LADLE_SWAPI_BASE_URL": replicas.swapi_url,
            "LADLE_SWAPI_QUOTA": "none",
            "LADLE_ALLOW_ADDRESSES": "127.0.0.0/8",
            **cities.settings(folder),
        }
        with Site(home.path, log=folder / "log", **settings) as site:
            yield Ground(site=site, known=_known(site, taken, receiver.url))


def _known(site: Site, snapshots: list[str], receiver: str) -> Words:
    """Some of everything; the lists are asked for once, so that the site has found what the command line made."""
    assert site.get("/api/v1/runs").json["count"] == site.get("/api/v1/snapshots").json["count"] == len(snapshots)
    schedule = {"dataset": "swapi/people", "cron": "0 0 29 2 *"}
    hooks = [site.post("/api/v1/webhooks", {"url": f"{receiver}{each}"}).json["id"] for each in range(3)]
    tests = [site.post(f"/api/v1/webhooks/{each}/test", None).json["id"] for each in hooks]
    assert site.post("/collection-request", {"id": 7}).json == {"value": "OK"}
    return {
        "snapshots": snapshots,
        "runs": [*snapshots, site.get("/collection-request").json["results"][0]["run"]],
        "schedules": [site.post("/api/v1/schedules", schedule).json["id"] for _ in range(3)],
        "webhooks": hooks,
        "deliveries": tests,
    }
