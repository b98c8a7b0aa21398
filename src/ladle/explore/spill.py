"""Where questions go that need more than memory: takes nothing, gives a folder of this process's own, gone with it.

A process that is killed leaves its folder behind; the next one that makes one removes it. Who lives holds a lock on
a file in it, so that no number of a process need be trusted.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "ladle-spill-"
_LOCK = "lock"
_YOUNG = 60.0
"""Seconds in which a folder may not be locked yet."""


def spill_folder() -> Path | None:
    """A new folder that nobody else reads, for one database; None where there is no place for it."""
    try:
        remove_left(Path(tempfile.gettempdir()), now=time.time())
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)  # held until the process ends, however it does
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:
        return None
    atexit.register(_remove_own, made, os.getpid())
    return made


def remove_left(root: Path, *, now: float) -> None:
    """Remove the folders under `root` whose processes are gone; `now` is in seconds since 1970."""
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, or removed by another process meanwhile
            if now - folder.lstat().st_mtime > _YOUNG and not folder.is_symlink() and _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether nobody holds its lock; raises OSError where it is not ours to say."""
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _remove_own(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # a child that was forked ends before its parent
        shutil.rmtree(folder, ignore_errors=True)
