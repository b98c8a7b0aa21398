"""The command that draws: takes a snapshot, a kind of chart and columns, gives its table with bars, JSON or CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from ladle.cli.completing import column_names, snapshot_names
from ladle.cli.drawing import say_chart, say_series
from ladle.cli.face import json_option, place_option, say_json
from ladle.cli.viewing import row_options, view_of
from ladle.cli.waiting import answer_to
from ladle.errors import BadInput, unknown
from ladle.explore.charting import KINDS
from ladle.explore.csv_text import csv_lines
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.public import series
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.shapes_of_charts import chart_shape, series_shape, series_table
from ladle.words import plural

SERIES = "series"


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.argument("kind")
@click.argument("columns", nargs=-1, metavar="COLUMN...", shell_complete=column_names)
@click.option("--bins", type=int, help="At most so many bins of a histogram, 2 to 200.")
@click.option("--value", default="", metavar="COLUMN", help="What a line tells of each bin: a column of numbers.")
@click.option("--how", default="", metavar="HOW", help="How a line sums it up: mean, min, max or sum.")
@click.option(
    "--unit", default="", metavar="UNIT", help="A line's bins: minute, hour, day, week, month, quarter, year …"
)
@click.option("--colour", default="", metavar="COLUMN", help="What a map tells of each place: a column of numbers.")
@click.option("--csv", "as_csv", is_flag=True, help="The table as CSV on standard output.")
@row_options
@place_option
@json_option
def chart(
    snapshot: str, kind: str, columns: tuple[str, ...], as_csv: bool, home: Home | Server, as_json: bool, **asked: Any
) -> None:
    """Show what a chart of a snapshot's rows shows: its table, on a terminal with bars.

    KIND is histogram, bars, heatmap (of two columns), line (over a column of times), map (of the columns of latitude
    and longitude), or series: the snapshots of the dataset one after another, their rows and what is in a column.
    """
    if as_csv and as_json:
        raise BadInput("--csv and --json are two forms.", hint="Choose one of them.")
    if kind not in (*KINDS, SERIES):
        raise BadInput(unknown("kind of chart", kind, (*KINDS, SERIES)))
    taken, form = find(snapshot, home=home), "csv" if as_csv else "json" if as_json else ""
    rows_asked = {name: asked.pop(name) for name in ("where", "search", "numbers")}
    if kind == SERIES:
        _refuse({**asked, **rows_asked})
        _say_series(home, taken, columns, form=form)
        return
    view = view_of(taken, **rows_asked)
    found = answer_to(
        lambda wait: taken.chart(kind, *columns, view=view, wait=wait, **asked),
        f"Looking through {plural(len(taken), 'row')}",
    )
    if form == "json":
        say_json(chart_shape(found))
    elif form == "csv":
        _say_csv(*found.table())
    else:
        say_chart(found, words=taken.words(view))


def _refuse(asked: dict[str, Any]) -> None:
    """A series is told by the profiles, which are of whole tables."""
    for name, value in asked.items():
        if value:
            told = {"numbers": "number"}.get(name, name)
            raise BadInput(f"--{told} means nothing to a series.", hint="Leave it out: a series is of whole snapshots.")


def _say_series(home: Home | Server, taken: Snapshot, columns: Sequence[str], *, form: str) -> None:
    if len(columns) > 1:
        raise BadInput(f"A series is of one column, not of {len(columns)}: {', '.join(columns)}.")
    of = columns[0] if columns else ""
    found = series(taken.dataset, of=of, home=home)
    if form == "json":
        say_json(series_shape(taken.dataset, found, of=of))
    elif form == "csv":
        _say_csv(*series_table(found, of=of))
    else:
        say_series(taken.dataset, found, of=of)


def _say_csv(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    for line in csv_lines(heads, lines):
        sys.stdout.buffer.write(line)
    sys.stdout.flush()
