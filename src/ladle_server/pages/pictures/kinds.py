"""The charts of a snapshot's rows: takes a scope and columns, gives a histogram, bars, a heatmap or a line."""

from __future__ import annotations

from datetime import timedelta

import ladle
from ladle_server.pages.charts import bars as bars_of
from ladle_server.pages.charts import columns as columns_of
from ladle_server.pages.charts import heat as heat_of
from ladle_server.pages.charts import line as line_of
from ladle_server.pages.charts.scales import percent, time_ticks
from ladle_server.pages.pictures.picture import Mark, Picture, Scope, named, rows, slot_record
from ladle_server.pages.words import figure


def histogram(scope: Scope, column: str) -> Picture:
    """How a column's numbers are spread."""
    found = scope.snapshot.histogram(column, view=scope.view)
    marks = [
        Mark(
            text=f"{column} {bin_.slot.text}",
            count=bin_.count,
            filters=bin_.slot.filters,
            cells=((column, bin_.slot.text, False),),
            record={**slot_record(column, bin_.slot), "count": bin_.count},
        )
        for bin_ in found.bins
    ]
    lines = scope.lines(marks, total=found.total)
    edges = [float(bin_.slot.low) for bin_ in found.bins] + [float(bin_.slot.high) for bin_ in found.bins[-1:]]
    single = bool(found.bins) and " to " not in found.bins[0].slot.text
    shape = columns_of.columns([bin_.count for bin_ in found.bins], edges=edges, single=single)
    return Picture(
        template="histogram",
        title=f"Rows by {column}" + (f", in bins of {figure(found.width)}" if not single and found.bins else ""),
        total=found.total,
        shape=shape,
        shapes=tuple(zip(shape.columns, lines, strict=True)),
        lines=lines,
        records=tuple(mark.record for mark in marks),
        facts=tuple(scope.missing(column, found.missing, f"a number in {column}")),
        head={"total_rows": found.total, "missing": found.missing, "width": found.width},
    )


def bars(scope: Scope, column: str) -> Picture:
    """A column's most frequent values."""
    found = scope.snapshot.bars(column, view=scope.view)
    marks = [
        Mark(
            text=f"{column} {named(bar.slot.text)}",
            count=bar.count,
            filters=bar.slot.filters,
            cells=((column, bar.slot.low, False),),
            record={**slot_record(column, bar.slot), "count": bar.count},
        )
        for bar in found.bars
    ]
    lines = scope.lines(marks, total=found.total)
    shape = bars_of.rows([bar.slot.text for bar in found.bars], [bar.count for bar in found.bars])
    others = f"{found.others:,} more {'value' if found.others == 1 else 'values'}"
    return Picture(
        template="bars",
        title=f"Rows by {column}",
        total=found.total,
        shape=shape,
        shapes=tuple(zip(shape.rows, lines, strict=True)),
        lines=lines,
        records=tuple(mark.record for mark in marks),
        facts=((f"{others} in {rows(found.rest)}", ""),) if found.rest else (),
        head={"total_rows": found.total, "distinct": found.distinct, "rest": found.rest},
    )


def heat(scope: Scope, down: str, across: str) -> Picture:
    """Two columns against each other; the table has the pairs that occur, most rows first."""
    found = scope.snapshot.heat(down, across, view=scope.view)
    texts = [[slot.text for slot in slots] for slots in (found.down, found.across)]
    shape = heat_of.heat(found.cells, down=texts[0], across=texts[1])
    marks = []
    for cell in shape.cells:
        a, b, count = found.down[cell.row], found.across[cell.column], found.cells[cell.row][cell.column]
        cells = ((down, _shown(a), False), (across, _shown(b), False))
        record = {**slot_record(down, a), **slot_record(across, b), "count": count}
        text = f"{down} {named(a.text)}, {across} {named(b.text)}"
        marks.append(Mark(text=text, count=count, filters=a.filters + b.filters, cells=cells, record=record))
    order = sorted(range(len(marks)), key=lambda place: -marks[place].count)
    lines = scope.lines([marks[place] for place in order], total=found.total)
    return Picture(
        template="heat",
        title=f"Rows by {down} and {across}",
        total=found.total,
        shape=shape,
        shapes=tuple(zip((shape.cells[place] for place in order), lines, strict=True)),
        lines=lines,
        records=tuple(marks[place].record for place in order),
        facts=((f"{rows(found.rest)} with other values, or with none", ""),) if found.rest else (),
        head={"total_rows": found.total, "rest": found.rest},
    )


def line(scope: Scope, column: str, *, value: str, how: str, unit: str) -> Picture:
    """Rows, or what is told of a number, over time."""
    found = scope.snapshot.line(column, view=scope.view, value=value, how=how, unit=unit)
    what = "rows" if found.how == "count" else f"{found.how} of {value}"
    marks = []
    for point in found.points:
        cells: tuple[tuple[str, object, bool], ...] = ((found.unit, point.slot.text, False),)
        record = {**slot_record(column, point.slot), "count": point.count}
        text = f"{point.slot.text}"
        if value:
            shown = "–" if point.value is None else figure(point.value)
            cells, record = (*cells, (what, shown, True)), {**record, what: point.value}
            text += f": {shown}"
        marks.append(Mark(text=text, count=point.count, filters=point.slot.filters, cells=cells, record=record))
    lines = scope.lines(marks, total=found.total)
    return Picture(
        template="line",
        title=f"{what[0].upper()}{what[1:]} by {column}, each {found.unit}",
        total=found.total,
        shape=(shape := _line_shape(found)),
        shapes=tuple((dot, lines[dot.place]) for dot in shape.dots) if shape else (),
        lines=lines,
        records=tuple(mark.record for mark in marks),
        facts=tuple(scope.missing(column, found.missing, f"a time in {column}")),
        head={"total_rows": found.total, "missing": found.missing, "unit": found.unit},
    )


def _line_shape(found: ladle.Line) -> line_of.Line | None:
    """Each value in the middle of its bin."""
    if not found.points:
        return None
    low, high = found.points[0].slot.low, found.points[-1].slot.high
    ends = low.timestamp(), high.timestamp()
    at = [
        percent((point.slot.low + (point.slot.high - point.slot.low) / 2).timestamp(), *ends) for point in found.points
    ]
    across = time_ticks(low, max(high, low + timedelta(minutes=1)))
    count = found.how == "count"
    values = [point.value for point in found.points]
    return line_of.line(values, at=at, across=across, from_zero=found.how in ("count", "sum"), whole=count)


def _shown(slot: ladle.Slot) -> object:
    """A value as the table shows it, a bin in words."""
    return slot.low if slot.high is None else slot.text
