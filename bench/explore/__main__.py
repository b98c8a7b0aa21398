"""`make bench-explore`: takes numbers of rows, prints what Ladle and its peers take to look into tables of so many.

Questions are asked in processes of their own, servers are put under load, fifty people click at once. What is measured
goes into a JSON file as it is known; what is there already is not measured again, so that a run can be ended and gone
on with. From that file the tables are printed.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.explore import first, pressing, shown, targets
from bench.explore.asking import Bounds, ask_all
from bench.explore.kept import SLOW, Kept
from bench.explore.questions import NAMES
from bench.explore.stations import Tables, size
from bench.explore.tools import BARE, LADLE, RIVALS, chosen, named

PARTS = ("questions", "first", "load", "people")
SERVERS = (pressing.NOTHING, pressing.LADLE, pressing.TUNED, pressing.DATASETTE)
QUICK = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Everything that is not known yet, then the tables; 1 when somebody's answer is not Ladle's, or an error came."""
    asked = _asked(arguments)
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        kept = Kept.at(asked.json or folder / "results.json")
        if not asked.table:
            tables = Tables(folder, datasets=asked.dataset, home=asked.home)
            for rows in asked.rows or tables.given or [QUICK if asked.quick else 1_000_000]:
                _measure(tables, rows, asked, kept)
    for line in (
        *shown.tables(kept),
        *first.table(kept),
        *shown.loads(kept),
        *shown.crowds(kept),
        "",
        *targets.lines(kept),
    ):
        print(line, flush=True)
    wrong = any(not shown.agrees(kept, record) for record in kept.of("question") if record["laps"])
    return int(wrong or any(not first.agrees(record) for record in kept.of("first")))


def _measure(tables: Tables, rows: int, asked: argparse.Namespace, kept: Kept) -> None:
    machine = f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}"
    print(f"\n{size(rows)} rows; {machine}, load {os.getloadavg()[0]:.1f}", flush=True)
    if "questions" in asked.parts:
        rivals = chosen(asked.only, rows=rows, quick=asked.quick)
        if asked.again:
            names = {rival.name for rival in rivals}
            given = {min(rows, rival.most or rows) for rival in rivals}
            kept.forget(
                lambda record: (
                    record["what"] == "question"
                    and (record["tool"] in names and record["rows"] in given and record["question"] in asked.questions)
                )
            )
        ask_all(tables, rivals, asked.questions, rows=rows, bounds=_bounds(asked), kept=kept)
    if asked.again:
        kept.forget(lambda record: record["what"] in _whats(asked) and record["rows"] == rows)
    if "first" in asked.parts and _both(asked.only):
        first.ask_first(tables.of(rows), bounds=_bounds(asked, rounds=asked.first_rounds), kept=kept)
    if "load" in asked.parts:
        servers = [each for each in SERVERS if _wanted(each, asked.only, rows=rows, quick=asked.quick)]
        pressing.press_all(tables.of(rows), servers, seconds=asked.seconds, kept=kept, at_once=asked.at_once)
    if "people" in asked.parts:
        seconds = asked.seconds if asked.quick else max(60.0, asked.seconds)
        pressing.crowd(tables.of(rows), people=asked.people, seconds=seconds, thinking=asked.thinking, kept=kept)


def _whats(asked: argparse.Namespace) -> set[str]:
    return {{"first": "first", "load": "load", "people": "crowd"}[part] for part in asked.parts if part != "questions"}


def _both(only: Sequence[str]) -> bool:
    """Whether both are wanted that are asked by turns."""
    known = [each.name for each in RIVALS]
    return not only or all(named(each.name, only, known=known) for each in (LADLE, BARE))


def _wanted(server: str, only: Sequence[str], *, rows: int, quick: bool) -> bool:
    """Whether to put a server under load: a Datasette of a hundred million rows only when it is named."""
    if server == pressing.NOTHING:
        return True
    if only:
        return named(server, only, known=SERVERS)
    return server == pressing.LADLE or (not quick and rows < 100_000_000)


def _bounds(asked: argparse.Namespace, *, rounds: int | None = None) -> Bounds:
    rounds, again = (1, 5) if asked.quick else (rounds or asked.rounds, 200)
    return Bounds(rounds=rounds, again=again, patience=asked.patience, limit=asked.limit, memory=asked.memory)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.explore", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--quick", action="store_true", help="100,000 rows, once, with what Ladle's own tests need")
    add("--rows", type=_numbers, default=[], metavar="N,M", help="tables of so many (1000000); made when not there")
    add("--parts", type=_words, default=PARTS, metavar="A,B", help=f"of {', '.join(PARTS)} (all)")
    add("--only", type=_words, default=[], metavar="A,B", help="only these tools and servers, by name or a part of it")
    add("--questions", type=_questions, default=NAMES, metavar="A;B", help=f"only these, of: {'; '.join(NAMES)}")
    add(
        "--rounds",
        type=int,
        default=3,
        help=f"how often each question is asked cold, or first (3; cold once where it takes {SLOW:g} s)",
    )
    add("--first-rounds", type=int, metavar="N", help="how often counts are asked for first (as --rounds)")
    add("--patience", type=float, default=3.0, metavar="S", help="seconds for asking the same again (3)")
    add("--limit", type=float, default=600.0, metavar="S", help="seconds after which a process is ended (600)")
    add("--memory", type=float, default=_most_memory(), metavar="GB", help="what a process may hold (most of it)")
    add("--seconds", type=float, default=5.0, metavar="S", help="of each load (5); people click a minute at least")
    add("--at-once", type=_numbers, default=pressing.AT_ONCE, metavar="N,M", help="connections of a load (1,8,32)")
    add("--people", type=int, default=pressing.PEOPLE, help="who click at once (50)")
    add("--thinking", type=_span, default=pressing.THINKING, metavar="A-B", help="seconds between clicks (1-3)")
    add("--folder", type=Path, help="where tables and results stay (else they go); 100 M rows take 40 GB")
    add("--home", type=Path, help="a home with tables that are there; it is only read")
    add("--dataset", type=_words, default=[], metavar="A,B", help="datasets of that home to ask")
    add("--json", type=Path, metavar="FILE", help="where the numbers are kept (results.json in the folder)")
    add("--again", action="store_true", help="measure anew what the file has already")
    add("--table", action="store_true", help="measure nothing, print what the file has")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _questions(text: str) -> list[str]:
    """Their names have commas."""
    names = [name.strip() for name in text.split(";")]
    if unknown := [name for name in names if name not in NAMES]:
        raise argparse.ArgumentTypeError(f"no question is called {unknown[0]!r}")
    return names


def _span(text: str) -> tuple[float, float]:
    least, _, most = text.partition("-")
    return float(least), float(most or least)


def _most_memory() -> float:
    """Three quarters of the machine's, in GB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30) * 0.75


if __name__ == "__main__":
    raise SystemExit(main())
