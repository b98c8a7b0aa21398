"""A snapshot to measure on: takes a folder and a number of rows, gives a snapshot built from a journal as any other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import orjson

from ladle.collect.journal import Entry, Journal
from ladle.explore.snapshot import Snapshot, find
from ladle.home import Home
from ladle.snapshots.build import build
from ladle.snapshots.manifest import RunFacts
from ladle.sources.source import Column, Dataset, Paging, Resource, Source

PAGE = 1000
NAMES = ("id", "name", "mass", "world", "day")
DATASET = Dataset(
    name="rows", title="rows", resource="rows", columns=tuple(Column(name=name, path=name) for name in NAMES)
)
SOURCE = Source(
    name="bench",
    title="Made-up rows",
    base_url="http://127.0.0.1/",
    quotas=(),
    pace="fast",
    concurrency=1,
    auth=None,
    resources={
        "rows": Resource(
            name="rows", path="rows", records="results", count="count", key="id", paging=Paging(style="page")
        )
    },
    datasets={"rows": DATASET},
)


def make(folder: Path, *, rows: int, seed: int = 0) -> Snapshot:
    """A snapshot of `rows` rows: a key, a name with quotes here and there, a number, two columns to count."""
    home = Home.open(folder)
    run_id = "20260101-000000-000000"
    journal = home.runs / run_id
    with Journal(journal, fence=1) as kept:
        for page in range(1, rows // PAGE + 1):
            kept.append(_answer(page, rows=rows, random=Random(seed + page)))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    facts = RunFacts(started=now, finished=now, requests=rows // PAGE, base_url=SOURCE.base_url, gaps=(), quotas=())
    build(journal, source=SOURCE, dataset=DATASET, home=home, run_id=run_id, facts=facts)
    return find(home, run_id)


def _answer(page: int, *, rows: int, random: Random) -> Entry:
    first = (page - 1) * PAGE
    records = [_record(number, random=random) for number in range(first, first + PAGE)]
    body = orjson.dumps({"count": rows, "next": None, "results": records})
    return Entry(
        kind="answer", key=f"rows?page={page}", resource="rows", role="page", position=page, status=200, body=body
    )


def _record(number: int, *, random: Random) -> dict[str, object]:
    return {
        "id": number,
        "name": f'Row "{number}", of many' if number % 50 == 0 else f"Row {number}",
        "mass": round(random.uniform(1, 200), 1),
        "world": f"World {min(random.randrange(60), random.randrange(60))}",
        "day": f"2026-01-{random.randrange(1, 29):02d}",
    }
