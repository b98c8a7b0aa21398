"""How long a question takes: takes the numbers of bench.explore, gives their parts of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.explore import first, targets
from bench.explore.kept import Kept
from bench.explore.questions import NAMES
from bench.explore.shown import Figures, duration, figures, ratio
from bench.explore.stations import size
from bench.explore.tools import LADLE, RIVALS
from bench.published.bars import Bar, drawn
from bench.published.claim import Claim
from bench.published.markdown import Section, picture, table

PICTURED = ("page at the end", "counts of two columns", "sorted, page in the middle")
SERVED = "Ladle over HTTP"


def looking(kept: Kept) -> Section:
    """A table of all tools and questions, and pictures of some."""
    lines, slower, pictures = [INTRODUCTION], [], {}
    for rows in sorted({record["rows"] for record in kept.of("question")}):
        asked = [name for name in NAMES if isinstance(figures(kept, LADLE, name, rows=rows), Figures)]
        lines += [
            "",
            f"### {size(rows)} rows of 20 columns",
            "",
            "Asked again; a `=` marks a first answer of over a second.",
        ]
        lines += table(("", *asked), list(_rows(kept, asked, rows=rows)))
        lines += ["From the start of the process to the first answer, with nothing in memory:"]
        lines += table(("", *asked), list(_rows(kept, asked, rows=rows, cold=True)))
        for name in (each for each in PICTURED if each in asked):
            file = f"bench-look-{size(rows).replace(' ', '').lower()}-{PICTURED.index(name) + 1}.svg"
            title = f"{name[0].upper()}{name[1:]} of {size(rows)} rows, asked again"
            bars = list(_bars(kept, name, rows=rows))
            if len(bars) > 1:
                pictures[file] = drawn(title, bars, logarithmic=True)
                lines += [picture(file, title), ""]
        slower += list(_slower(kept, asked, rows=rows))
    lines += list(_first(kept))
    return Section(title="Looking", lines=lines, claims=_claims(kept), slower=slower, pictures=pictures)


def _found(kept: Kept, name: str, *, rows: int) -> dict[str, Figures]:
    """Whoever gave Ladle's answer in time, by name."""
    found = {rival.name: figures(kept, rival, name, rows=rows) for rival in RIVALS}
    return {tool: each for tool, each in found.items() if isinstance(each, Figures)}


def _rows(kept: Kept, asked: Sequence[str], *, rows: int, cold: bool = False) -> Iterator[Sequence[str]]:
    by_question = {name: _found(kept, name, rows=rows) for name in asked}
    for rival in RIVALS:
        cells = [_cell(found.get(rival.name), found[LADLE.name], cold=cold) for found in by_question.values()]
        if any(cells):
            yield (rival.name, *cells)


def _cell(found: Figures | None, mine: Figures, *, cold: bool) -> str:
    if found is None:
        return ""
    if cold:
        return f"{_scaled(found)}{duration(found.cold)} ({ratio(found.cold / mine.cold)})"
    mark = "" if found.again else "="
    return f"{mark}{_scaled(found)}{duration(found.warm)} ({ratio(found.warm / mine.warm)})"


def _scaled(found: Figures) -> str:
    return "~" if found.factor > 1 else ""


def _bars(kept: Kept, name: str, *, rows: int) -> Iterator[Bar]:
    for tool, found in _found(kept, name, rows=rows).items():
        told = f"{_scaled(found)}{duration(found.warm)}"
        yield Bar(name=tool, number=found.warm, told=told, mine=tool in (LADLE.name, SERVED))


def _slower(kept: Kept, asked: Sequence[str], *, rows: int) -> Iterator[str]:
    """Where somebody else was quicker by a tenth and by more than a tenth of a millisecond."""
    for name in asked:
        found = _found(kept, name, rows=rows)
        mine = found[LADLE.name]
        for tool, each in found.items():
            if tool == SERVED:
                continue
            if each.again and each.warm < mine.warm * 0.9 and mine.warm - each.warm > 0.0001:
                yield f"{name}, {size(rows)} rows: {tool} {duration(each.warm)}, Ladle {duration(mine.warm)}."
            if each.cold < mine.cold * 0.9:
                yield f"{name}, {size(rows)} rows, cold: {tool} {duration(each.cold)}, Ladle {duration(mine.cold)}."


def _first(kept: Kept) -> Iterator[str]:
    """Counts that nobody asked for before, beside bare DuckDB."""
    for rows in sorted({record["rows"] for record in kept.of("first")}):
        found = sorted(first.pairs(kept, rows=rows), key=lambda each: each.times("wall"))
        yield f"\n### Counts of two columns for the first time, {size(rows)} rows\n\n{FIRST}"
        cells = [
            (
                pair.name,
                f"{pair.combinations:,}",
                duration(pair.ladle["wall"]),
                duration(pair.bare["wall"]),
                ratio(pair.times("wall")),
                ratio(pair.times("cpu")),
            )
            for pair in found
        ]
        yield from table(("columns", "combinations", "Ladle", "bare DuckDB", "times", "times, CPU"), cells)


def _claims(kept: Kept) -> list[Claim]:
    """What was promised of more rows than were measured is told, and held against nothing."""
    return [_claim(each) for each in targets.promises(kept)]


def _claim(found: targets.Promise) -> Claim:
    what, small = f"{found.what}, {size(found.rows)} rows", found.rows < found.at
    asked = f"{found.promised} (of {size(found.at)} rows)" if small else found.promised
    return Claim(what=what, found=found.found, asked=asked, met=None if small else found.met)


INTRODUCTION = """\
One table, everybody reads the snapshot's own files (or an SQLite file made of them), and everybody's answer is held
against Ladle's. In brackets: times Ladle's. ~ measured on fewer rows and scaled up. Who has no number took longer
than the bound, or has no such question. [How it is done](howto/measure.md#what-bench-explore-does)."""
FIRST = """\
Ladle keeps what it has counted, so that counting is measured where nobody asked before: Ladle and bare DuckDB by
turns in one process, on the same Parquet file."""
