"""A chart as its page shows it: takes a mark's words, count and filters, gives it with the address of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import ladle
from ladle_server.pages.charts.spark import widths
from ladle_server.pages.viewing import short_query

_LONGEST_TEXT = 200
"""Characters of a value that a mark is told by: a value may have a megabyte, and a heatmap 400 marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A mark of the chart and a row of the table beneath it."""

    number: int
    cells: tuple[tuple[str, object, bool], ...]
    """Of each column its head, its value, and whether that is a number."""
    count: int
    share: float
    width: float
    query: str
    """Of the page of its rows; empty where there are none, or an address can't hold it."""
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark before it has its place in the table: what is told of it, its rows, and the same as data."""

    text: str
    count: int
    filters: tuple[ladle.Filter, ...]
    cells: tuple[tuple[str, object, bool], ...]
    record: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart. `shape` is what its template draws, `shapes` its marks, each with its line of the table."""

    template: str
    title: str
    total: int
    shape: Any
    shapes: tuple[tuple[Any, Line], ...]
    lines: tuple[Line, ...]
    records: tuple[Mapping[str, object], ...]
    facts: tuple[tuple[str, str], ...] = ()
    """What is to be said besides, each with the query of its rows, or none."""
    head: Mapping[str, object] = field(default_factory=dict)

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The columns of the table before those of the rows, and whether they hold numbers."""
        return [(name, numeric) for name, _, numeric in self.lines[0].cells] if self.lines else []


@dataclass(frozen=True, slots=True)
class Scope:
    """A snapshot and the view of it that is drawn."""

    snapshot: ladle.Snapshot
    view: ladle.View

    def query(self, *filters: ladle.Filter) -> str:
        """Of the page of the view's rows that pass these filters too."""
        return short_query(self.snapshot, replace(self.view, filters=(*self.view.filters, *filters)))

    def lines(self, marks: Sequence[Mark], *, total: int) -> tuple[Line, ...]:
        """The table of the marks, in their order."""
        bars = widths([mark.count for mark in marks], largest=max((mark.count for mark in marks), default=0))
        return tuple(
            Line(
                number=number,
                cells=mark.cells,
                count=mark.count,
                share=mark.count / total if total else 0.0,
                width=width,
                query=self.query(*mark.filters) if mark.count else "",
                title=f"{mark.text}: {rows(mark.count)}",
            )
            for number, (mark, width) in enumerate(zip(marks, bars, strict=True), start=1)
        )

    def missing(self, column: str, count: int, words: str) -> list[tuple[str, str]]:
        """What is said of the rows that have no place in a chart."""
        return [(f"{rows(count)} without {words}", self.query(ladle.Filter(column, "isnull", "1")))] if count else []


def named(value: str) -> str:
    """A value as a mark is told by it, cut where it is long."""
    return "(empty)" if not value else value if len(value) <= _LONGEST_TEXT else f"{value[: _LONGEST_TEXT - 1]}…"


def rows(count: int) -> str:
    """So many rows in words."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def slot_record(name: str, slot: Any) -> dict[str, object]:
    """A place on an axis as data: its value, or where its bin begins and ends."""
    if slot.high is None:
        return {name: plain(slot.low)}
    return {f"{name} from": plain(slot.low), f"{name} to": plain(slot.high)}


def plain(value: object) -> object:
    """A value as JSON and CSV have it."""
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    return value
