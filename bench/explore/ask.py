"""One tool asked, as a process of its own: takes a job on the command line, gives times and answers as a line of JSON.

    python -m bench.explore.ask '{"module": "by_duckdb", "how": "csv", "questions": ["page at the end"], …}'

The first answer is timed from the start of the process, interpreter and imports included, and from when the imports
are done; then the same question is asked again and again, within bounds of time and number.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

from bench.explore.questions import Tool, digest, question
from bench.explore.stations import Table
from bench.peers.job import peak_mb

GB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Ask a tool some questions about a table."""

    module: str
    how: str
    questions: tuple[str, ...]
    table: Table
    begun: float
    """When the process was started, by the monotonic clock, which all processes share."""
    again: int
    """How often a question is asked again at most."""
    patience: float
    """Seconds that asking again may take; whose first answer took longer is not asked again."""
    memory: float
    """GB of its own that the process may hold."""

    def to_json(self) -> str:
        """As the command line has it."""
        return json.dumps(asdict(self), default=str)

    @staticmethod
    def of(text: str) -> Job:
        """The job in a line of JSON."""
        told = json.loads(text)
        return Job(**{**told, "table": Table.of(told["table"]), "questions": tuple(told["questions"])})


def main() -> None:
    """Do the job of the command line and tell."""
    job = Job.of(sys.argv[1])
    opened: Callable[[Table, str], Tool] = importlib.import_module(f"bench.explore.peers.{job.module}").opened
    tell(lambda: _told(job, opened), memory=job.memory)


def tell(work: Callable[[], dict[str, Any]], *, memory: float) -> None:
    """Print what some work tells, in a process that may hold so many GB; `trouble` where it needs more."""
    limit = int(memory * GB)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    try:
        told = work()
    except Exception as error:
        if not isinstance(error, (MemoryError, *_out_of_memory())):
            raise
        told = {"trouble": f"does not fit into {memory:.0f} GB ({type(error).__name__})"}
    print(json.dumps({**told, "peak_mb": peak_mb()}), flush=True)


def _told(job: Job, opened: Callable[[Table, str], Tool]) -> dict[str, Any]:
    ready = time.monotonic()
    tool = opened(job.table, job.how)
    loaded = time.monotonic()
    answers = {name: _asked(job, tool, name) for name in job.questions}
    return {"before": ready - job.begun, "opening": loaded - ready, "answers": answers}


def _asked(job: Job, tool: Tool, name: str) -> dict[str, Any]:
    wanted, rows = question(name), job.table.rows
    begun = time.perf_counter()
    try:
        answer = wanted.ask(tool, rows, 0)
    except (LookupError, ValueError) as error:
        return {"trouble": f"{type(error).__name__}: {error}"[:200]}
    first = time.perf_counter() - begun
    times: list[float] = []
    while len(times) < job.again and first <= job.patience and sum(times) < job.patience:
        begun = time.perf_counter()
        wanted.ask(tool, rows, len(times) + 1)
        times.append(time.perf_counter() - begun)
    return {"first": first, "answer": digest(answer), "times": len(times), **_spread(times)}


def _spread(times: list[float]) -> dict[str, float]:
    """Median, the time that 95 of 100 stay within, and the longest."""
    if not times:
        return {}
    within = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return {"warm": median(times), "p95": within, "most": max(times)}


def _out_of_memory() -> tuple[type[Exception], ...]:
    """What a tool that is loaded raises when there is no more memory."""
    found = [sys.modules[name] for name in ("duckdb", "pyarrow") if name in sys.modules]
    names = ("OutOfMemoryException", "ArrowMemoryError")
    return tuple(getattr(module, name) for module in found for name in names if hasattr(module, name))


if __name__ == "__main__":
    main()
