"""Laps to a table: takes what each competitor took each time, gives medians with their range, and ratios to Ladle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One competitor, once; seconds and MB. `inside` and `busy` are wall and CPU from call to finished files."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    inside: float = 0.0
    busy: float = 0.0
    trouble: str = ""
    """Why it doesn't count."""

    def scaled(self, factor: float) -> Lap:
        """As if it had collected `factor` times as many pages: what is outside the collecting stays."""
        return Lap(
            wall=self.wall + self.inside * (factor - 1),
            cpu=self.cpu + self.busy * (factor - 1),
            memory=self.memory,
            inside=self.inside * factor,
            busy=self.busy * factor,
        )


@dataclass(slots=True, kw_only=True)
class Tally:
    """All laps of one competitor on one course."""

    competitor: str
    writes: str
    course: str
    of: int
    """The course's pages."""
    pages: int = 0
    """Those that it was given."""
    laps: list[Lap] = field(default_factory=list)
    trouble: str = ""

    def add(self, lap: Lap) -> None:
        """Count a lap; after one with trouble none counts."""
        self.trouble = self.trouble or lap.trouble
        self.laps.append(lap.scaled(self.of / self.pages))

    def over(self, what: str) -> tuple[float, float, float]:
        """Median, least and most of `wall`, `cpu`, `inside`, `busy` or `memory`."""
        numbers = [getattr(lap, what) for lap in self.laps]
        return median(numbers), min(numbers), max(numbers)


def show(tallies: Sequence[Tally]) -> Iterator[str]:
    """A line for each competitor, ratios to the first's medians."""
    yield f"{'':26}{'whole process':>29}{'x':>7}{'inside':>18}{'x':>7}{'CPU':>10}{'x':>7}{'memory':>10}"
    first = tallies[0]
    for tally in tallies:
        if tally.trouble:
            yield f"{tally.competitor:26}  doesn't count: {tally.trouble}"
        else:
            yield _line(tally, first if not first.trouble else tally)
    if any(tally.pages != tally.of for tally in tallies):
        yield "~ collected fewer pages, scaled up"


def write(path: Path, tallies: Sequence[Tally]) -> None:
    """The numbers as JSON: a list of documents, one for each competitor on each course."""
    path.write_text(json.dumps([_document(tally) for tally in tallies], indent=2) + "\n", "utf-8")


def _line(tally: Tally, first: Tally) -> str:
    mark = "~" if tally.pages != tally.of else " "
    wall, least, most = tally.over("wall")
    inside, cpu, memory = (tally.over(what)[0] for what in ("inside", "cpu", "memory"))
    ratios = {what: tally.over(what)[0] / (first.over(what)[0] or 1) for what in ("wall", "inside", "cpu")}
    return (
        f"{tally.competitor:26}{mark}{wall:9.2f} s ({least:.2f} to {most:.2f})".ljust(55)
        + f"{ratios['wall']:7.2f}{inside:16.2f} s{ratios['inside']:7.2f}"
        + f"{cpu:8.2f} s{ratios['cpu']:7.2f}{memory:7.0f} MB"
    )


def _document(tally: Tally) -> dict[str, Any]:
    about = {"competitor": tally.competitor, "course": tally.course, "writes": tally.writes}
    if tally.trouble:
        return {**about, "trouble": tally.trouble}
    numbers = {
        what: dict(zip(("median", "least", "most"), tally.over(what), strict=True))
        for what in ("wall", "inside", "cpu", "busy", "memory")
    }
    return {**about, "pages": tally.pages, "of": tally.of, "rounds": len(tally.laps), **numbers}
