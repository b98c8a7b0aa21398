"""Commands about looking: snapshots, show, count, profile."""

from __future__ import annotations

from typing import Any, get_args

import click

from ladle.cli.completing import column_names, dataset_names, snapshot_names
from ladle.cli.face import (
    err,
    json_option,
    part,
    place_option,
    plain,
    say_json,
    say_rows,
    say_table,
    size,
)
from ladle.cli.options import dataset_name
from ladle.cli.profiling import say_profile
from ladle.cli.viewing import again, row_options, view_of, view_options
from ladle.cli.waiting import wait_for
from ladle.explore.counts import Counts, Order
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import chosen
from ladle.home import Home
from ladle.public import all_snapshots
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.shapes import counts_shape, listed, one_row_shape, row_shape, snapshot_line
from ladle.words import plural

_OTHERS = "--columns shows those you name, --row a row with every value"


@click.command()
@click.argument("dataset", required=False, shell_complete=dataset_names)
@place_option
@json_option
def snapshots(dataset: str | None, home: Home | Server, as_json: bool) -> None:
    """List every snapshot ever taken, newest first; of one dataset when it is named."""
    found = all_snapshots(dataset, home=home)
    if dataset and not found:
        dataset_name(home, dataset)  # says so where there is no such dataset at all
    if as_json:
        say_json(listed([snapshot_line(manifest) for manifest in found]))
        return
    rows = [
        (
            m.id,
            m.name,
            m.rows,
            len(m.columns),
            "imported" if m.imported else m.requests,
            size(m.files["data.csv"].size),
            "complete" if m.complete else "incomplete",
        )
        for m in found
    ]
    columns = ("snapshot", "dataset", "rows", "columns", "requests", "data.csv", "state")
    say_table(columns, rows, right=("rows", "columns", "requests", "data.csv"))
    if not found:
        err.print(f"No snapshots yet. Take one with: ladle collect {dataset or 'swapi/people'}")


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.option("--offset", type=int, default=0, show_default=True, help="Rows to skip.")
@click.option("--limit", type=int, default=10, show_default=True, help="Rows to show, 1000 at most.")
@click.option("--row", type=int, help="One row alone, by its number in the table: every value in full.")
@view_options
@place_option
@json_option
def show(
    snapshot: str, offset: int, limit: int, row: int | None, home: Home | Server, as_json: bool, **asked: Any
) -> None:
    """Show rows of a snapshot: its id, or a dataset like swapi/people for the latest."""
    taken = find(snapshot, home=home)
    if row is not None:
        say_row(taken, row, as_json=as_json)
        return
    view = view_of(taken, **asked)
    wait_for(taken.prepare(view), f"Looking through {plural(len(taken), 'row')}")
    looked = taken.look(view, offset=offset, limit=limit)
    rows = looked.rows
    if as_json:
        say_json(listed([row_shape(row) for row in rows], count=looked.total))
        return
    say_rows([taken.columns[number] for number in chosen(view, taken.columns)], rows, others=_OTHERS)
    end, told = offset + len(rows), part(offset, len(rows))
    words = f" {taken.words(view)}" if view.narrowed else f", {taken.words(view)}" if view.sort else ""
    err.print(f"Showing {told} {plural(looked.total, 'row')}{words}, of {taken.dataset}, {taken.id}.", markup=False)
    if rows and end < looked.total:
        err.print(f"Go on with: {again(snapshot, view, offset=end)}", markup=False)


def say_row(taken: Snapshot, number: int, *, as_json: bool) -> None:
    """One row, a line for each column."""
    row = taken.row(number)
    if as_json:
        say_json(one_row_shape(taken.manifest, number, row))
        return
    say_table(("column", "value"), ((name, plain(value)) for name, value in row.items()))
    err.print(f"Row {number:,} of {taken.manifest.rows:,}, of {taken.dataset}, {taken.id}.", markup=False)


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.argument("terms", nargs=-1, metavar="COLUMN[:BIN]...", shell_complete=column_names)
@click.option("--offset", type=int, default=0, show_default=True, help="Combinations to skip.")
@click.option("--limit", type=int, default=50, show_default=True, help="Combinations to show.")
@click.option(
    "--order",
    type=click.Choice(get_args(Order)),
    default="count",
    show_default=True,
    help="Largest first, by first appearance, or by value.",
)
@row_options
@place_option
@json_option
def count(
    snapshot: str,
    terms: tuple[str, ...],
    offset: int,
    limit: int,
    order: Order,
    home: Home | Server,
    as_json: bool,
    **asked: Any,
) -> None:
    """Count the combinations of values of one or more columns, of those rows that are asked for.

    A column may have a bin: height:50, height:auto, created:month (year, quarter, month, day, hour).
    """
    taken = find(snapshot, home=home)
    view = view_of(taken, **asked)
    wait_for(taken.prepare_count(*terms, view=view, order=order), "Counting")
    counts = taken.count(*terms, view=view, offset=offset, limit=limit, order=order)
    if as_json:
        say_json(counts_shape(counts))
        return
    say_counts(counts)


def say_counts(counts: Counts) -> None:
    """Counts as a table, with shares."""
    rows = [(*(plain(value) for value in row.values), row.count, f"{row.share:.1%}") for row in counts.rows]
    say_table((*counts.columns, "count", "share"), rows, right=("count", "share"))
    found = f"{plural(counts.combinations, 'combination')} in {plural(counts.total_rows, 'row')}"
    err.print(f"{found}; showing {len(counts.rows):,}.")
    if (rest := counts.rest).combinations:
        err.print(f"{plural(rest.combinations, 'more combination')}: {plural(rest.count, 'row')}, {rest.share:.1%}.")


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@place_option
@json_option
def profile(snapshot: str, home: Home | Server, as_json: bool) -> None:
    """Show what is in each column: type, missing, distinct, range, mean, quantiles, most frequent values."""
    document = find(snapshot, home=home).profile()
    if as_json:
        say_json(document)
        return
    say_profile(document)
