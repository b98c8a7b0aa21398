"""A warm process: takes one line of JSON for each command, forks a `ladle` that runs it, tells its pid and its end.

    {"words": ["collect", "swapi/people"], "env": {...}, "speed": 30, "behind": 0}  →  {"pid": 123}, then {"status": -9}

The child is a process of its own, to be killed like any other, without half a second of imports. `speed` makes its
clock run so many times as fast, and its sleeps as much shorter; `behind` puts its clock back by so many seconds, and
SIGUSR1 by an hour more. The system's clock is what is turned: nothing of Ladle's.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import running

_time, _sleep = time.time, asyncio.sleep
BEGUN = 1_790_000_000.0
"""Where fast clocks begin to run fast, the same for every process: seconds since 1970."""
HOUR = 3600.0
_turned = {"speed": 1.0, "behind": 0.0}


def fast(real: float, *, speed: float, behind: float = 0.0) -> float:
    """What a turned clock says when a right one says `real`."""
    return BEGUN + (real - BEGUN) * speed - behind


def _turned_time() -> float:
    return fast(_time(), **_turned)


async def _shorter_sleep(seconds: float, result: Any = None) -> Any:
    return await _sleep(seconds / _turned["speed"], result)


class Warm:
    """The process, seen from the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, *words: str, env: Mapping[str, str], log: Path, speed: float = 1.0, behind: float = 0.0) -> int:
        """Fork a `ladle`; gives its pid. One at a time."""
        wish = {"words": words, "env": dict(env), "log": str(log), "speed": speed, "behind": behind}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        return int(self._told()["pid"])

    def status(self) -> int:
        """How the one that was started ended: its exit code, or minus the signal."""
        return int(self._told()["status"])

    def run(self, *words: str, env: Mapping[str, str], log: Path, speed: float = 1.0, behind: float = 0.0) -> int:
        """Fork a `ladle` and wait for its end."""
        self.start(*words, env=env, log=log, speed=speed, behind=behind)
        return self.status()

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def warm() -> Iterator[Warm]:
    """For a `with` block."""
    command = [sys.executable, "-m", "tests.crash.warm"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        yield Warm(process)


def main() -> None:
    """The process itself."""
    time.time, asyncio.sleep = _turned_time, _shorter_sleep  # type: ignore[assignment]  # before Ladle takes them
    import ladle.drive  # noqa: F401 - warm is what has imported everything
    from ladle.cli import main as cli

    for line in sys.stdin:
        wish = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _turned.update(speed=wish["speed"], behind=wish["behind"])
            signal.signal(signal.SIGUSR1, lambda *_: _turned.update(behind=_turned["behind"] + HOUR))
            _be_ladle(cli, wish)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


def _be_ladle(cli: Any, wish: Mapping[str, Any]) -> None:
    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(wish["env"])
    try:
        cli(args=wish["words"], prog_name="ladle")
    except SystemExit as end:
        code = end.code
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
