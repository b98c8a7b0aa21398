"""Child processes of tests: takes a command, gives the process for a `with` block that no failure leaves behind.

What the system tells of a process (Linux, by /proc) may be asked at any moment: one that is gone has no children and no
command, and a signal to it does nothing.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

GONE = (FileNotFoundError, ProcessLookupError)
"""What a file in /proc answers when its process has ended: before it is opened, and after."""


@contextmanager
def running(command: Sequence[Any], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The process, with text pipes; killed at the end of the block, so that nothing waits for it for ever."""
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def children(pid: int) -> list[int]:
    """Those that its main thread has begun and that it has not taken leave of."""
    return _begun(Path(f"/proc/{pid}/task/{pid}"))


def children_of_all_threads(pid: int) -> list[int]:
    """Those that any of its threads has begun."""
    threads: list[Path] = []
    with suppress(*GONE):
        threads.extend(Path(f"/proc/{pid}/task").iterdir())
    return [each for thread in threads for each in _begun(thread)]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def command_of(pid: int) -> bytes:
    """The words that it was started with, each ended by a null byte; nothing of one that is gone or a zombie."""
    with suppress(*GONE):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def alive(pid: int) -> bool:
    """Whether it is there, and not only waits for somebody to take note of its end."""
    with suppress(*GONE):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal, unless it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _begun(thread: Path) -> list[int]:
    with suppress(*GONE):
        return [int(each) for each in (thread / "children").read_text().split()]
    return []
