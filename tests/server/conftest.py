"""Takes a replica of the Star Wars API, gives a home with a real snapshot, and Django's test client on that home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

import ladle
from ladle.demo.serve import Replicas, start_replicas
from tests.servers.stack import Stack


@pytest.fixture(scope="session", autouse=True)
def _standing(stack: Stack) -> None:
    """Sites that are processes find the stack's servers running."""


@pytest.fixture(autouse=True)
def _only_where_it_holds(request: pytest.FixtureRequest, stack: Stack) -> None:
    if stack.valkey is not None and request.node.get_closest_marker("own_worker"):
        pytest.skip("about the worker that the site starts itself")


@pytest.fixture(scope="session")
def replicas() -> Iterator[Replicas]:
    with start_replicas() as running:
        yield running


@pytest.fixture(scope="session")
def people(replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """A snapshot of `swapi/people`, in a home that holds nothing else; to be read only."""
    home = ladle.Home.open(tmp_path_factory.mktemp("home"))
    return ladle.collect("swapi/people", home=home, base_url=replicas.swapi_url)


@pytest.fixture
def read_home(people: ladle.Snapshot, settings: Settings, db: None) -> Path:
    """The site serves the home of `people`."""
    settings.LADLE_HOME = people.folder.parents[3]
    return people.folder.parents[3]


@pytest.fixture
def empty_home(
    tmp_path: Path, replicas: Replicas, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Path:
    """The site serves a home of the test's own, and would collect from the replicas."""
    settings.LADLE_HOME = tmp_path
    monkeypatch.setenv("LADLE_SWAPI_BASE_URL", replicas.swapi_url)
    monkeypatch.delenv("OPENWEATHER_API_KEY", raising=False)
    return tmp_path
