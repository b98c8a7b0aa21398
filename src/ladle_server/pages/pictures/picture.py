"""A chart as its page shows it: takes the words of its marks and its table, gives each with the address of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ladle
from ladle.words import plural
from ladle_server.pages.charts.spark import widths
from ladle_server.pages.viewing import short_query
from ladle_server.pages.words import figure

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
    """A mark before it has its place in the page's table: what is told of it, and its row of the chart's."""

    text: str
    cells: tuple[tuple[str, object, bool], ...]
    row: ladle.ChartRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart. `shape` is what its template draws, `shapes` its marks, each with its line of the table."""

    template: str
    title: str
    total: int
    shape: Any
    shapes: tuple[tuple[Any, Line], ...]
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """What is to be said besides, each with the query of its rows, or none."""
    shared: bool = True
    """Whether shares and bars say something: not of places that have a row each."""

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The columns of the table before those of the rows, and whether they hold numbers."""
        return [(name, numeric) for name, _, numeric in self.lines[0].cells] if self.lines else []


@dataclass(frozen=True, slots=True)
class Scope:
    """A snapshot and the view of it that is drawn."""

    snapshot: ladle.Snapshot
    view: ladle.View
    wait: float | None = None
    """Seconds after which StillRunning is raised."""

    def query(self, *filters: ladle.Filter) -> str:
        """Of the page of the view's rows that pass these filters too."""
        return short_query(self.snapshot, replace(self.view, filters=(*self.view.filters, *filters)))

    def lines(self, marks: Sequence[Mark]) -> tuple[Line, ...]:
        """The table of the marks, in their order."""
        counts = [mark.row.count for mark in marks]
        bars = widths(counts, largest=max(counts, default=0))
        return tuple(
            Line(
                number=number,
                cells=mark.cells,
                count=mark.row.count,
                share=mark.row.share,
                width=width,
                query=self.query(*mark.row.filters) if mark.row.count else "",
                title=f"{mark.text}: {plural(mark.row.count, 'row')}",
            )
            for number, (mark, width) in enumerate(zip(marks, bars, strict=True), start=1)
        )

    def lines_of(self, chart: ladle.Chart) -> tuple[Line, ...]:
        """The table of a chart as it is: its columns, and what is told of each mark."""
        return self.lines([_mark(chart, row) for row in chart.rows])

    def missing(self, column: str, count: int, words: str) -> tuple[tuple[str, str], ...]:
        """What is said of the rows that have no place in a chart."""
        return (
            ((f"{plural(count, 'row')} without {words}", self.query(ladle.Filter(column, "isnull", "1"))),)
            if count
            else ()
        )


def _mark(chart: ladle.Chart, row: ladle.ChartRow) -> Mark:
    """Of a line, where the time alone has a name that needs no column's, with what is told of it."""
    pairs = list(zip(chart.columns, row.values, strict=True))
    cells: tuple[tuple[str, object, bool], ...] = tuple((name, _shown(value), False) for name, value in pairs)
    if chart.kind == "line":
        cells, text = ((chart.unit, _shown(row.values[0]), False),), words_of(row.values[0])
    else:
        text = ", ".join(f"{name} {named(words_of(value))}" for name, value in pairs)
    if chart.told:
        told = "–" if row.value is None else figure(row.value)
        cells, text = (*cells, (chart.told, told, True)), f"{text}: {told}"
    return Mark(text=text, cells=cells, row=row)


def words_of(value: object) -> str:
    """A value, or a bin, as a mark is told by it."""
    return "null" if value is None else ladle.text_of(value)


def named(value: str) -> str:
    """A value as a mark is told by it, cut where it is long."""
    return "(empty)" if not value else value if len(value) <= _LONGEST_TEXT else f"{value[: _LONGEST_TEXT - 1]}…"


def _shown(value: object) -> object:
    """A value as the table shows it, a bin in words."""
    return value.text if isinstance(value, ladle.Bin) else value
