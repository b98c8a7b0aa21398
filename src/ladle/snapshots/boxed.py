"""A SELECT in a process of its own: takes it, its tables and limits, gives the file of its result and how long it is.

Here the child (`select`) is watched: for how long it takes, and whether its result is still wanted.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal, cast

import orjson

from ladle.snapshots.window import BEGUN, Window

LOOK_EVERY = 0.02
STARTING = 60.0
"""Seconds that a child may take to load, on a machine that is busy: the SELECT's own time begins behind that."""
CHILD = """
import sys, types
sys.modules["ladle"] = ladle = types.ModuleType("ladle")  # the package by itself: the whole library takes long to load
ladle.__path__ = [sys.argv[1]]
sys.modules["numpy"] = None  # pyarrow would load it where it is there
from ladle.snapshots.select import main
sys.exit(main())
"""
SHOWN = 60
"""Characters of the SELECT that an error shows."""
Why = Literal["refused", "failed", "memory", "time", "large", "rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a SELECT may take."""

    memory: int
    """Bytes; nothing is spilled."""
    seconds: int
    """Of the clock, and of a processor's time."""
    bytes: int
    """Of its result on disk."""
    rows: int | None = None
    """Of its result; None: as many as those bytes hold."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a result: the rows that were seen, and whether those are all that there are."""

    rows: int
    whole: bool


class Stopped(Exception):
    """There is no result: the SELECT was `refused` as it is written, `failed`, or took more than a limit allows."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


def run(
    sql: str,
    *,
    tables: Mapping[str, Path | None],
    into: Path | None,
    limits: Limits,
    window: Window | None = None,
    wanted: Callable[[], None] = lambda: None,
) -> Told:
    """Put the result, an Arrow stream, into the file `into`: all of it, or what lies in the `window`.

    Without a file the SELECT is only read, and tables need none. Raises Stopped; what `wanted` raises ends the child.
    """
    asked = {
        "sql": sql,
        "tables": {name: str(path or "") for name, path in tables.items()},
        "into": str(into or ""),
        "window": asdict(window) if window else None,
        **asdict(limits),
    }
    with subprocess.Popen(
        # -P: no module of the folder that somebody happens to work in.
        [sys.executable, "-P", "-c", CHILD, str(Path(__file__).parents[1])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        process_group=0,  # Ctrl-C is for the driver to hear
    ) as child:
        try:
            _send(child.stdin, orjson.dumps(asked) + b"\n")
            _wait_for_word(child, wanted=wanted)
            ended = _wait(child, seconds=limits.seconds, wanted=wanted)
        finally:
            child.kill()
            _close(child.stdin)
        found, said = (pipe.read() if pipe is not None else b"" for pipe in (child.stdout, child.stderr))
    if not ended or child.returncode != 0:
        raise _stopped(said, code=child.returncode if ended else -signal.SIGXCPU)
    return Told(**orjson.loads(found))


def short(sql: str) -> str:
    """The SELECT as an error shows it: on one line, its beginning.

    >>> short("SELECT name\\n  FROM people")
    'SELECT name FROM people'
    """
    line = " ".join(sql.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 2]} …"


def sentence(message: str) -> str:
    """Words of the engine, with a full stop."""
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code lies: no secret is there to be read. One memory pool, so that limits hold."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ
    }
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**kept, "PYTHONPATH": path, "TZ": "UTC", "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}


def _send(pipe: IO[bytes] | None, line: bytes) -> None:
    if pipe is not None:
        with suppress(OSError):  # it is gone: that shows in its exit code
            pipe.write(line)
            pipe.flush()


def _close(pipe: IO[bytes] | None) -> None:
    """What a child that is gone has not read is still to be sent, and can't be."""
    with suppress(BrokenPipeError):
        if pipe is not None:
            pipe.close()


def _wait_for_word(child: subprocess.Popen[bytes], *, wanted: Callable[[], None]) -> None:
    """Until it says that it begins, or has ended, or takes too long."""
    due = time.monotonic() + STARTING
    while child.stdout is not None and time.monotonic() < due:
        if select.select([child.stdout], [], [], LOOK_EVERY)[0]:
            os.read(child.stdout.fileno(), len(BEGUN))
            return
        wanted()


def _wait(child: subprocess.Popen[bytes], *, seconds: float, wanted: Callable[[], None]) -> bool:
    """Whether it ended by itself in that time. What it says fits into a pipe, so that it never waits to be read."""
    due = time.monotonic() + seconds
    while child.poll() is None:
        wanted()
        if time.monotonic() > due:
            return False
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_EVERY)
    return True


def _stopped(said: bytes, *, code: int) -> Stopped:
    try:
        told = orjson.loads(said)
    except orjson.JSONDecodeError:
        told = {"kind": _kind(code), "message": f"The process that ran it ended with {code}."}
    return Stopped(cast(Why, told["kind"]), told["message"])


def _kind(code: int) -> Why:
    """What an end without words means: a limit of the process, most likely."""
    if code == -signal.SIGXCPU:
        return "time"
    return "memory" if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL, -signal.SIGBUS) else "failed"
