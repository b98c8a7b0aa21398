"""A dataset that is a SELECT, for tests: takes people, planets and the SELECT, gives the snapshot that is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ladle.explore.snapshot import Snapshot
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.sources.source import Column, Dataset, Source
from tests.snapshots.kit import BASE_URL, built, page, person, source

PLANETS = [
    {"url": f"{BASE_URL}planets/{number}/", "name": name, "climate": climate}
    for number, (name, climate) in enumerate([("Tatooine", "arid"), ("Alderaan", "temperate"), ("Hoth", None)], 1)
]
PEOPLE = [person(number, home=f"{BASE_URL}planets/{1 + number % 3}/", mass=number * 10) for number in range(1, 8)]


def of(sql: str, *columns: Column, tables: Sequence[str] = ("people", "planets"), **changes: Any) -> Source:
    """The API of people and planets whose dataset `stars/people` is a SELECT."""
    own = source(*columns, **changes)
    dataset = Dataset(name="people", title="People", resource="people", columns=columns, sql=sql, tables=tuple(tables))
    return replace(own, datasets={"people": dataset})


def selected(
    path: Path,
    sql: str,
    *columns: Column,
    people: Sequence[dict[str, Any]] = PEOPLE,
    planets: Sequence[dict[str, Any]] = PLANETS,
    counts: tuple[int | None, int | None] = (None, None),
    bounds: Bounds = BOUNDS,
    **changes: Any,
) -> Snapshot:
    """Its snapshot; `counts` are what the API says that there are of each."""
    pages = [page(1, people, count=counts[0]), page(1, planets, count=counts[1], resource="planets")]
    return built(path, pages, of=of(sql, *columns, **changes), bounds=bounds)
