"""Takes a replica of the Star Wars API, gives a home with a real snapshot, and Django's test client on that home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from django.conf import settings as settings_of_site
from django.test import override_settings
from pytest_django import Settings

import ladle
from ladle.demo.serve import Replicas, start_replicas
from ladle.testing import ScriptedApi, answer
from ladle_server.access.counting import counting_in
from tests.servers.stack import Stack, home_of, home_with, standing

ELSEWHERE = {
    "own_worker": ("about the worker that the site starts itself", ("celery", "s3")),
    "own_folder": ("about the files of a home that is a folder", ("s3",)),
}
"""Why tests with these marks mean nothing on a stack where Celery has the workers, or S3 the files."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what means nothing on the stack, before anything is made for it."""
    for mark, (why, stacks) in ELSEWHERE.items():
        if item.get_closest_marker(mark) and item.config.getoption("--stack") in stacks:
            pytest.skip(why)


@pytest.fixture(scope="session", autouse=True)
def _standing(stack: Stack) -> Iterator[None]:
    """Sites that are processes find the stack's servers running, and the site in this process its home."""
    with standing(stack):
        yield


@pytest.fixture(autouse=True)
def _own_quotas(request: pytest.FixtureRequest, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where quotas are in one Valkey, each test has its own."""
    if stack.valkey is not None:
        monkeypatch.setenv("LADLE_QUOTA_PREFIX", f"ladle-{crc32(request.node.nodeid.encode()):x}")


@pytest.fixture(autouse=True)
def _nobody_has_asked(request: pytest.FixtureRequest) -> Iterator[None]:
    """What other tests have sent is not held against the users of this one, who have the same numbers."""
    counting_in.cache_clear()
    shared = settings_of_site.LADLE_QUOTA
    own = shared and (shared[0], f"ladle-{crc32(request.node.nodeid.encode()):x}")
    with override_settings(LADLE_QUOTA=own):
        yield


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


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedApi]:
    """Somebody's own server, which answers 200; its address is allowed."""
    monkeypatch.setenv("LADLE_ALLOW_ADDRESSES", "127.0.0.1")
    with ScriptedApi({"/hook": answer(b"thanks"), "/other": answer(b"thanks")}) as api:
        yield api
