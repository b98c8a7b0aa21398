"""The questions' laps: takes tables and tools, asks each question in processes of their own, keeps what they took.

Each round lets every tool answer a question once, so that whatever else the machine does falls on all. Before a process
starts the table's files are dropped from the system's memory, those alone, which needs no rights.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.explore.ask import Job
from bench.explore.kept import Kept, Record, done
from bench.explore.shown import lap_words
from bench.explore.sqlite import make
from bench.explore.stations import Table, Tables, size
from bench.explore.tools import Rival
from bench.measure import Cost, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long and how often to ask."""

    rounds: int
    again: int
    """How often a process asks the same again."""
    patience: float
    """Seconds for that; a first answer that took longer is the only one."""
    limit: float
    """Seconds for a process."""
    memory: float
    """GB for a process."""


def ask_all(
    tables: Tables, rivals: Sequence[Rival], questions: Sequence[str], *, rows: int, bounds: Bounds, kept: Kept
) -> None:
    """Everything that is not known yet, for tables of so many rows."""
    for _ in range(bounds.rounds):
        for rival, names in _turns(rivals, questions):
            given = min(rows, rival.most or rows)
            records = [kept.asked(rows=given, tool=rival.name, question=name) for name in names]
            wanted = [record for record in records if not done(record, rounds=bounds.rounds)]
            if wanted:
                _lap(rival, wanted, tables.of(given), bounds=bounds, kept=kept)


def _turns(rivals: Sequence[Rival], questions: Sequence[str]) -> Iterator[tuple[Rival, Sequence[str]]]:
    """Question by question; those that load the table first answer all questions in one process, at the end."""
    for name in questions:
        yield from ((rival, [name]) for rival in rivals if not rival.loads and name in rival.questions)
    for rival in rivals:
        if rival.loads:
            yield rival, [name for name in rival.questions if name in questions]


def _lap(rival: Rival, records: Sequence[Record], table: Table, *, bounds: Bounds, kept: Kept) -> None:
    for kind in rival.files:
        if kind in ("sqlite", "indexed"):
            make(table, kind)
    shutil.rmtree(table.home / "orders", ignore_errors=True)  # what Ladle has worked out before
    for file in _files(rival, table):
        drop(file)
    names = tuple(record["question"] for record in records)
    try:
        cost = _process(rival, names, table, bounds=bounds)
    except RuntimeError as error:
        for record in records:
            record["trouble"] = trouble(error, limit=bounds.limit)
    else:
        _add(records, cost, bounds=bounds)
    for record in records:
        kept.put(record)
        print(f"  {size(table.rows):>6}  {record['question']:28}{rival.name:24}{lap_words(record)}", flush=True)


def _process(rival: Rival, names: tuple[str, ...], table: Table, *, bounds: Bounds) -> Cost:
    job = Job(
        module=rival.module,
        how=rival.how,
        questions=names,
        table=table,
        begun=time.monotonic(),
        again=bounds.again,
        patience=bounds.patience,
        memory=bounds.memory,
    )
    with tempfile.TemporaryDirectory() as folder:
        words = (sys.executable, "-m", "bench.explore.ask", job.to_json())
        return measure(words, output=Path(folder) / "said", limit=bounds.limit)


def _add(records: Sequence[Record], cost: Cost, *, bounds: Bounds) -> None:
    told = cost.told
    for record in records:
        found = told.get("answers", {}).get(record["question"], {})
        if why := told.get("trouble") or found.get("trouble"):
            record["trouble"] = why
            continue
        cold = told["before"] + told["opening"] + found["first"]
        times = {name: found.get(name) for name in ("first", "warm", "p95", "most", "times")}
        lap = {"cold": cold, "before": told["before"], "opening": told["opening"], **times, "memory": cost.memory}
        record["laps"] = [*record["laps"], {**lap, "cpu": cost.cpu, "load": os.getloadavg()[0]}]
        record["answer"] = found["answer"]


def trouble(error: RuntimeError, *, limit: float) -> str:
    """Why a process gave no answer, in words for the tables."""
    if "took longer than" in str(error):
        return f"more than {limit:,.0f} s"
    if "ended with -9" in str(error):
        return "does not fit: ended by the system for want of memory"
    return str(error).splitlines()[-1].strip()


def _files(rival: Rival, table: Table) -> Iterator[Path]:
    yield from (getattr(table, kind) for kind in rival.files)
    if rival.module.startswith("by_ladle"):
        yield from (table.csv.with_name(name) for name in ("data.index", "profile.json", "manifest.json"))


def drop(file: Path) -> None:
    """Have the system forget what it holds of a file in memory."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fdatasync(handle)  # what is still to be written can't be forgotten
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
