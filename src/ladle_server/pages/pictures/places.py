"""The map of a snapshot's rows: takes a scope and a map's table, gives land and points."""

from __future__ import annotations

import ladle
from ladle.words import plural
from ladle_server.pages.charts import map as map_of
from ladle_server.pages.pictures.picture import Mark, Picture, Scope, named
from ladle_server.pages.words import figure


def places(scope: Scope, chart: ladle.Chart) -> Picture:
    """Every place, or where there are too many of them the cells of a grid."""
    lines = scope.lines([_mark(chart, row) for row in chart.rows])
    shape = map_of.drawn(
        [(row.values[0], row.values[1]) for row in chart.rows],
        counts=[row.count for row in chart.rows],
        values=[row.value for row in chart.rows],
    )
    return Picture(
        template="map",
        title="Map of the rows" + (f", by {chart.value}" if chart.value else ""),
        total=chart.total,
        shape=shape,
        shapes=tuple(zip(shape.dots, lines, strict=True)),
        lines=lines,
        facts=tuple((words, "") for words in _facts(chart)),
        shared=any(row.count > 1 for row in chart.rows),
    )


def _mark(chart: ladle.Chart, row: ladle.ChartRow) -> Mark:
    """Told by the text of its first row, where it is a place."""
    (lat, lon), (y, x) = chart.columns, row.values
    shown = "–" if row.value is None else figure(row.value)
    cells: tuple[tuple[str, object, bool], ...] = ((lat, f"{y:.6g}", True), (lon, f"{x:.6g}", True))
    cells = ((chart.label, row.label, False), *cells) if chart.label else cells
    text = named(row.label) if row.label else f"{lat} {y:.6g}, {lon} {x:.6g}"
    if not chart.value:
        return Mark(text=text, cells=cells, row=row)
    return Mark(text=f"{text}, {chart.value} {shown}", cells=(*cells, (chart.value, shown, True)), row=row)


def _facts(chart: ladle.Chart) -> list[str]:
    missing = [f"{plural(chart.missing, 'row')} without a place"] if chart.missing else []
    if chart.width is None:
        return missing
    told = f"{chart.distinct:,} places are told by the cells of a grid of {figure(chart.width)}°"
    return [*missing, f"{told}, each dot at the middle of its rows"]
