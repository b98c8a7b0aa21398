"""Signs of life: takes a folder, gives this process a name there, and says of other names which processes are dead.

    <folder>/<machine>-<random>         a file that its process holds locked, from before it has that name
    <folder>/<machine>-<random>.dead    its process was found dead; the file goes an hour later

The lock is the kernel's: it ends with the process, however that ends, and never before. So a process of the same
machine that can lock the file knows for certain what a lease or a time-out can only suppose: who merely hangs, or was
stopped for a while, is not dead. Of processes of other machines, and of other containers with a folder of their own,
nothing is known here. A file that lacks says nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

DEAD = ".dead"
KEPT = 3600.0
"""Seconds for which it is remembered that a process died: longer than any lease or permit of it holds."""
BOOT = Path("/proc/sys/kernel/random/boot_id")
_mine: dict[tuple[int, Path], tuple[str, IO[bytes]]] = {}
"""This process's names and open files, by its id: a child that was forked has none."""
_naming = threading.Lock()


def sign_of_life(folder: Path) -> str:
    """This process's name in the folder, the same at each call. Raises OSError where nothing can be written there."""
    folder = folder.resolve()
    with _naming:
        found = _mine.get((os.getpid(), folder))
        if found is None:
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder)
            found = _mine[os.getpid(), folder] = _signed(folder)
        return found[0]


def dead_among(folder: Path, names: Iterable[str]) -> set[str]:
    """Those of the names whose processes have certainly ended."""
    others = set(names) - _own()
    return {name for name in others if name.startswith(f"{_machine()}-") and _is_dead(folder / name)}


def _own() -> set[str]:
    """Names of this process: to open one of its files and close it again would let go of the lock."""
    return {name for (pid, _), (name, _) in list(_mine.items()) if pid == os.getpid()}


def _signed(folder: Path) -> tuple[str, IO[bytes]]:
    name = f"{_machine()}-{secrets.token_hex(4)}"
    draft = folder / f".{name}"
    file = draft.open("wb")
    # Not flock: a child that was forked would hold that on, also when this process is dead.
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    draft.rename(folder / name)
    return name, file


def _is_dead(path: Path) -> bool:
    return path.with_name(path.name + DEAD).exists() or _is_free(path)


def _is_free(path: Path) -> bool:
    """Whether nobody holds the file; for those of others."""
    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(folder: Path) -> None:
    """Note who is dead, and forget who has been so for long."""
    for path in folder.glob(f"{_machine()}-*"):
        if path.name in _own():
            continue
        with suppress(OSError):
            if path.name.endswith(DEAD):
                if time.time() - path.stat().st_mtime > KEPT:
                    path.unlink()
            elif _is_free(path):
                os.utime(path)
                path.rename(path.with_name(path.name + DEAD))


@cache
def _machine() -> str:
    """This machine since it was started: locks of others are not to be judged by."""
    with suppress(OSError):
        return hashlib.sha256(BOOT.read_bytes()).hexdigest()[:8]
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
