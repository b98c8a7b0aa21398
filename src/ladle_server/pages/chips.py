"""The parts of a view: takes a snapshot, a view and what makes queries, gives each in words and the query without it.

Pages differ in what else their addresses hold, so they bring what makes the query of a view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import ladle

Query = Callable[[ladle.View], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A part of the view, in words, and the query without it."""

    text: str
    without: str


def narrowing(snapshot: ladle.Snapshot, view: ladle.View, query: Query) -> list[Chip]:
    """What decides which rows a view has: its filters and its search."""
    found = of_filters(snapshot, view, query)
    if view.search.strip():
        words = snapshot.words(ladle.View(search=view.search))
        found.append(Chip(text=words, without=query(replace(view, search=""))))
    return found


def of_filters(snapshot: ladle.Snapshot, view: ladle.View, query: Query) -> list[Chip]:
    """Its filters."""
    found = []
    for place, each in enumerate(view.filters):
        words = snapshot.words(ladle.View(filters=(each,), numbers=view.numbers)).removeprefix("where ")
        left = replace(view, filters=view.filters[:place] + view.filters[place + 1 :])
        found.append(Chip(text=words, without=query(left)))
    return found


def of_sorts(snapshot: ladle.Snapshot, view: ladle.View, query: Query) -> list[Chip]:
    """What it is sorted by."""
    found = []
    for place, each in enumerate(view.sort):
        words = snapshot.words(ladle.View(sort=(each,), numbers=view.numbers))
        left = replace(view, sort=view.sort[:place] + view.sort[place + 1 :])
        found.append(Chip(text=words, without=query(left)))
    return found
