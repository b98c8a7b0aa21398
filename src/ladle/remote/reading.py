"""What was asked of a snapshot, read back: takes the API's shapes, gives the types that a home answers in; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ladle.explore.bins import Bin
from ladle.explore.charting.chart import Chart, ChartRow
from ladle.explore.charting.slots import time_slot, value_slot
from ladle.explore.charting.times import Span
from ladle.explore.counts import CountRow
from ladle.explore.diff import ColumnDiff, RowDiff
from ladle.explore.differing import Differing
from ladle.explore.history import Moment
from ladle.explore.sandbox import Selected
from ladle.explore.series import SeriesRow
from ladle.explore.view import Filter
from ladle.remote.refusal import known
from ladle.remote.values import Types, row_of, types_of, value_of
from ladle.snapshots.manifest import Manifest, TableColumn

Told = Mapping[str, Any]


@known
def count_row(told: Told, types: Types) -> CountRow:
    """A combination; the name of a term with a bin begins with its column's."""
    values = tuple(value_of(_kind(name, types), value) for name, value in told["values"].items())
    return CountRow(values, told["count"], told["share"])


@known
def chart(told: Told, columns: Sequence[TableColumn]) -> Chart:
    """A chart's table; the filters of its marks follow from their values, but for the cells of a map's grid."""
    named = next((column.name for column in columns if column.type == "text"), "")
    labelled = told["kind"] == "map" and told["width"] is None
    return Chart(
        kind=told["kind"],
        columns=tuple(told["of"]),
        total=told["total_rows"],
        missing=told["missing"],
        rest=told["rest"],
        rows=tuple(
            _mark(row, types_of(columns), filtered=told["kind"] != "map" or labelled) for row in told["results"]
        ),
        how=told["how"],
        value=told["value"] or "",
        unit=told["unit"] or "",
        width=told["width"],
        distinct=told["distinct"],
        label=named if labelled else "",
    )


@known
def selected(told: Told) -> Selected:
    """A page of a query's result."""
    columns = tuple(TableColumn(each["name"], each["type"]) for each in told["columns"])
    rows = [row_of(types_of(columns), row) for row in told["results"]]
    return Selected(columns=columns, rows=rows, total=told["count"], exact=told["exact"])


@known
def series_row(told: Told) -> SeriesRow:
    """One snapshot of a series."""
    return SeriesRow(
        taken=datetime.fromisoformat(told["taken_at"]), **{k: v for k, v in told.items() if k != "taken_at"}
    )


@known
def column_diff(told: Told) -> ColumnDiff:
    """A column of either snapshot."""
    return ColumnDiff(name=told["name"], before=told["before"], after=told["after"], cells=told["changed"])


@known
def differing(told: Told) -> Differing:
    """The numbers of what differs; the rows themselves stay on the server."""
    kinds = (told["added"], told["removed"], told["changed"])
    return Differing(Path(), kinds, {number: each["changed"] for number, each in enumerate(told["columns"])})


@known
def row_diff(told: Told, before: Types, after: Types) -> RowDiff:
    """A row that differs."""
    rows = {
        name: None if told[name] is None else row_of(types, told[name])
        for name, types in (("before", before), ("after", after))
    }
    return RowDiff(kind=told["kind"], changed=tuple(told["changed"]), **rows)


@known
def moments(told: Sequence[Told], manifest_of: Callable[[str], Manifest]) -> list[Moment]:
    """A record in snapshot after snapshot; the row before is typed as the snapshot was that could tell last."""
    found: list[Moment] = []
    before: Types = {}
    for each in told:
        manifest = manifest_of(each["snapshot"])
        types = types_of(manifest.columns)
        found.append(
            Moment(
                snapshot=manifest,
                fate=each["fate"],
                row=None if each["row"] is None else row_of(types, each["row"]),
                changed=tuple(each["changed"]),
                before=None if each["before"] is None else row_of(before, each["before"]),
                note=each["note"],
            )
        )
        before = types if each["fate"] != "unknown" else before
    return found


def _kind(name: str, types: Types) -> Any:
    return types.get(name, types.get(name.rpartition(":")[0]))


def _mark(told: Told, types: Types, *, filtered: bool) -> ChartRow:
    values = {name: value_of(types.get(name), value) for name, value in told["values"].items()}
    filters = tuple(each for name, value in values.items() for each in _filters(name, value)) if filtered else ()
    label = told["label"] or ""
    return ChartRow(tuple(values.values()), told["count"], told["share"], told["value"], label, filters)


def _filters(column: str, value: Any) -> tuple[Filter, ...]:
    if not isinstance(value, Bin):
        return value_slot(column, value).filters
    if isinstance(value.low, datetime):
        return time_slot(column, Span(value.low, value.high), unit="day").filters
    return Filter(column, "gte", str(value.low)), Filter(column, "lt", str(value.high))
