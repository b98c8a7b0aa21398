"""What every peer is given and what it tells: takes the command line, gives a Job, prints one line of JSON at the end.

    python -m bench.peers.by_aiohttp BASE_URL PAGES SIZE CONCURRENCY FOLDER [tuned]

The clock starts after the imports and stops when the files are finished; whoever started the process measures it whole.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Collect `pages` pages of `size` records from `base_url` + "people?page=1" on into files in `folder`."""

    base_url: str
    pages: int
    size: int
    concurrency: int
    folder: Path
    tuned: bool
    """Whether with the best settings that its documentation tells of, instead of the usual ones."""

    @property
    def csv(self) -> Path:
        """Where a peer that writes one file puts it."""
        return self.folder / "people.csv"

    def address(self, page: int) -> str:
        """A page's address."""
        return f"{self.base_url}people?page={page}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The CSV files that together hold all rows, and what else there is to tell."""

    files: Sequence[Path]
    more: dict[str, Any]


def perform(collect: Callable[[Job], Made | None]) -> None:
    """Do the job of the command line and tell what it took; a peer that gives None wrote `Job.csv`."""
    base_url, pages, size, concurrency, folder, *rest = sys.argv[1:]
    job = Job(
        base_url=base_url,
        pages=int(pages),
        size=int(size),
        concurrency=int(concurrency),
        folder=Path(folder),
        tuned="tuned" in rest,
    )
    cpu, begun = _cpu(), time.perf_counter()
    made = collect(job) or Made(files=(job.csv,), more={})
    seconds = time.perf_counter() - begun
    told = {"seconds": seconds, "cpu": _cpu() - cpu, "files": [str(path) for path in made.files], "peak_mb": peak_mb()}
    print(json.dumps({**told, **made.more}), flush=True)


def peak_mb() -> float:
    """The most memory this process has held, in MB, as the kernel says (not rusage's, which counts who started it)."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu() -> float:
    """Seconds of CPU of this process and its ended children."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in both)
