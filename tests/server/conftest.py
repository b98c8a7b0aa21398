"""Takes a replica of the Star Wars API, gives a home with a real snapshot, and Django's test client on that home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from pytest_django import Settings

import ladle
from ladle.demo.serve import Replicas, start_replicas
from ladle_server.access.counting import counting_in
from tests.servers.stack import Stack, home_of, home_with

ELSEWHERE = {
    "own_worker": "about the worker that the site starts itself",
    "own_folder": "about the files of a home that is a folder",
}
"""Why tests with these marks mean nothing on a stack where Celery has the workers, or S3 the files."""


@pytest.fixture(scope="session", autouse=True)
def _standing(stack: Stack) -> Iterator[None]:
    """Sites that are processes find the stack's servers running, and the site in this process its home."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.of_tests().items():
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def _only_where_it_holds(request: pytest.FixtureRequest, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skips what means nothing here; and where quotas are in one Valkey, each test has its own."""
    for mark, lacking in (("own_worker", stack.valkey), ("own_folder", stack.s3)):
        if lacking is not None and request.node.get_closest_marker(mark):
            pytest.skip(ELSEWHERE[mark])
    if stack.valkey is not None:
        monkeypatch.setenv("LADLE_QUOTA_PREFIX", f"ladle-{crc32(request.node.nodeid.encode()):x}")


@pytest.fixture(autouse=True)
def _nobody_has_asked(request: pytest.FixtureRequest, settings: Settings) -> None:
    """What other tests have sent is not held against the users of this one, who have the same numbers."""
    counting_in.cache_clear()
    if settings.LADLE_QUOTA is not None:
        settings.LADLE_QUOTA = (settings.LADLE_QUOTA[0], f"ladle-{crc32(request.node.nodeid.encode()):x}")


@pytest.fixture(scope="session")
def replicas() -> Iterator[Replicas]:
    with start_replicas() as running:
        yield running


@pytest.fixture(scope="session")
def people(replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """A snapshot of `swapi/people`, in a home that holds nothing else; to be read only."""
    home = ladle.Home.open(home_of(tmp_path_factory.mktemp("home")))
    return ladle.collect("swapi/people", home=home, base_url=replicas.swapi_url)


@pytest.fixture
def read_home(people: ladle.Snapshot, settings: Settings, db: None) -> str:
    """The site serves the home of `people`."""
    settings.LADLE_HOME = home_with(people.folder)
    return home_with(people.folder)


@pytest.fixture
def empty_home(
    tmp_path: Path, replicas: Replicas, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> str:
    """The site serves a home of the test's own, and would collect from the replicas."""
    settings.LADLE_HOME = home_of(tmp_path)
    monkeypatch.setenv("LADLE_SWAPI_BASE_URL", replicas.swapi_url)
    monkeypatch.delenv("OPENWEATHER_API_KEY", raising=False)
    return home_of(tmp_path)
