"""What Ladle promises, held against what was measured: takes the records, gives a line for each promise, met or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bench.explore import first, questions
from bench.explore.clicks import ROWS_DATA, ROWS_PAGE
from bench.explore.kept import Kept
from bench.explore.pressing import LADLE as SERVER
from bench.explore.pressing import PEOPLE, TUNED
from bench.explore.shown import Figures, duration, figures, ratio
from bench.explore.stations import size
from bench.explore.tools import LADLE, RIVALS

TENS, HUNDREDS = 10_000_000, 100_000_000
ANYWHERE, AT_END, FEW, MANY, SORTED = (
    "page anywhere",
    "page at the end",
    "counts of two columns",
    "counts of two columns, many",
    "sorted, page in the middle",
)
FIRST = {FEW: questions.FEW, MANY: questions.MANY}
"""The columns that are counted there."""
CONNECTIONS = 8
BESIDE = 1.2
"""Times as long as bare DuckDB, at most."""
_GB = 1024


@dataclass(frozen=True, slots=True)
class Promise:
    """One line: what, of how many rows, what was measured, what was promised, and whether that is met.

    `met` is None for what is only told, and `promised` then says why.
    """

    what: str
    rows: int
    found: str
    promised: str
    met: bool | None
    at: int = 0
    """The number of rows that it was promised for, at the least."""


def lines(kept: Kept) -> Iterator[str]:
    """Every promise that something was measured for, at its own size, else at the largest that there is."""
    found = [(f"{each.what}, {size(each.rows)} rows", each) for each in promises(kept)]
    width = max((len(said) for said, _ in found), default=0)
    for said, each in found:
        met = "told" if each.met is None else "met" if each.met else "NOT MET"
        yield f"{met:7}  {said:{width}}{each.found:>16}   {each.promised}"


def promises(kept: Kept) -> Iterator[Promise]:
    """All of them, in the issue's order."""
    yield from _at(HUNDREDS, _pages(kept))
    yield from _at(HUNDREDS, _served(kept))
    yield from _at(TENS, _first(kept))
    yield from _at(TENS, _counts(kept))
    yield from _at(TENS, _sorted(kept))
    yield from _at(HUNDREDS, _crowd(kept))


def _at(rows: int, found: Iterable[Promise]) -> Iterator[Promise]:
    return (replace(each, at=rows) for each in found)


def _pages(kept: Kept) -> Iterator[Promise]:
    for rows in _sizes(kept, (HUNDREDS,)):
        mine = _of(kept, "Ladle", ANYWHERE, rows)
        if mine is not None and mine.p95 is not None:
            yield _below(f"{ANYWHERE}, library, 95 of 100", rows, mine.p95, 0.001)
        for peer, least in (("DuckDB on the CSV", 100_000), ("DuckDB on the Parquet", 200)):
            yield from _times(kept, AT_END, peer, rows=rows, least=least)


def _served(kept: Kept) -> Iterator[Promise]:
    found = {record["key"]: record for record in kept.of("load") if record["at_once"] == CONNECTIONS}
    for rows in _largest({record["rows"] for record in found.values() if record["server"] == SERVER}, (HUNDREDS,)):
        for kind in (ROWS_DATA, ROWS_PAGE):
            record = found.get(f"load/{rows}/{SERVER}/{kind}/{CONNECTIONS}")
            if record is None:
                continue
            yield _below(f"{kind}, {CONNECTIONS} at once, 95 of 100", rows, record["kinds"][kind]["p95"], 0.025)
            each = record["per_second"]
            yield Promise(f"{kind}, {CONNECTIONS} at once", rows, f"{each:,.0f} a second", "500 or more", each >= 500)
            errors = sum(record["errors"].values())
            yield Promise(f"{kind}, errors", rows, f"{errors:,}", "none", not errors)
            theirs = [peer for peer in found.values() if (peer["server"], peer["kind"]) == (TUNED, kind)]
            for peer in sorted(theirs, key=lambda each: (each["rows"] == rows, each["rows"]))[-1:]:
                what = f"{kind}, against Datasette at its best ({size(peer['rows'])}: {peer['per_second']:,.0f})"
                times = each / (peer["per_second"] or 1)
                yield Promise(what, rows, f"{ratio(times)} times", "more than 1", times > 1)


def _first(kept: Kept) -> Iterator[Promise]:
    """Of the pairs that were counted for the first time: the one in the middle and the worst."""
    for rows in _largest({record["rows"] for record in kept.of("first") if record["laps"]}, (TENS, HUNDREDS)):
        found = first.pairs(kept, rows=rows)
        ways: tuple[tuple[first.Way, str], ...] = (("wall", "wall"), ("cpu", "CPU"))
        for way, name in ways if found else ():
            what = f"{FEW}, first time, beside bare DuckDB, {name}"
            times = {each.name: each.times(way) for each in found}
            worst = max(times, key=times.__getitem__)
            yield _beside(f"{what}, median of {len(times)} pairs", rows, median(times.values()))
            yield _beside(f"{what}, worst pair ({worst})", rows, times[worst])


