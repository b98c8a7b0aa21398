"""Two tools asked by turns, as a process of its own: takes pairs of columns, gives what each took, as a line of JSON.

    python -m bench.explore.turns '{"pairs": [["world", "colour"], …], "table": {…}, "begins": 0, "memory": 12}'

Ladle and bare DuckDB count each pair once, one right after the other, so that whatever else the machine does falls on
both. Both have DuckDB's usual number of threads, all of one priority, a database that is open and the file's footer.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from bench.explore.ask import tell
from bench.explore.peers import by_duckdb, by_ladle
from bench.explore.peers.by_duckdb import ByDuckDB
from bench.explore.peers.by_ladle import ByLadle
from bench.explore.questions import digest
from bench.explore.stations import Table
from bench.explore.tools import BARE, LADLE
from ladle.explore.priority import step_back

OTHER = "active"
"""A column of no pair, counted before: opening is not what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Ask for some pairs, each for the first time in this process."""

    pairs: tuple[tuple[str, str], ...]
    table: Table
    begins: int
    """Who begins with the first pair: 0 Ladle, 1 bare DuckDB; with each further one the other begins."""
    memory: float
    """GB of its own that the process may hold."""

    def to_json(self) -> str:
        """As the command line has it."""
        return json.dumps(asdict(self), default=str)

    @staticmethod
    def of(text: str) -> Turns:
        """The turns in a line of JSON."""
        told = json.loads(text)
        return Turns(**{**told, "table": Table.of(told["table"]), "pairs": tuple(map(tuple, told["pairs"]))})


def main() -> None:
    """Take the turns of the command line and tell."""
    turns = Turns.of(sys.argv[1])
    tell(lambda: {"pairs": _taken(turns)}, memory=turns.memory)


def _taken(turns: Turns) -> list[dict[str, Any]]:
    step_back()  # as Ladle's threads do; those that bare DuckDB begins have it from this one
    tools: dict[str, ByLadle | ByDuckDB] = {
        LADLE.name: by_ladle.opened(turns.table, ""),
        BARE.name: by_duckdb.opened(turns.table, "footer kept"),
    }
    for tool in tools.values():
        tool.counts(OTHER)
    names = list(tools)
    taken = []
    for place, pair in enumerate(turns.pairs, turns.begins):
        order = names if place % 2 == 0 else names[::-1]
        taken.append({name: _cost(tools[name], pair, turns.table) for name in order})
    return taken


def _cost(tool: ByLadle | ByDuckDB, pair: tuple[str, str], table: Table) -> dict[str, Any]:
    """Seconds on the clock, and of CPU of all threads."""
    shutil.rmtree(table.home / "orders", ignore_errors=True)  # what Ladle has worked out before
    wall, cpu = time.perf_counter(), time.process_time()
    combinations, largest = tool.largest(*pair)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "combinations": combinations, "answer": digest([combinations, *largest])}


if __name__ == "__main__":
    main()
