"""The command about people's own SQL: takes a snapshot and one SELECT, gives rows of its result, or all as CSV."""

from __future__ import annotations

import sys

import click

from ladle.cli.completing import snapshot_names
from ladle.cli.face import err, json_option, part, place_option, say_json, say_rows
from ladle.errors import BadInput
from ladle.explore.sandbox import Selected
from ladle.home import Home
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.shapes import selected_shape
from ladle.words import plural


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.argument("query")
@click.option("--offset", type=int, default=0, show_default=True, help="Rows to skip.")
@click.option("--limit", type=int, default=10, show_default=True, help="Rows to show, 1000 at most.")
@click.option("--csv", "as_csv", is_flag=True, help="The whole result as CSV on standard output.")
@place_option
@json_option
def sql(snapshot: str, query: str, offset: int, limit: int, as_csv: bool, home: Home | Server, as_json: bool) -> None:
    """Run one SELECT on a snapshot, which is its table data.

    It can change nothing and reach nothing else: ladle sql swapi/people "SELECT name FROM data WHERE mass > 100"
    """
    taken = find(snapshot, home=home)
    if as_csv:
        if as_json:
            raise BadInput("--csv and --json are two forms.", hint="Choose one of them.")
        for piece in taken.sql_csv(query):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        return
    selected = taken.sql(query, offset=offset, limit=limit)
    if as_json:
        say_json(selected_shape(selected))
        return
    _say(selected, offset=offset)


def _say(selected: Selected, *, offset: int) -> None:
    say_rows(selected.columns, selected.rows, others="name them in the SELECT")
    end, told = offset + len(selected.rows), part(offset, len(selected.rows))
    least = "" if selected.exact else "at least "
    err.print(f"Showing {told} {least}{plural(selected.total, 'row')}.")
    if selected.rows and end < selected.total:
        err.print(f"Go on with: --offset {end}; or take all of them with: --csv")
