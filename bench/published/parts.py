"""What `make bench` measures: takes a folder for the numbers, gives the commands whose numbers are published.

Each part is one of the benches with bounds of its own, so that all of them together end in half an hour on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """One bench; `name` is that of its file of numbers."""

    name: str
    title: str
    command: tuple[str, ...]
    leaves: str = "--json"
    """The option that names the file."""

    def words(self, folder: Path) -> Sequence[str]:
        """The process to run."""
        return (sys.executable, "-m", *self.command, self.leaves, str(self.file(folder)))

    def file(self, folder: Path) -> Path:
        """Where its numbers are."""
        return folder / f"{self.name}.json"


BESIDE = "questions,load,people"
"""At a million rows, with everybody."""
DEEP = "page at the end;page anywhere;counts of two columns;sorted, page in the middle"
BARE = "ladle,duckdb on the parquet,duckdb on the csv"
PARTS = (
    Part("collect", "Collecting", ("bench.collect", "--latency", "0", "--rounds", "3", "--patience", "4")),
    Part("quota", "Keeping a quota", ("bench.quota", "half")),
    Part(
        "explore",
        "Looking, a million rows",
        (
            *("bench.explore", "--rows", "1000000", "--rounds", "1", "--patience", "0.5", "--limit", "60"),
            *("--parts", BESIDE, "--seconds", "4", "--at-once", "8"),
        ),
    ),
    Part(
        "deep",
        "Looking, ten million rows",
        (
            *("bench.explore", "--rows", "10000000", "--rounds", "2", "--patience", "1", "--limit", "120"),
            *("--parts", "questions,first", "--first-rounds", "9", "--only", BARE, "--questions", DEEP),
        ),
    ),
    Part("streams", "Rows beside open streams", ("bench.streams", "--seconds", "8", "--connections", "1", "8")),
    Part("workers", "One run on two workers", ("bench.workers", "--ways", "latency", "--rounds", "1")),
    Part("scale", "Many rows", ("bench.scale", "--rows", "1000000")),
)
QUICK = (
    Part("collect", "Collecting", ("bench.collect", "--quick", "--part", "10")),
    Part("scale", "Many rows", ("bench.scale", "--rows", "200", "--pages", "20")),
)
"""Those that need nothing but what Ladle's own tests need, in seconds."""
