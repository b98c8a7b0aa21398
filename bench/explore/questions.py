"""What every tool is asked: takes a tool and how often it was asked before, gives an answer that all must agree on.

A question that is asked again asks for another page or another world, the same one of each tool, so that nobody can
have kept the answer. What can't be told apart (which of two rows of one mass comes first) is not in an answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bench.explore.stations import WORLDS

PAGE = 10
FEW, MANY = ("world", "colour"), ("day", "world")
"""300 combinations, and 219,000 of them in ten million rows."""


class Tool(Protocol):
    """A tool that has the table open."""

    def size(self) -> tuple[int, int]:
        """Rows and columns."""

    def page(self, offset: int) -> list[int]:
        """The ids of ten rows in the table's order; all their columns are read."""

    def counts(self, *columns: str) -> list[tuple[Any, ...]]:
        """Every combination of the columns' values and how often it occurs, largest first; values as texts."""

    def largest(self, *columns: str) -> tuple[int, list[int]]:
        """How many combinations there are, and the counts of the ten largest."""

    def top(self, world: str) -> list[float]:
        """The masses of the ten heaviest rows of a world that are active."""

    def sorted_page(self, offset: int) -> list[float]:
        """The masses of ten rows of the table sorted by mass, largest first."""

    def profile(self) -> int:
        """For how many columns figures (missing, distinct, range or the like) are told."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask. `grows` says whether whoever reads all rows for it takes as many times longer for more."""

    name: str
    ask: Callable[[Tool, int, int], Any]
    """Of a tool, the table's rows, and how often it was asked before."""
    grows: bool = True
    agreed: bool = True
    """Whether all have to give one answer."""
    by_number: bool = False
    """Whether it takes a table in memory the same time however long that is."""


def _spread(rows: int, number: int) -> int:
    """An offset anywhere in the table, another each time."""
    return (rows // 2 + number * 7_368_787_391) % max(1, rows - PAGE)


QUESTIONS = (
    Question("open", lambda tool, _rows, _number: tool.size(), by_number=True),
    Question("first page", lambda tool, _rows, _number: tool.page(0), grows=False),
    Question("page at the end", lambda tool, rows, _number: tool.page(rows - PAGE), by_number=True),
    Question("page anywhere", lambda tool, rows, number: tool.page(_spread(rows, number)), by_number=True),
    Question("counts of one column", lambda tool, _rows, _number: tool.counts("world")),
    Question("counts of two columns", lambda tool, _rows, _number: tool.counts(*FEW)),
    Question("counts of two columns, many", lambda tool, _rows, _number: tool.largest(*MANY)),
    Question("filter and top 10", lambda tool, _rows, number: tool.top(f"World {(7 + number) % WORLDS}")),
    Question("sorted, page in the middle", lambda tool, rows, number: tool.sorted_page(rows // 2 + PAGE * number)),
    Question("profile", lambda tool, _rows, _number: tool.profile(), agreed=False),
)
NAMES = tuple(question.name for question in QUESTIONS)


def question(name: str) -> Question:
    """The question of that name."""
    return next(each for each in QUESTIONS if each.name == name)


def digest(answer: Any) -> str:
    """What stands for an answer: the same for the same counts in whatever order ties stand, floats to six digits."""
    return hashlib.sha256(json.dumps(_plain(answer), sort_keys=True).encode()).hexdigest()[:16]


def _plain(answer: Any) -> Any:
    if isinstance(answer, float):
        return round(answer, 6)
    if isinstance(answer, list | tuple):
        parts = [_plain(each) for each in answer]
        return sorted(parts) if parts and isinstance(answer[0], tuple) else parts
    return answer
