"""A chart in the terminal: takes its table, gives lines with bars as wide as there is room; elsewhere without bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len

from ladle.cli.face import err, in_a_line, out, plain, say_table
from ladle.explore.charting import Chart, ChartRow
from ladle.explore.series import SeriesRow
from ladle.words import plural

_LEAST, _MOST = 8, 60
"""Columns of the terminal that a bar takes: with less room there are none."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_GAP = 2
_CALLED = {"line": "line over time"}


def say_chart(chart: Chart, *, words: str) -> None:
    """The table of a chart: what each mark stands for, its rows and their share, and what is told of its numbers."""
    named, told = [chart.label] if chart.label else [], [chart.told] if chart.told else []
    heads = [*named, *chart.columns, *told, "rows", "share"]
    right = [*told, *(chart.columns if chart.kind == "map" else ()), "rows", "share"]
    lines = [_line(chart, row) for row in chart.rows]
    if chart.kind == "map" and all(row.count == 1 for row in chart.rows):  # shares and bars would all be the same
        say_table(heads[:-1], [line[:-1] for line in lines], right=right)
    else:
        sizes = [row.value if chart.kind == "line" and told else row.count for row in chart.rows]
        _say(heads, lines, sizes, right=right)
    where = f" {words}" if words else ""
    called = _CALLED.get(chart.kind, chart.kind)
    err.print(
        f"{called[0].upper()}{called[1:]} of {plural(chart.total, 'row')}{where}{_left_out(chart)}.", markup=False
    )


def _line(chart: Chart, row: ChartRow) -> list[Any]:
    named = [row.label] if chart.label else []
    told = [None if row.value is None else figure(row.value)] if chart.told else []
    return [*named, *(plain(value) for value in row.values), *told, row.count, f"{row.share:.1%}"]


def say_series(dataset: str, rows: Sequence[SeriesRow], *, of: str) -> None:
    """Snapshots one below the other, with bars of the column's mean where it has one, else of their rows."""
    heads = ["snapshot", "taken", "state", "rows", *(("mean", "missing", "distinct") if of else ())]
    lines = []
    for row in rows:
        state = "complete" if row.complete else "incomplete"
        mean = None if row.mean is None else figure(row.mean)
        line = [row.id, f"{row.taken:%Y-%m-%d %H:%M}", state, row.rows, mean, row.missing, row.distinct]
        lines.append(line[: len(heads)])
    means = any(row.mean is not None for row in rows)
    _say(heads, lines, [row.mean if means else row.rows for row in rows], right=heads[3:])
    told = f": {of}" if of else ""
    err.print(f"{plural(len(rows), 'snapshot')} of {dataset}, oldest first{told}.", markup=False)


def figure(value: float) -> str:
    """A number that was worked out, in six digits.

    >>> figure(174.35802469), figure(1358.0)
    ('174.358', '1358')
    """
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.15g}"


def bar(size: float, largest: float, *, width: int, ascii_only: bool = False) -> str:
    """A bar of `width` columns for the largest; one that is not 0 is always to be seen.

    >>> bar(5, 10, width=8), bar(1, 1000, width=8), bar(0, 10, width=8), bar(5, 10, width=8, ascii_only=True)
    ('████', '▏', '', '####')
    """
    if size <= 0:
        return ""
    eighths = max(1, round(8 * width * size / largest))
    if ascii_only:
        return "#" * max(1, eighths // 8)
    return (_EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def _say(
    heads: Sequence[str], lines: Sequence[Sequence[Any]], sizes: Sequence[float | None], *, right: Sequence[str]
) -> None:
    """The table, on a terminal with a bar for each size; none where one is below 0, from which no bar begins."""
    width, known = _room(heads, lines), [size or 0.0 for size in sizes]
    if width < _LEAST or min(known, default=0.0) < 0 or not any(known):
        say_table(heads, lines, right=right)
        return
    drawn = [bar(size, max(known), width=width, ascii_only=out.options.ascii_only) for size in known]
    say_table([*heads, ""], [[*line, each] for line, each in zip(lines, drawn, strict=True)], right=right)


def _room(heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> int:
    """How wide a bar can be; 0 where the output is no terminal."""
    if not out.is_terminal:
        return 0
    texts = [[in_a_line(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in line] for line in lines]
    taken = sum(max(map(cell_len, column)) + _GAP for column in zip(heads, *texts, strict=True))
    return min(out.width - taken, _MOST)


def _left_out(chart: Chart) -> str:
    """What has no mark, in words."""
    lacks = {"histogram": "number", "line": "time", "map": "place"}.get(chart.kind, "")
    parts = [f"{plural(chart.missing, 'row')} without a {lacks}"] if chart.missing else []
    parts += [f"{plural(chart.rest, 'row')} with other values"] if chart.rest else []
    parts += [f"in bins of {figure(chart.width)}"] if chart.kind == "histogram" and chart.width else []
    parts += [f"by the cells of a grid of {figure(chart.width)}°"] if chart.kind == "map" and chart.width else []
    return "".join(f", {part}" for part in parts)
