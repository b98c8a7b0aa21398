"""The charts of a snapshot's rows: takes a scope and a chart's table, gives its picture by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import ladle
from ladle.words import plural
from ladle_server.pages.charts import bars as bars_of
from ladle_server.pages.charts import columns as columns_of
from ladle_server.pages.charts import heat as heat_of
from ladle_server.pages.charts import line as line_of
from ladle_server.pages.charts.scales import percent, time_ticks
from ladle_server.pages.choices import called
from ladle_server.pages.pictures.picture import Picture, Scope, words_of
from ladle_server.pages.pictures.places import places
from ladle_server.pages.words import figure


def drawn(scope: Scope, chart: ladle.Chart) -> Picture:
    """The picture of a chart."""
    return _DRAWN[chart.kind](scope, chart)


def _histogram(scope: Scope, chart: ladle.Chart) -> Picture:
    """How a column's numbers are spread."""
    (column,), bins, lines = chart.columns, [row.values[0] for row in chart.rows], scope.lines_of(chart)
    edges = [float(each.low) for each in bins] + [float(each.high) for each in bins[-1:]]
    single = bool(bins) and " to " not in bins[0].text
    shape = columns_of.columns([row.count for row in chart.rows], edges=edges, single=single)
    return Picture(
        template="histogram",
        title=f"Rows by {called(column)}" + (f", in bins of {figure(chart.width or 0)}" if not single and bins else ""),
        total=chart.total,
        shape=shape,
        shapes=tuple(zip(shape.columns, lines, strict=True)),
        lines=lines,
        facts=scope.missing(column, chart.missing, f"a number in {column}"),
    )


def _bars(scope: Scope, chart: ladle.Chart) -> Picture:
    """A column's most frequent values."""
    lines, more = scope.lines_of(chart), (chart.distinct or 0) - len(chart.rows)
    shape = bars_of.rows([words_of(row.values[0]) for row in chart.rows], [row.count for row in chart.rows])
    others = f"{more:,} more {'value' if more == 1 else 'values'}"
    return Picture(
        template="bars",
        title=f"Rows by {called(chart.columns[0])}",
        total=chart.total,
        shape=shape,
        shapes=tuple(zip(shape.rows, lines, strict=True)),
        lines=lines,
        facts=((f"{others} in {plural(chart.rest, 'row')}", ""),) if chart.rest else (),
    )


def _heat(scope: Scope, chart: ladle.Chart) -> Picture:
    """Two columns against each other: the cells of the whole table, in the order of the chart's rows."""
    (down, across), lines = chart.columns, scope.lines_of(chart)
    found = scope.snapshot.heat(down, across, view=scope.view, wait=scope.wait)  # the chart's own, which is kept
    texts = [[slot.text for slot in slots] for slots in (found.down, found.across)]
    shape = heat_of.heat(found.cells, down=texts[0], across=texts[1])
    cells = sorted(shape.cells, key=lambda cell: -found.cells[cell.row][cell.column])
    return Picture(
        template="heat",
        title=f"Rows by {called(down)} and {called(across)}",
        total=chart.total,
        shape=shape,
        shapes=tuple(zip(cells, lines, strict=True)),
        lines=lines,
        facts=((f"{plural(chart.rest, 'row')} with other values, or with none", ""),) if chart.rest else (),
    )


def _line(scope: Scope, chart: ladle.Chart) -> Picture:
    """Rows, or what is told of a number, over time."""
    what, (column,), lines = chart.told or "rows", chart.columns, scope.lines_of(chart)
    shape = _line_shape(chart)
    alone = f"one {chart.unit or 'time'} only, so that there is no line to draw"
    return Picture(
        template="line",
        title=f"{what[0].upper()}{what[1:]} by {called(column)}" + (f", each {chart.unit}" if chart.unit else ""),
        total=chart.total,
        shape=shape,
        shapes=tuple((dot, lines[dot.place]) for dot in shape.dots) if shape else (),
        lines=lines,
        facts=(
            *(((alone, ""),) if len(chart.rows) == 1 else ()),
            *scope.missing(column, chart.missing, f"a time in {column}"),
        ),
    )


def _line_shape(chart: ladle.Chart) -> line_of.Line | None:
    """Each value in the middle of its bin."""
    if not chart.rows:
        return None
    bins: list[ladle.Bin] = [row.values[0] for row in chart.rows]
    low, high = bins[0].low, bins[-1].high
    ends = low.timestamp(), high.timestamp()
    at = [percent((each.low + (each.high - each.low) / 2).timestamp(), *ends) for each in bins]
    across = time_ticks(low, max(high, low + timedelta(minutes=1)), least=chart.unit or "minute")
    counted = chart.how == "count"
    values = [row.count if counted else row.value for row in chart.rows]
    return line_of.line(values, at=at, across=across, from_zero=chart.how in ("count", "sum"), whole=counted)


_DRAWN: Mapping[str, Callable[[Scope, ladle.Chart], Picture]] = {
    "histogram": _histogram,
    "bars": _bars,
    "heatmap": _heat,
    "line": _line,
    "map": places,
}
