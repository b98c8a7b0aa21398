"""A SELECT over tables on disk: takes its text and their Parquet files, gives the file that holds its result.

It is run by a child (`select`); here it is watched: for how long it takes, and whether it is still wanted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import orjson

from ladle.errors import BadInput, LadleError, UpstreamError
from ladle.snapshots.bounds import BOUNDS, Bounds

LOOK_EVERY = 0.02
CHECK_SECONDS = 20
"""To read a SELECT without running it."""
SHOWN = 60
"""Characters of the SELECT that an error shows."""
_REMEDY = 'Change "sql" in the source\'s definition.'
_LESS = 'Select less: name the columns, filter before joining, or group, in "sql" of the source\'s definition.'


def select(
    sql: str,
    *,
    tables: Mapping[str, Path],
    into: Path,
    of: str,
    bounds: Bounds = BOUNDS,
    wanted: Callable[[], None] = lambda: None,
) -> None:
    """Put the result, an Arrow stream, into the file `into`; `of` names the dataset in errors.

    The same tables give the same result: one thread runs it, and what changes by itself (`random()`) is refused.

    Raises BadInput for a SELECT that is none, or that names what is not there, UpstreamError where it can't be run on
    these tables or takes more than `bounds` allow; what `wanted` raises ends it.
    """
    asked = {"sql": sql, "tables": {name: str(path) for name, path in tables.items()}, "into": str(into)}
    _ask(asked, of=of, bounds=bounds, wanted=wanted)


def check_select(sql: str, *, tables: Collection[str], of: str) -> None:
    """Raises BadInput for what is no SELECT over those tables, as far as that is known without them.

    UpstreamError where that takes too long to be found out. What was looked at lately is not looked at again: a
    definition is checked while it is typed.
    """
    error = _looked_at(sql, tuple(sorted(tables)), of)
    if error is not None:
        raise error


@lru_cache(maxsize=256)
def _looked_at(sql: str, tables: tuple[str, ...], of: str) -> BadInput | UpstreamError | None:
    asked = {"sql": sql, "tables": dict.fromkeys(tables, ""), "into": ""}
    try:
        _ask(asked, of=of, bounds=replace(BOUNDS, select_seconds=CHECK_SECONDS), wanted=lambda: None)
    except (BadInput, UpstreamError) as error:
        return error.with_traceback(None)
    return None


def _ask(asked: Mapping[str, Any], *, of: str, bounds: Bounds, wanted: Callable[[], None]) -> None:
    limits = {"memory": bounds.select_memory, "seconds": bounds.select_seconds, "bytes": bounds.select_bytes}
    with subprocess.Popen(
        # -P: no module of the folder that somebody happens to work in.
        [sys.executable, "-P", "-m", "ladle.snapshots.select"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
        process_group=0,  # Ctrl-C is for the driver to hear
    ) as child:
        try:
            _send(child.stdin, orjson.dumps({**asked, **limits}) + b"\n")
            ended = _wait(child, seconds=bounds.select_seconds, wanted=wanted)
        finally:
            child.kill()
        said = child.stderr.read() if child.stderr is not None else b""
    if not ended or child.returncode != 0:
        raise _error(said, code=child.returncode if ended else -signal.SIGXCPU, sql=asked["sql"], of=of, bounds=bounds)


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


def _error(said: bytes, *, code: int, sql: str, of: str, bounds: Bounds) -> LadleError:
    """What went wrong, in words that name the SELECT."""
    try:
        told = orjson.loads(said)
    except orjson.JSONDecodeError:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        told = {"kind": _kind(code), "message": last or f"The process that ran it ended with {code}."}
    kind, message = told["kind"], told["message"]
    name = f'The SELECT of {of}, "{_short(sql)}"'
    if kind == "refused":
        return BadInput(f"{name}, can't be run. {_sentence(message)}", hint=_REMEDY)
    if kind == "memory":
        return UpstreamError(f"{name}, needs more than {bounds.select_memory >> 20:,} MB of memory.", hint=_LESS)
    if kind == "time":
        return UpstreamError(f"{name}, takes more than {bounds.select_seconds:,} seconds.", hint=_LESS)
    if kind == "large":
        return UpstreamError(f"{name}, gives more than {bounds.select_bytes >> 20:,} MB.", hint=_LESS)
    return UpstreamError(f"{name}, failed. {_sentence(message)}", hint=_REMEDY)


def _kind(code: int) -> str:
    """What an end without words means: a limit of the process, most likely."""
    if code == -signal.SIGXCPU:
        return "time"
    return "memory" if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL, -signal.SIGBUS) else "failed"


def _short(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 2]} …"


def _sentence(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."
