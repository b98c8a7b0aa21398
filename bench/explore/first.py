"""Counts that nobody asked for before: takes a table, has Ladle and bare DuckDB count pairs of columns by turns.

Ladle keeps what it has counted, so a pair that is asked for again says nothing about counting. Each round is a process
of its own, in which both count every pair once; what Ladle has kept of counts is removed before.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from bench.explore.asking import Bounds, trouble
from bench.explore.kept import Kept, Record
from bench.explore.questions import FEW, MANY
from bench.explore.shown import columns, duration, ratio
from bench.explore.stations import Table, size
from bench.explore.tools import BARE, LADLE
from bench.explore.turns import Turns
from bench.measure import measure

PAIRS = (
    FEW,
    ("country", "weather"),
    ("day", "colour"),
    ("world", "humidity"),
    ("country", "colour"),
    ("note", "world"),
    ("height", "colour"),
    ("level", "world"),
    MANY,
)
Way = Literal["wall", "cpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What counting one pair took both, in seconds, medians over the rounds."""

    name: str
    combinations: int
    ladle: dict[Way, float]
    bare: dict[Way, float]

    def times(self, way: Way) -> float:
        """How many times as long Ladle took."""
        return self.ladle[way] / self.bare[way]


def ask_first(table: Table, *, bounds: Bounds, kept: Kept) -> None:
    """All rounds that are not known yet; who begins changes from pair to pair and from round to round."""
    for number in range(bounds.rounds):
        records = [_record(kept, pair, rows=table.rows) for pair in PAIRS]
        wanted = [record for record in records if "trouble" not in record and len(record["laps"]) <= number]
        if wanted:
            _round(table, wanted, begins=number % 2, bounds=bounds, kept=kept)


def agrees(record: Record) -> bool:
    """Whether both gave one answer each time."""
    return len({found["answer"] for lap in record["laps"] for found in _both(lap)}) <= 1


def pairs(kept: Kept, *, rows: int) -> list[Pair]:
    """What is known of a table of so many rows; of pairs that both answer alike."""
    found = (record for record in kept.of("first") if record["rows"] == rows)
    return [_pair(record) for record in found if record["laps"] and agrees(record)]


def seconds(kept: Kept, pair: Sequence[str], *, rows: int) -> float | None:
    """What Ladle took for one pair; None where that is not known."""
    return next((each.ladle["wall"] for each in pairs(kept, rows=rows) if each.name == ", ".join(pair)), None)


def table(kept: Kept) -> Iterator[str]:
    """A block for each size, a line for each pair, the slowest beside bare DuckDB last."""
    for rows in sorted({record["rows"] for record in kept.of("first")}):
        found = sorted(pairs(kept, rows=rows), key=lambda each: each.times("wall"))
        heads = (f"counts, first time, {size(rows)} rows", "combinations", "Ladle", "bare DuckDB", "x")
        yield ""
        yield from columns([(*heads, "CPU, Ladle", "CPU, bare", "x"), *map(_line, found)])
        yield from _troubles(kept, rows=rows)


def _line(pair: Pair) -> Sequence[str]:
    ways: tuple[Way, ...] = ("wall", "cpu")
    cells = [(duration(pair.ladle[way]), duration(pair.bare[way]), ratio(pair.times(way))) for way in ways]
    return (pair.name, f"{pair.combinations:,}", *(cell for each in cells for cell in each))


def _troubles(kept: Kept, *, rows: int) -> Iterator[str]:
    for record in kept.of("first"):
        if record["rows"] == rows and "trouble" in record:
            yield f"{record['pair']}  {record['trouble']}"
        elif record["rows"] == rows and not agrees(record):
            yield f"{record['pair']}  Ladle and bare DuckDB give different answers"


def _round(table: Table, records: Sequence[Record], *, begins: int, bounds: Bounds, kept: Kept) -> None:
    try:
        told = _told(table, records, begins=begins, bounds=bounds)
    except RuntimeError as error:
        told = {"trouble": trouble(error, limit=bounds.limit)}
    for place, record in enumerate(records):
        if "trouble" in told:
            kept.put({**record, "trouble": told["trouble"]})
            continue
        lap = {**told["pairs"][place], "load": os.getloadavg()[0]}
        kept.put({**record, "laps": [*record["laps"], lap]})
        mine, bare = _both(lap)
        said = f"{duration(mine['wall'])}, bare DuckDB {duration(bare['wall'])}, CPU {duration(mine['cpu'])}"
        print(f"  {size(table.rows):>6}  first: {record['pair']:20} {said}, {duration(bare['cpu'])}", flush=True)


def _told(table: Table, records: Sequence[Record], *, begins: int, bounds: Bounds) -> dict[str, Any]:
    wanted = tuple((one, other) for one, other in (record["columns"] for record in records))
    turns = Turns(pairs=wanted, table=table, begins=begins, memory=bounds.memory)
    with tempfile.TemporaryDirectory() as folder:
        words = (sys.executable, "-m", "bench.explore.turns", turns.to_json())
        return measure(words, output=Path(folder) / "said", limit=bounds.limit).told


def _record(kept: Kept, pair: Sequence[str], *, rows: int) -> Record:
    name = ", ".join(pair)
    key = f"first/{rows}/{name}"
    empty = {"key": key, "what": "first", "rows": rows, "pair": name, "columns": list(pair), "laps": []}
    return kept.records.get(key, empty)


def _pair(record: Record) -> Pair:
    ways: tuple[Way, ...] = ("wall", "cpu")
    both = [_both(lap) for lap in record["laps"]]
    mine, bare = ({way: median(lap[place][way] for lap in both) for way in ways} for place in (0, 1))
    return Pair(name=record["pair"], combinations=both[0][0]["combinations"], ladle=mine, bare=bare)


def _both(lap: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return lap[LADLE.name], lap[BARE.name]
