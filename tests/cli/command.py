"""Takes a command's words and settings, gives its end, in this process or in one of its own, or that one running."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager

from click.testing import CliRunner

from ladle.cli import main
from tests.processes import running

Done = subprocess.CompletedProcess[str]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This environment with these settings and without any other of Ladle's."""
    own = {name: value for name, value in os.environ.items() if name not in _foreign()}
    return {**own, "COLUMNS": "80", **settings}


def ladle(*words: str, **settings: str) -> Done:
    """`ladle` with these words, run to its end in this process, which saves the second that a new one takes to start.

    What it did not foresee is raised, where a process would say it with a traceback.
    """
    env = {**dict.fromkeys(_foreign()), "COLUMNS": "80", **settings}
    end = CliRunner(env=env).invoke(main, words, prog_name="ladle", catch_exceptions=False)
    return Done(words, end.exit_code, end.stdout, end.stderr)


def process(*words: str, **settings: str) -> Done:
    """The same as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ladle", *words],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def started(*words: str, **settings: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """The process, while it runs."""
    return running(
        [sys.executable, "-m", "ladle", *words],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _foreign() -> list[str]:
    """Settings of whoever runs the tests, but for the home, which is the tests' own."""
    return [name for name in os.environ if name.startswith(("LADLE_", "OPENWEATHER_")) and name != "LADLE_HOME"]
