"""Schedules of whole sites, on SQLite, PostgreSQL and Celery: who starts what is due, and what was missed before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.cities import Cities
from tests.server.site import Site, until
from tests.servers.stack import STACKS, Stack, started

LOOK = """
import sys
from datetime import datetime
from ladle_server.ready import make_ready
make_ready(None)
from ladle_server.catalog import firing
print("ready", flush=True)
sys.stdin.readline()
print(firing.fire(now=datetime.fromisoformat(sys.argv[1])))
"""
ADD = """
import sys
from ladle_server.ready import make_ready
make_ready(None)
from ladle_server.catalog import schedules
for units in sys.argv[1:]:
    schedules.add("openweather/cities", schedules.Wish(cron="0 0 29 2 *", parameters={"units": units}))
"""
UNITS = ("metric", "imperial", "standard")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Without a stack of the session's on each of its own, else on that one."""
    chosen = metafunc.config.getoption("--stack")
    stacks = [name for name in STACKS if name != "s3"] if chosen == "embedded" else [chosen]
    metafunc.parametrize("servers", stacks, indirect=True, scope="module")


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with started(request.param) as running:
        yield running


@pytest.fixture(scope="module")
def cities() -> Iterator[Cities]:
    with Cities() as api:
        yield api


@pytest.fixture
def settings(servers: Stack, cities: Cities, tmp_path: Path) -> dict[str, str]:
    """Of a site that has schedules and does not run yet: three of them, each with other parameters."""
    home = servers.home(tmp_path / "home")
    found = {"LADLE_HOME": home, **servers.settings(home), **cities.settings(tmp_path)}
    subprocess.run((sys.executable, "-c", ADD, *UNITS), env=Site(home, **found).env, check=True)
    return found


def ask(servers: Stack, home: str, sql: str) -> list[Any]:
    """The site's own database, which nobody else uses at the time."""
    if servers.postgres is not None:
        return servers.postgres.ask(sql, servers.settings(home)["DATABASE_URL"].rpartition("/")[2])
    with sqlite3.connect(Path(home) / "site.sqlite3") as database:
        return database.execute(sql).fetchall()


def test_what_was_missed_while_all_was_down_runs_once_when_the_site_is_back(
    servers: Stack, settings: dict[str, str]
) -> None:
    ask(servers, settings["LADLE_HOME"], "UPDATE catalog_schedule SET next_at = '2026-01-01 00:00:00+00:00'")
    with Site(settings["LADLE_HOME"], **settings) as site:
        told = until(lambda: _all_told(site))
        for each in told:
            run, missed = each["last"]
            assert (missed["outcome"], missed["times"], missed["due_at"]) == ("missed", 1, "2026-01-01T00:00:00Z")
            assert run["outcome"] == "run"
            ended = site.ended(run["run"])
            assert (ended["state"], ended["requested_by"]) == ("complete", "schedule")
            assert ended["parameters"]["units"] == each["parameters"]["units"]
        assert site.get("/api/v1/runs").json["count"] == len(UNITS)


def _all_told(site: Site) -> Any:
    told = site.get("/api/v1/schedules").json["results"]
    return all(len(each["last"]) == 2 for each in told) and told


def test_of_workers_that_look_at_the_same_moment_one_starts_each_run(servers: Stack, settings: dict[str, str]) -> None:
    ((due,),) = ask(servers, settings["LADLE_HOME"], "SELECT max(next_at) FROM catalog_schedule")
    command = (sys.executable, "-c", LOOK, str(due) if "+" in str(due) else f"{due}+00:00")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, env=Site("", **settings).env, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    try:
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 3
        for worker in workers:
            worker.stdin.write("\n")
            worker.stdin.flush()
        started = sorted(int(worker.communicate()[0]) for worker in workers)
    finally:
        for worker in workers:
            worker.kill()
    assert sum(started) == len(UNITS)
    assert ask(servers, settings["LADLE_HOME"], "SELECT outcome FROM catalog_occasion") == [("run",)] * len(UNITS)
    assert len(ask(servers, settings["LADLE_HOME"], "SELECT id FROM catalog_run")) == len(UNITS)
