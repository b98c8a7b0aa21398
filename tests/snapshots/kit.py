"""Real journals for tests: takes records, gives a journal on disk and the snapshot that is built from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ladle.collect.journal import Entry, Journal
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.build import build
from ladle.snapshots.manifest import Gap, Manifest, RunFacts
from ladle.sources.source import Column, Dataset, Each, Paging, Quota, Resource, Source
from tests.servers.stack import home_of

BASE_URL = "https://stars.example/api/"
RUN = "20261121-120103-7f3a9c"
FINISHED = datetime(2026, 11, 21, 12, 1, 9, tzinfo=UTC)
ODD_NAMES = [
    "a b",
    'q"q',
    "it's",
    "a__b",
    "select",
    "count",
    "share",
    "🦆",
    "",
    "Name",
    "name",
    "file_row_number",
    "c0",
    "n",
    "a\nb",
]
"""Columns may be called anything: signs of SQL, words of SQL and of our own, an empty name, case alone apart."""


def source(*columns: Column, each: Each | None = None, key: str | None = "url", **changes: Any) -> Source:
    """An API of people and planets; `columns` are those of its dataset `stars/people`."""
    listed = {"records": "results", "count": "count", "next": "next", "paging": Paging(style="page"), "page_size": 10}
    people = Resource(name="people", path="people/", key=key, each=each, **({} if each else listed))  # type: ignore[arg-type]
    planets = Resource(name="planets", path="planets/", key="url", **listed)  # type: ignore[arg-type]
    settings: dict[str, Any] = {
        "name": "stars",
        "title": "Stars",
        "base_url": BASE_URL,
        "quotas": (Quota(limit=60, seconds=60.0, text="60 per minute"),),
        "pace": "safe",
        "concurrency": 8,
        "auth": None,
        "resources": {"people": people, "planets": planets},
        "datasets": {"people": Dataset(name="people", title="People", resource="people", columns=columns)},
        "license": "CC0",
        "sha256": "5" * 64,
    }
    return Source(**settings | changes)


def field(name: str, **changes: Any) -> Column:
    """A column that is the record's field of that name."""
    return Column(**{"name": name, "path": name} | changes)


def page(
    number: int, records: Sequence[Any], *, count: int | None = None, resource: str = "people", **changes: Any
) -> Entry:
    """A page of a list, as SWAPI gives it."""
    body = orjson.dumps({"count": count, "next": None, "previous": None, "results": list(records)})
    told: dict[str, Any] = {"kind": "answer", "role": "page", "status": 200, "started": float(number), "body": body}
    told |= {"key": f"{resource}?page={number}", "resource": resource, "position": number}
    return Entry(**told | changes)


def person(number: int, **more: Any) -> dict[str, Any]:
    """A record with a key."""
    return {"url": f"{BASE_URL}people/{number}/", "name": f"Person {number}", **more}


def lookup(key: str, record: Any, *, resource: str = "planets") -> Entry:
    """One referenced record."""
    body = orjson.dumps(record)
    return Entry(kind="answer", key=key, resource=resource, role="lookup", position=0, status=200, body=body)


def journal(folder: Path, entries: Iterable[Entry]) -> Path:
    """A journal on disk that holds the entries in that order."""
    with Journal(folder, fence=1) as written:
        for entry in entries:
            written.append(entry)
    return folder


def facts(*gaps: Gap, finished: datetime = FINISHED) -> RunFacts:
    """What a run knows about itself."""
    started = datetime(2026, 11, 21, 12, 1, 3, tzinfo=UTC)
    told = {"started": started, "finished": finished, "requests": 15, "base_url": BASE_URL}
    return RunFacts(**told, gaps=gaps, quotas=("60 per minute",))  # type: ignore[arg-type]


def built(
    path: Path,
    entries: Iterable[Entry],
    *,
    of: Source,
    gaps: Sequence[Gap] = (),
    run: str = RUN,
    bounds: Bounds = BOUNDS,
    finished: datetime = FINISHED,
) -> Snapshot:
    """The snapshot of a journal with these entries, in a home under `path`."""
    home = Home.open(home_of(path / "home"))
    folder = journal(home.runs / run, entries)
    people = of.datasets["people"]
    about = facts(*gaps, finished=finished)
    manifest = build(folder, source=of, dataset=people, home=home, run_id=run, facts=about, bounds=bounds)
    return snapshot_of(home, manifest)


def snapshot_of(home: Home, manifest: Manifest) -> Snapshot:
    """The published snapshot of a manifest."""
    return Snapshot(home.snapshots / manifest.source / manifest.dataset / manifest.id, manifest)


def from_records(
    path: Path,
    records: Sequence[dict[str, Any]],
    *columns: Column,
    size: int = 10,
    bounds: Bounds = BOUNDS,
    run: str = RUN,
) -> Snapshot:
    """The snapshot of records that came in pages of `size`, without a key."""
    pages = [page(1 + at // size, records[at : at + size]) for at in range(0, max(len(records), 1), size)]
    return built(path, pages, of=source(*columns, key=None), bounds=bounds, run=run)
