"""`make bench-collect`: takes pages, prints what Ladle and its peers take to collect them, in one run on one machine.

Each round lets every competitor collect the same pages once, as a process of its own, so that whatever else the
machine does falls on all. What comes out is counted. A competitor that would take over PATIENCE seconds collects fewer
pages and is scaled up, which is said.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.competitors import COMPETITORS, LADLE, QUICK, Competitor, verdict
from bench.measure import measure
from bench.tally import Lap, Tally, show, write
from bench.upstream import Site, serving

PATIENCE = 60.0
"""Seconds that one competitor may take for one lap before it is given fewer pages."""
LIMIT = 600.0
"""Seconds after which a process is ended."""
WARM = 20
"""The lap before the first round, of so many times fewer pages, brings files into memory and is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What all have to do."""

    pages: int
    size: int
    latency: int
    """Milliseconds."""

    @property
    def concurrency(self) -> int:
        """Requests at once, where the competitor can: without latency more of them gain nothing."""
        return 64 if self.latency else 8

    def __str__(self) -> str:
        wait = f"{self.latency} ms of latency" if self.latency else "no latency"
        return f"{self.pages:,} pages of {self.size}, {wait}, {self.concurrency} at once"


COURSES = tuple(Course(pages=p, size=s, latency=ms) for ms in (0, 50) for p, s in ((10_000, 10), (1_000, 100)))
SHORT = (Course(pages=200, size=10, latency=0), Course(pages=20, size=100, latency=0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Everything, printed as it is known; 1 when Ladle lost a row."""
    asked = _asked(arguments)
    competitors = _chosen(asked.only, QUICK if asked.quick else COMPETITORS)
    tallies: list[Tally] = []
    for course in SHORT if asked.quick else COURSES:
        if asked.latency is None or course.latency == asked.latency:
            part = replace(course, pages=max(1, course.pages // asked.part))
            rounds = 1 if asked.quick else asked.rounds
            tallies += _course(part, competitors, rounds=rounds, patience=None if asked.quick else asked.patience)
    if asked.json:
        write(asked.json, tallies)
    return int(any(tally.competitor == LADLE.name and tally.trouble for tally in tallies))


def _course(course: Course, competitors: Sequence[Competitor], *, rounds: int, patience: float | None) -> list[Tally]:
    """`patience`: seconds that a lap may take; without it there is no short lap first, and all collect all pages."""
    with tempfile.TemporaryDirectory() as folder, serving(latency=course.latency, folder=Path(folder)) as site:
        print(f"\n{course}; {_circumstances(site)}", flush=True)
        tallies = [_warmed(each, course, site, patience=patience) for each in competitors]
        for _ in range(rounds):
            for tally, competitor in zip(tallies, competitors, strict=True):
                if not tally.trouble:
                    tally.add(_lap(competitor, course, site, pages=tally.pages))
    for line in show(tallies):
        print(line, flush=True)
    return tallies


def _circumstances(site: Site) -> str:
    """What else the numbers depend on; a load of more than nothing at the start makes the wall times worthless."""
    machine = f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}"
    return f"from {site.name}, {machine}, load {os.getloadavg()[0]:.1f}"


def _warmed(competitor: Competitor, course: Course, site: Site, *, patience: float | None) -> Tally:
    """A first short lap, which shows how many pages the competitor can be given."""
    if patience is None:
        return _tally(competitor, course)
    short = max(1, course.pages // WARM)
    lap = _lap(competitor, course, site, pages=short)
    tally = _tally(competitor, course)
    tally.trouble = lap.trouble
    laps = WARM if lap.inside * WARM <= patience else max(1, int(patience / max(lap.inside, 0.001)))
    # Ladle takes all: what the others are held against is no estimate.
    tally.pages = course.pages if laps >= WARM or competitor is LADLE else short * laps
    return tally


def _tally(competitor: Competitor, course: Course) -> Tally:
    pages = course.pages
    return Tally(competitor=competitor.name, writes=competitor.writes, course=str(course), of=pages, pages=pages)


def _lap(competitor: Competitor, course: Course, site: Site, *, pages: int) -> Lap:
    """One competitor, once, in a folder that goes again."""
    base_url = site.collection(size=course.size, pages=pages)
    with tempfile.TemporaryDirectory() as name:
        (folder := Path(name) / "out").mkdir()
        command = competitor.command(
            base_url=base_url, pages=pages, size=course.size, concurrency=course.concurrency, folder=folder
        )
        try:
            cost = measure(command, output=Path(name) / "said", limit=LIMIT)
        except RuntimeError as error:
            return Lap(trouble=str(error))
        trouble = verdict(cost.told["files"], rows=pages * course.size)
        if cost.told.get("complete") is False:
            trouble = f"not complete: {' '.join(cost.told['reasons'])}"
    told = cost.told
    return Lap(
        wall=cost.wall, cpu=cost.cpu, memory=cost.memory, inside=told["seconds"], busy=told["cpu"], trouble=trouble
    )


def _chosen(names: str, competitors: Sequence[Competitor]) -> list[Competitor]:
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    return [each for each in competitors if not wanted or any(name in each.name.lower() for name in wanted)]


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.collect", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="few pages, once, Ladle and two small peers only")
    parser.add_argument("--rounds", type=int, default=5, help="how often each collects the same (5)")
    parser.add_argument("--part", type=int, default=1, metavar="N", help="only an Nth of the pages")
    parser.add_argument("--latency", type=int, choices=(0, 50), help="only the courses with so many milliseconds")
    parser.add_argument("--patience", type=float, default=PATIENCE, metavar="S", help="of one for one lap (60)")
    parser.add_argument("--only", default="", metavar="A,B", help="only competitors with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers down there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
