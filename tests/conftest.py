"""What every test may use: a home of nobody's, Chromium's path; and at the end a list of what was skipped and why."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.chromium import find
from tests.valkey import Valkey


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Properties run what plain tests run, a thousand times: counting their lines takes up to four times as long."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the settings, keys and home of whoever runs the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("LADLE_", "OPENWEATHER_"))]:
            patch.delenv(name)
        patch.setenv("LADLE_HOME", str(home))
        patch.setattr(settings, "LADLE_HOME", home)
        yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of the machine's Chromium. Without one a test is skipped; on CI, where it must be there, it fails."""
    found = find()
    if found is not None:
        return found
    remedy = "no Chromium on this machine (Debian: apt-get install --no-install-recommends chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(remedy, pytrace=False)
    pytest.skip(remedy)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Redis that all tests of a session share: each takes a prefix of its own. Who stops it starts one of its own."""
    with Valkey(tmp_path_factory.mktemp("valkey")) as server:
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
