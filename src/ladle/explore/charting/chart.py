"""A chart as a table: takes what a picture shows, gives its rows with values, counts and shares, alike for every kind.

Pages, API and command line show this table, so that all of them say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ladle.explore.bins import Bin
from ladle.explore.charting.bars import Bars
from ladle.explore.charting.heat import Heat
from ladle.explore.charting.histogram import Histogram
from ladle.explore.charting.line import Line
from ladle.explore.charting.points import Points
from ladle.explore.charting.slots import Slot
from ladle.explore.view import Filter

Kind = Literal["histogram", "bars", "heatmap", "line", "map"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A mark of a chart, and a line of its table."""

    values: tuple[Any, ...]
    """In the order of the chart's columns: a typed value, None, or a `Bin` of numbers or of times (in UTC)."""
    count: int
    share: float
    """Of the view's rows, from 0 to 1."""
    value: float | None
    """What is told of the rows' numbers, in the numbers' own unit; None where none is asked for, or none is there."""
    label: str
    """On a map, the text of the place's first row; else empty."""
    filters: tuple[Filter, ...]
    """Those that find the mark's rows within the view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart shows. The counts of its rows, `missing` and `rest` add up to `total`, the rows of the view."""

    kind: Kind
    columns: tuple[str, ...]
    total: int
    missing: int
    """Rows without a number, a time or a place."""
    rest: int
    """Rows with other values than those shown."""
    rows: tuple[ChartRow, ...]
    """Bins of numbers and times in their order, the empty ones too; all else by count, largest first."""
    how: str = "count"
    """What is told of each mark: its `count`, or of `value` the `mean`, `min`, `max` or `sum`."""
    value: str = ""
    """The column of numbers that is told, on a map by colour; empty where rows are counted alone."""
    unit: str = ""
    """Of a line: of the bins of time."""
    width: float | None = None
    """Of a histogram's bins, in the column's own unit; of the cells of a map's grid, in degrees."""
    distinct: int | None = None
    """Of bars all values, of a map all places, those that are not shown too."""
    label: str = ""
    """Of a map: the column that the labels are from."""

    @property
    def told(self) -> str:
        """What the rows' `value` is: `mean of mass`; empty where there is none."""
        return f"{self.how} of {self.value}" if self.value else ""

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Heads and lines as CSV has them: of a bin its two edges, then `count`, and what is told of the numbers."""
        binned = [any(isinstance(row.values[place], Bin) for row in self.rows) for place in range(len(self.columns))]
        heads = [self.label] if self.label else []
        for name, edges in zip(self.columns, binned, strict=True):
            heads += [f"{name} from", f"{name} to"] if edges else [name]
        heads += ["count", self.told] if self.told else ["count"]
        return heads, [self._line(row) for row in self.rows]

    def _line(self, row: ChartRow) -> list[Any]:
        line: list[Any] = [row.label] if self.label else []
        for value in row.values:
            line += [value.low, value.high] if isinstance(value, Bin) else [value]
        return [*line, row.count, row.value] if self.told else [*line, row.count]


def of_histogram(found: Histogram) -> Chart:
    """A row for each bin."""
    rows = [_row([each.slot], each.count, found.total) for each in found.bins]
    told = {"total": found.total, "missing": found.missing, "rest": 0, "width": found.width or None}
    return Chart(kind="histogram", columns=(found.column,), rows=tuple(rows), **told)  # type: ignore[arg-type]


def of_bars(found: Bars) -> Chart:
    """A row for each of the most frequent values."""
    rows = [_row([each.slot], each.count, found.total) for each in found.bars]
    told = {"total": found.total, "missing": 0, "rest": found.rest, "distinct": found.distinct}
    return Chart(kind="bars", columns=(found.column,), rows=tuple(rows), **told)  # type: ignore[arg-type]


def of_heat(found: Heat) -> Chart:
    """A row for each pair that occurs, largest first; ties as they stand, down and then across."""
    pairs = [
        _row([down, across], count, found.total)
        for down, counts in zip(found.down, found.cells, strict=True)
        for across, count in zip(found.across, counts, strict=True)
        if count
    ]
    rows = tuple(sorted(pairs, key=lambda row: -row.count))
    return Chart(kind="heatmap", columns=found.columns, total=found.total, missing=0, rest=found.rest, rows=rows)


def of_line(found: Line) -> Chart:
    """A row for each bin of time."""
    told = bool(found.value)
    rows = [_row([each.slot], each.count, found.total, value=each.value if told else None) for each in found.points]
    return Chart(
        kind="line",
        columns=(found.column,),
        total=found.total,
        missing=found.missing,
        rest=0,
        rows=tuple(rows),
        how=found.how,
        value=found.value,
        unit=found.unit if found.points else "",
    )


def of_points(found: Points, *, label: str) -> Chart:
    """A row for each place, or each cell of the grid."""
    total = found.total
    rows = [
        ChartRow((each.lat, each.lon), each.count, each.count / total, each.value, each.label, each.filters)
        for each in found.places
    ]
    return Chart(
        kind="map",
        columns=(found.lat, found.lon),
        total=total,
        missing=found.missing,
        rest=0,
        rows=tuple(rows),
        how="mean" if found.colour else "count",
        value=found.colour,
        width=found.cell,
        distinct=found.distinct,
        label=label if found.cell is None else "",
    )


def _row(slots: Sequence[Slot], count: int, total: int, *, value: float | None = None) -> ChartRow:
    filters = tuple(each for slot in slots for each in slot.filters)
    return ChartRow(tuple(map(_shown, slots)), count, count / total if total else 0.0, value, "", filters)


def _shown(slot: Slot) -> Any:
    return slot.low if slot.high is None else Bin(slot.low, slot.high, slot.text)
