"""What a process costs: takes a command, gives wall time, CPU and memory, children included, and what it told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOK_EVERY = 0.2
"""Seconds between two looks at the memory of a process and its children."""
MB, KB = 1024 * 1024, 1024

Look = Callable[[float, float], None]
"""Told of the seconds since the start, and of the MB that the process and its children hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one process, from its start to its end."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of user and system together, ended children included."""
    memory: float
    """MB at most: what it held together with its children when looked at, pages that they share counted once (PSS), or
    the peak of one of them as the kernel says (VmHWM)."""
    largest: float
    """MB: the highest peak of one process among them, as the kernel says (VmHWM)."""
    told: dict[str, Any]
    """The JSON of the last line it printed."""


def measure(
    command: Sequence[str], *, output: Path, limit: float, look: Look | None = None, every: float = LOOK_EVERY
) -> Cost:
    """Run the command to its end; raises RuntimeError when it fails or takes longer than `limit` seconds.

    What it says goes to the file `output`, what it complains about beside it. `look` is called, from a thread of its
    own, every so many seconds.
    """
    with output.open("wb") as said, output.with_suffix(".errors").open("wb") as complaints:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=complaints)
        watch = Watch(process.pid, limit=limit, look=look, every=every)
        # Not Popen.wait, which keeps what the process took to itself.
        _, status, use = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    watch.end()
    if process.returncode:
        raise RuntimeError(_failure(command, process.returncode, output, limit if watch.ended_it else None))
    told = json.loads(output.read_text("utf-8").strip().rpartition("\n")[2])
    largest = max(watch.largest / MB, told["peak_mb"])
    cpu = use.ru_utime + use.ru_stime
    return Cost(wall=wall, cpu=cpu, memory=max(watch.peak / MB, largest), largest=largest, told=told)


class Watch:
    """Looks at a process and its children now and then; ends them when they take too long.

    In bytes: `peak` is what they held together at most (PSS), `largest` the highest peak of one (VmHWM), `added` the
    peaks of all that ran at one time, one on the other.
    """

    def __init__(self, pid: int, *, limit: float, look: Look | None = None, every: float = LOOK_EVERY) -> None:
        self.peak, self.largest, self.added, self.ended_it = 0, 0, 0, False
        self._begun, self._over = time.monotonic(), threading.Event()
        self._limit, self._listener, self._every = limit, look, every
        self._thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look(self, pid: int) -> None:
        told = self._begun
        while not self._over.wait(LOOK_EVERY):
            those, now = family(pid), time.monotonic()
            together = sum(held(each, "smaps_rollup", "Pss:") for each in those)
            highest = [held(each, "status", "VmHWM:") for each in those]
            self.peak = max(self.peak, together)
            self.largest = max([self.largest, *highest])
            self.added = max(self.added, sum(highest))
            if self._listener and now - told >= self._every:
                told = now
                self._listener(now - self._begun, together / MB)
            if now - self._begun > self._limit:
                self._end(those)

    def _end(self, those: Sequence[int]) -> None:
        self.ended_it = True
        for each in those:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """The process, those that it started, and those that they started. It alone where the system has no /proc."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # `pid (name) state parent …`: a name may hold anything, even a bracket.
            parent = int(path.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for each in found:  # which grows meanwhile
        found += children.get(each, ())
    return found


def held(pid: int, file: str, name: str) -> int:
    """Bytes that the kernel tells of a process under that name; nothing when it is over."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text("utf-8", "replace").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * KB
    return 0


def busy(pid: int) -> float:
    """Seconds of CPU that the process and its children have taken, those included that have ended."""
    ticks = 0
    for each in family(pid):
        with suppress(OSError):
            numbers = Path(f"/proc/{each}/stat").read_bytes().rpartition(b")")[2].split()
            ticks += sum(map(int, numbers[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def used(pid: int) -> float:
    """Seconds of CPU that one process has taken, without those that it started; nothing when it is over."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _failure(command: Sequence[str], code: int, output: Path, limit: float | None) -> str:
    what = f"took longer than {limit:.0f} s" if limit is not None else f"ended with {code}"
    complaints = output.with_suffix(".errors").read_text("utf-8", errors="replace").strip().splitlines()
    return "\n  ".join([f"{' '.join(command)} {what}.", *complaints[-5:]])
