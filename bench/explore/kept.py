"""What was measured, in a JSON file: takes numbers as they become known, gives them back, in a later run too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

Record = dict[str, Any]
SLOW = 5.0
"""Seconds: a question that takes longer is measured once."""


@dataclass(slots=True)
class Kept:
    """Records, each with a `key`; the file holds them all whenever this process ends."""

    path: Path
    records: dict[str, Record] = field(default_factory=dict)

    @staticmethod
    def at(path: Path) -> Kept:
        """What the file holds; nothing when there is none."""
        found = json.loads(path.read_text("utf-8")) if path.exists() else []
        return Kept(path, {record["key"]: record for record in found})

    def put(self, record: Record) -> None:
        """Keep it, in place of an earlier one with its key."""
        self.records[record["key"]] = record
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(list(self.records.values()), indent=1) + "\n", "utf-8")
        draft.replace(self.path)

    def forget(self, wanted: Callable[[Record], bool]) -> None:
        """Drop those records."""
        self.records = {key: record for key, record in self.records.items() if not wanted(record)}

    def of(self, what: str) -> Iterator[Record]:
        """Records of "question", "first", "load" or "crowd"."""
        return (record for record in self.records.values() if record["what"] == what)

    def asked(self, *, rows: int, tool: str, question: str) -> Record:
        """What is known of a question: `laps`, and `trouble` where there is some."""
        key = f"question/{rows}/{tool}/{question}"
        empty = {"key": key, "what": "question", "rows": rows, "tool": tool, "question": question, "laps": []}
        return self.records.get(key, empty)


def done(record: Record, *, rounds: int) -> bool:
    """Whether a question needs no further lap."""
    laps = record["laps"]
    return bool("trouble" in record or len(laps) >= rounds or (laps and laps[0]["cold"] > SLOW))


def over(record: Record, what: str) -> float | None:
    """The median over the laps of `cold`, `opening`, `first`, `warm`, `p95` or `memory`; None without one."""
    numbers = [lap[what] for lap in record["laps"] if lap.get(what) is not None]
    return median(numbers) if numbers else None
