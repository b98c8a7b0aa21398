"""What is clicked: takes a server's addresses and a number of rows, gives clicks of several kinds, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from urllib.parse import urlencode

from bench.explore.questions import FEW, PAGE
from bench.explore.stations import WORLDS

Clicks = dict[str, tuple[float, list[str]]]
"""Of each kind its weight and addresses."""
ROWS_DATA, ROWS_PAGE, COUNTS_DATA = "rows as JSON", "rows as a page", "counts as JSON"
VARIETY = 2000
"""Addresses of rows: more than any cache of answers would hold by chance, and other ones for each kind."""


def offsets(rows: int, *, number: int = VARIETY, seed: int = 0) -> Iterator[int]:
    """Anywhere in the table."""
    random = Random(seed)
    return (random.randrange(1, max(2, rows - PAGE)) for _ in range(number))


def of_ladle(place: str, *, rows: int) -> dict[str, Clicks]:
    """Each kind alone; `place` is what a snapshot's addresses begin with."""
    counts = urlencode([("by", name) for name in FEW])
    return {
        ROWS_DATA: _one(ROWS_DATA, [f"/api/v1/{place}/rows?_offset={each}" for each in offsets(rows)]),
        ROWS_PAGE: _one(ROWS_PAGE, [f"/{place}/?_offset={each}" for each in offsets(rows)]),
        COUNTS_DATA: _one(COUNTS_DATA, [f"/api/v1/{place}/counts?{counts}"]),
    }


def of_datasette(place: str, *, rows: int, tuned: bool) -> dict[str, Clicks]:
    """The same of Datasette; tuned without the counts that its pages come with."""
    quickly = "&_nocount=1" if tuned else ""
    by = ", ".join(FEW)
    statement = f"select {by}, count(*) as n from stations group by {by} order by n desc limit 10"
    rest = f"?_size={PAGE}{quickly}&_next="
    return {
        ROWS_DATA: _one(ROWS_DATA, [f"{place}/stations.json{rest}{each}&_shape=array" for each in offsets(rows)]),
        ROWS_PAGE: _one(ROWS_PAGE, [f"{place}/stations{rest}{each}" for each in offsets(rows)]),
        COUNTS_DATA: _one(COUNTS_DATA, [f"{place}.json?{urlencode({'sql': statement, '_shape': 'array'})}"]),
    }


def of_people(place: str, *, rows: int) -> Clicks:
    """What people do with a snapshot's pages: mostly they turn them."""
    page = f"/{place}/"
    worlds = [f"World {number}" for number in range(0, WORLDS, 5)]
    filtered = [{"world": world, "active": "true", "_offset": number} for world in worlds for number in (0, 50)]
    deep = list(offsets(rows, number=200, seed=3))
    ordered = [{"_sort": sort, "_offset": number} for sort in ("-mass", "temperature,-mass") for number in deep]
    by = [urlencode([("by", name) for name in names]) for names in (("world",), FEW, ("country",))]
    return {
        "rows": (55, [f"{page}?_offset={each}" for each in offsets(rows, seed=1)]),
        "go to a row": (5, [f"{page}?_row={each}" for each in offsets(rows, seed=2)]),
        "filtered": (12, [f"{page}?{urlencode(query)}" for query in filtered]),
        "sorted": (8, [f"{page}?{urlencode(query)}" for query in ordered]),
        "counts": (8, [f"{page}counts/?{query}" for query in by]),
        "columns": (7, [f"{page}columns/"]),
        "snapshots": (5, ["/snapshots/"]),
    }


def _one(kind: str, paths: list[str]) -> Clicks:
    return {kind: (1, paths)}
