"""Where DuckDB puts what memory can't hold: gives a folder of this process alone, and removes those of dead ones."""

from __future__ import annotations

import atexit
import fcntl
import os
import re
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_OURS = re.compile(r"ladle-([0-9]+)")


@lru_cache(maxsize=1)
def folder() -> Path:
    """`ladle-<process>` among the temporary files, which is gone when the process ends.

    One for each process: DuckDB numbers its files from 0 in every one. What a killed process left is removed now.
    """
    root = Path(tempfile.gettempdir())
    sweep(root)
    own = root / f"ladle-{os.getpid()}"
    with suppress(OSError):  # where nothing can be written, DuckDB says so itself once it must
        own.mkdir(mode=0o700, exist_ok=True)
        _hold(own)
        atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def sweep(root: Path) -> None:
    """Remove the folders of processes that are gone."""
    for path in root.glob("ladle-*"):
        found = _OURS.fullmatch(path.name)
        if found is None or _is_alive(int(found[1])):
            continue
        with suppress(OSError):
            held = _hold(path)  # a process that is out of sight, in a container beside this one, holds its own
            shutil.rmtree(path, ignore_errors=True)
            os.close(held)


def _hold(path: Path) -> int:
    """Lock a folder until the end of the process; raises OSError where another one has it."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _is_alive(process: int) -> bool:
    """Whether there is such a process, anybody's."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return process == os.getpid()
    except OSError:
        return True
    return True
