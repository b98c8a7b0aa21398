"""Takes a command's words and settings, gives the real process that runs them, or its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager

from tests.processes import running

Done = subprocess.CompletedProcess[str]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This environment with these settings and without any other of Ladle's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("LADLE_", "OPENWEATHER_"))}
    return {**own, "COLUMNS": "80", **settings}


def ladle(*words: str, **settings: str) -> Done:
    """`ladle` with these words, run to its end."""
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
    """`ladle` with these words, while it runs."""
    return running(
        [sys.executable, "-m", "ladle", *words],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
