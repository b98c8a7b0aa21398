"""Servers beside each other and under load: takes the numbers of three benches, gives their parts of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from bench.explore.kept import Kept
from bench.explore.pressing import LADLE, NOTHING
from bench.explore.shown import duration, ratio
from bench.explore.stations import size
from bench.published.bars import Bar, drawn
from bench.published.claim import Claim, at_least
from bench.published.markdown import Section, picture, table

Record = dict[str, Any]
GOAL = 0.1
"""Seconds within which 95 of 100 answers come beside all streams."""
FASTER = 1.7
"""Times as fast as one worker that two are."""


def under_load(kept: Kept) -> Section:
    """Ladle's site and Datasette's, one process each, and people who click."""
    found = sorted(kept.of("load"), key=lambda each: (each["rows"], each["kind"], each["at_once"], each["server"]))
    lines, pictures = [LOAD], {}
    lines += table(
        ("", "connections", "a second", "95 of 100 within", "CPU each", "errors", "memory"), [*map(_load, found)]
    )
    for number, (rows, kind) in enumerate(dict.fromkeys((each["rows"], each["kind"]) for each in found), 1):
        file, title = f"bench-load-{number}.svg", f"{kind[0].upper()}{kind[1:]}, {size(rows)} rows: answers a second"
        bars = [
            Bar(
                name=each["server"],
                number=each["per_second"],
                told=f"{each['per_second']:,.0f}",
                mine=each["server"] == LADLE,
            )
            for each in found
            if (each["rows"], each["kind"]) == (rows, kind) and each["server"] != NOTHING
        ]
        if len(bars) > 1:
            pictures[file] = drawn(title, bars)
            lines += [picture(file, title), ""]
    for crowd in kept.of("crowd"):
        lines += _crowd(crowd)
    return Section(title="A site under load", lines=lines, slower=list(_slower(found)), pictures=pictures)


def _load(record: Record) -> Sequence[str]:
    times = record["kinds"].get(record["kind"])
    answers = sum(kind["number"] for kind in record["kinds"].values())
    return (
        f"{record['kind']}, {record['server']}",
        str(record["at_once"]),
        f"{record['per_second']:,.0f}",
        duration(times["p95"]) if times else "",
        duration(record["cpu"] / (answers or 1)) if record["server"] != NOTHING else "",
        f"{sum(record['errors'].values()):,}",
        f"{record['memory']:,.0f} MB",
    )


def _crowd(record: Record) -> list[str]:
    least, most = record["thinking"]
    rows = [
        (kind, f"{times['number']:,}", *(duration(times[name]) for name in ("p50", "p95", "most")))
        for kind, times in record["kinds"].items()
    ]
    errors = sum(record["errors"].values())
    head = (
        f"{record['people']} people click for {record['seconds']:.0f} s at a server that has just started, "
        f"{least:g} to {most:g} s between an answer and the next click, {size(record['rows'])} rows: "
        f"{errors or 'no'} errors, {record['memory']:,.0f} MB."
    )
    return [head, *table(("", "clicks", "half within", "95 of 100 within", "longest"), rows)]


def _slower(records: Sequence[Record]) -> Iterator[str]:
    mine = {(each["rows"], each["kind"], each["at_once"]): each for each in records if each["server"] == LADLE}
    for each in records:
        own = mine.get((each["rows"], each["kind"], each["at_once"]))
        if own and each["server"] not in (LADLE, NOTHING) and each["per_second"] > own["per_second"]:
            told = f"{each['per_second']:,.0f} a second, Ladle {own['per_second']:,.0f}"
            yield f"{each['kind']} under load: {each['server']} {told}."


def streams(told: dict[str, Any]) -> Section:
    """Rows with and without those who wait."""
    laps = told["laps"]
    rows = [
        (
            str(lap["connections"]),
            f"{lap['streams']:,} and {lap['posts']}",
            f"{lap['per_second']:,.0f}",
            *(duration(lap[name]) for name in ("p50", "p95", "p99")),
            f"{lap['web']['memory']:,.0f} MB",
        )
        for lap in laps
    ]
    heads = ("connections", "streams and waiting POSTs", "a second", "half within", "95 of 100", "99 of 100", "memory")
    beside = [lap for lap in laps if lap["streams"]]
    claims = [
        Claim(
            what=f"rows beside {lap['streams']:,} streams, {lap['connections']} connections, 95 of 100",
            found=duration(lap["p95"]),
            asked=f"under {duration(GOAL)}",
            met=lap["p95"] < GOAL and not lap["errors"],
        )
        for lap in beside
    ]
    return Section(title="Rows beside open streams", lines=[STREAMS, *table(heads, rows)], claims=claims)


def workers(results: Sequence[Record]) -> Section:
    """One run by one worker and by more."""
    one = {each["way"]: median(each["seconds"]) for each in results if each["workers"] == 1}
    rows, claims = [], []
    for each in results:
        seconds = median(each["seconds"])
        times = one[each["way"]] / seconds
        rows.append((each["way"], str(each["workers"]), duration(seconds), ratio(times)))
        if each["workers"] == 2 and each["way"] == "latency":
            claims.append(at_least("two workers beside one, 50 ms to an answer", times, FASTER, unit="times as fast"))
    lines = [WORKERS, *table(("", "workers", "the run", "times as fast as one"), rows)]
    return Section(title="One run on several workers", lines=lines, claims=claims)


LOAD = """\
One server process each; every connection sends its next request when the answer has come, for ten rows anywhere in
the table or for counts of two columns. Datasette finds deep pages by key here, which is its quickest way; tuned
means no facets, no count, indexes."""
STREAMS = """\
One site with its worker on the embedded default, a table of 100,000 rows of 20 columns; a run goes on that all
streams follow, and the POSTs wait for collections. Meanwhile connections ask for ten rows anywhere."""
WORKERS = """\
A site on PostgreSQL and Valkey with Celery workers of one process each, all on this machine."""