def _beside(what: str, rows: int, times: float) -> Promise:
    return Promise(what, rows, f"{times:.2f} times", f"{BESIDE} or less", times <= BESIDE)


def _counts(kept: Kept) -> Iterator[Promise]:
    for rows in _sizes(kept, (TENS, HUNDREDS)):
        for name in (FEW, MANY):
            mine, bare = _of(kept, "Ladle", name, rows), _of(kept, "DuckDB on the Parquet", name, rows)
            if mine and bare and mine.again:
                what = f"{name}, asked again, beside bare DuckDB"
                yield Promise(what, rows, f"{mine.warm / bare.warm:.2f} times", "an answer that is kept", None)
            counted = first.seconds(kept, FIRST[name], rows=rows)
            for peer, least in (("petl", 100), ("Datasette", 100), ("Datasette, tuned", 100)):
                yield from _times(kept, name, peer, rows=rows, least=least, mine=counted)
            for peer in ("DuckDB on the CSV", "pandas on the CSV", "pandas on the Parquet"):
                yield from _times(kept, name, peer, rows=rows, least=20, mine=counted)


def _sorted(kept: Kept) -> Iterator[Promise]:
    for rows in _sizes(kept, (TENS,)):
        mine = _of(kept, "Ladle", SORTED, rows)
        if mine:
            yield _below("the order of a sorted view built", rows, mine.inside, 10)
            yield _below(f"{SORTED}, 95 of 100", rows, mine.p95 or mine.warm, 0.05)


def _crowd(kept: Kept) -> Iterator[Promise]:
    found = {record["rows"]: record for record in kept.of("crowd") if record["people"] == PEOPLE}
    for rows in _largest(set(found), (HUNDREDS,)):
        record = found[rows]
        errors = sum(record["errors"].values())
        yield Promise(f"{PEOPLE} people, errors", rows, f"{errors:,}", "none", not errors)
        if "rows" in record["kinds"]:
            yield _below(f"{PEOPLE} people, rows, 95 of 100", rows, record["kinds"]["rows"]["p95"], 0.1)
        peaks = record["peaks"]
        what = f"{PEOPLE} people, memory (peaks of all processes added)"
        yield Promise(what, rows, f"{peaks:,.0f} MB", "under 1.5 GB", peaks < 1.5 * _GB)


def _times(
    kept: Kept, name: str, peer: str, *, rows: int, least: float, mine: float | None = None
) -> Iterator[Promise]:
    """How many times as long a peer takes. One that loads the table is held to that and, apart, to memory alone.

    `mine`: Ladle's seconds for what it was never asked before, where that was measured.
    """
    rival = next(each for each in RIVALS if each.name == peer)
    warm, theirs = _of(kept, "Ladle", name, rows), figures(kept, rival, name, rows=rows)
    if warm is None or theirs is None:
        return
    mine = mine or warm.warm
    if isinstance(theirs, str):
        yield from _at_least(theirs, f"{name}, {peer}", rows, mine, least)
        return
    scaled = " (scaled up)" if theirs.factor > 1 else ""
    ways = {", read and asked": theirs.inside, ", in memory": theirs.warm} if rival.loads else {"": theirs.warm}
    for way, seconds in ways.items():
        yield _faster(f"{name}, {peer}{way}{scaled}", rows, seconds / mine, least)


def _at_least(trouble: str, what: str, rows: int, mine: float, least: float) -> Iterator[Promise]:
    """A peer that did not finish in time is that many times slower at least; any other trouble is no measurement."""
    if trouble.startswith("more than "):
        times = float(trouble.split()[2].replace(",", "")) / mine
        yield Promise(what, rows, f"> {ratio(times)} times", f"{least:,.0f} or more", times >= least)


def _faster(what: str, rows: int, times: float, least: float) -> Promise:
    return Promise(what, rows, f"{ratio(times)} times", f"{least:,.0f} or more", times >= least)


def _below(what: str, rows: int, seconds: float, most: float) -> Promise:
    return Promise(what, rows, duration(seconds), f"under {duration(most)}", seconds < most)


def _of(kept: Kept, tool: str, name: str, rows: int) -> Figures | None:
    found = figures(kept, next(each for each in RIVALS if each.name == tool), name, rows=rows)
    return found if isinstance(found, Figures) else None


def _sizes(kept: Kept, meant: Sequence[int]) -> list[int]:
    return _largest({record["rows"] for record in kept.of("question") if record["tool"] == LADLE.name}, meant)


def _largest(there: set[int], meant: Sequence[int]) -> list[int]:
    """Those sizes that a promise is meant for; where none was measured the largest one."""
    return [rows for rows in meant if rows in there] or sorted(there)[-1:]
