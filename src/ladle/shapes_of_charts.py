"""How charts look as JSON: takes a chart's table or a dataset's series, gives documents, the same in all faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ladle.explore.charting import Chart
from ladle.explore.series import SeriesRow
from ladle.shapes import Shape, cell, listed


def chart_shape(chart: Chart) -> Shape:
    """A chart; `count` is the number of its marks, `total_rows` of the view's rows. What a kind has none of is null."""
    results = [
        {
            "values": {name: cell(value) for name, value in zip(chart.columns, row.values, strict=True)},
            "count": row.count,
            "share": row.share,
            "value": row.value,
            "label": row.label if chart.label else None,
        }
        for row in chart.rows
    ]
    return {
        "kind": chart.kind,
        "of": list(chart.columns),
        "value": chart.value or None,
        "how": chart.how,
        "unit": chart.unit or None,
        "width": chart.width,
        "distinct": chart.distinct,
        "total_rows": chart.total,
        "missing": chart.missing,
        "rest": chart.rest,
        **listed(results),
    }


def series_table(rows: Sequence[SeriesRow], *, of: str) -> tuple[list[str], list[list[Any]]]:
    """Heads and lines as CSV has them; without a column, without what is told of it."""
    heads = ["id", "taken_at", "complete", "rows", *(("mean", "missing", "distinct") if of else ())]
    lines = [[row.id, row.taken, row.complete, row.rows, row.mean, row.missing, row.distinct] for row in rows]
    return heads, [line[: len(heads)] for line in lines]


def series_shape(dataset: str, rows: Sequence[SeriesRow], *, of: str) -> Shape:
    """Snapshots one after another, oldest first; without a column, `of` and what is told of it are null."""
    results = [
        {
            "id": row.id,
            "taken_at": cell(row.taken),
            "complete": row.complete,
            "rows": row.rows,
            "mean": row.mean,
            "missing": row.missing,
            "distinct": row.distinct,
        }
        for row in rows
    ]
    return {"dataset": dataset, "of": of or None, **listed(results)}
