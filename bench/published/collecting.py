"""How long collecting takes: takes the numbers of bench.collect and bench.scale, gives their part of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bench.explore.shown import duration, ratio
from bench.published.bars import Bar, drawn
from bench.published.claim import Claim, at_least, at_most
from bench.published.markdown import Section, picture, table

Record = dict[str, Any]
MINE = "Ladle"
HEADS = ("", "whole process", "times Ladle's", "CPU", "times", "memory")
BOUNDS = (("aiohttp + orjson", 1.0), ("dlt rest_api", 15.0), ("Scrapy", 15.0))
"""Whom Ladle is held to, and how many times as long they must take at least."""
PROTOCOL = ("asyncio protocol", 2.0)
MEMORY = 200.0
"""MB of the largest process."""


def collecting(records: Sequence[Record]) -> Section:
    """A table and a picture for each course."""
    lines, claims, slower, pictures = [INTRODUCTION], [], [], {}
    for number, (course, each) in enumerate(groupby(records, key=lambda record: record["course"]), 1):
        laps = list(each)
        good = [record for record in laps if "trouble" not in record]
        name = f"bench-collect-{number}.svg"
        pictures[name] = drawn(f"{course}: seconds from start to end", [_bar(record) for record in good])
        lines += ["", f"### {course[0].upper()}{course[1:]}", "", picture(name, f"Seconds, {course}")]
        lines += table(HEADS, [_row(record, good) for record in good])
        lines += [
            f"{record['competitor']} does not count: {record['trouble']}" for record in laps if "trouble" in record
        ]
        claims += list(_claims(course, good))
        slower += list(_slower(course, good))
    if any(record.get("pages") != record.get("of") for record in records if "trouble" not in record):
        lines += ["", "~ collected fewer pages, scaled up."]
    return Section(title="Collecting", lines=lines, claims=claims, slower=slower, pictures=pictures)


def many_rows(records: Sequence[Record]) -> Section:
    """What a large collection takes, and what it holds."""
    rows = [
        (
            f"{record['rows']:,} in {record['pages']:,} pages",
            duration(record["wall"]),
            f"{record['rows'] / record['inside']:,.0f}",
            f"{record['peak']:,.0f} MB",
            f"{record['family']:,.0f} MB",
        )
        for record in records
    ]
    heads = ("rows", "whole process", "rows a second", "largest process", "all processes")
    claims = [
        Claim(
            what=f"{record['rows']:,} rows: the largest process",
            found=f"{record['peak']:,.0f} MB",
            asked=f"under {MEMORY:g} MB",
            met=record["peak"] < MEMORY and not record["wrong"],
        )
        for record in records
    ]
    return Section(title="Many rows", lines=[SCALE, *table(heads, rows)], claims=claims)


def _median(record: Record, what: str = "wall") -> float:
    found: float = record[what]["median"]
    return found


def _of(records: Sequence[Record], name: str) -> Record | None:
    return next((record for record in records if record["competitor"] == name), None)


def _bar(record: Record) -> Bar:
    seconds, name = _median(record), record["competitor"]
    return Bar(name=name, number=seconds, told=f"{_mark(record)}{duration(seconds)}", mine=name == MINE)


def _mark(record: Record) -> str:
    return "~" if record["pages"] != record["of"] else ""


def _row(record: Record, records: Sequence[Record]) -> Sequence[str]:
    first = _of(records, MINE) or record
    wall = record["wall"]
    span = f"{_mark(record)}{wall['median']:.2f} s ({wall['least']:.2f} to {wall['most']:.2f})"
    times = {what: ratio(_median(record, what) / _median(first, what)) for what in ("wall", "cpu")}
    memory = f"{_median(record, 'memory'):,.0f} MB"
    return (record["competitor"], span, times["wall"], f"{_median(record, 'cpu'):.2f} s", times["cpu"], memory)


def _claims(course: str, records: Sequence[Record]) -> Iterator[Claim]:
    mine = _of(records, MINE)
    if mine is None:
        return
    bare = _of(records, PROTOCOL[0])
    for name, least in BOUNDS:
        if peer := _of(records, name):
            why = _out_of_reach(course, peer, bare, least) if bare else ""
            times = _median(peer) / _median(mine)
            yield at_least(f"{course}: {name} takes", times, least, unit="times as long", why=why)
    if bare:
        what = f"{course}: Ladle beside an asyncio protocol of 20 lines"
        yield at_most(what, _median(mine) / _median(bare), PROTOCOL[1], unit="times as long")


def _out_of_reach(course: str, peer: Record, bare: Record, least: float) -> str:
    """Why nobody is so many times as quick as a peer: not even who only writes a CSV file is; empty where one is."""
    times = _median(peer) / _median(bare)
    if times >= least:
        return ""
    told = f"{peer['competitor']} takes {times:.1f} times as long as the {bare['competitor']}"
    return f"{course}: {told}, which writes a CSV file and checks nothing; {least:g} times is more than that leaves."


def _slower(course: str, records: Sequence[Record]) -> Iterator[str]:
    mine = _of(records, MINE)
    for record in records if mine else ():
        for what, noun in (("wall", "time"), ("memory", "memory")):
            times = _median(record, what) / _median(mine or record, what)
            if times < 0.95:
                yield f"{course}: {record['competitor']} takes {times:.2f} times Ladle's {noun}."


INTRODUCTION = """\
The same pages from a server on the same machine, each lap a process of its own in an empty folder, by turns,
medians of the rounds. Ladle writes its journal, CSV, row index, Parquet file and profile, all synced to the disk,
and counts distinct keys; the others write a CSV file. [How it is done](howto/measure.md#what-bench-collect-does)."""
SCALE = """\
Ladle alone; then DuckDB counts rows and distinct keys in the CSV and in the Parquet file: every id once."""
