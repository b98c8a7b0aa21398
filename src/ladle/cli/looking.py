"""Commands about looking: snapshots, show, count, profile, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from ladle.cli.face import (
    err,
    home_option,
    json_option,
    out,
    part,
    plain,
    say_json,
    say_rows,
    say_table,
    size,
    write_file,
)
from ladle.cli.options import dataset_name
from ladle.cli.viewing import again, tell_work, view_of, view_options
from ladle.errors import BadInput
from ladle.explore.counts import Counts
from ladle.explore.export import KINDS
from ladle.explore.snapshot import Snapshot, all_snapshots, find
from ladle.explore.view import chosen
from ladle.home import Home
from ladle.shapes import counts_shape, listed, one_row_shape, row_shape, snapshot_line
from ladle.words import plural


@click.command()
@click.argument("dataset", required=False)
@home_option
@json_option
def snapshots(dataset: str | None, home: Home, as_json: bool) -> None:
    """List every snapshot ever taken, newest first; of one dataset when it is named."""
    found = all_snapshots(home, dataset=dataset)
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
            m.requests,
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
@click.argument("snapshot")
@click.option("--offset", type=int, default=0, show_default=True, help="Rows to skip.")
@click.option("--limit", type=int, default=10, show_default=True, help="Rows to show, 1000 at most.")
@click.option("--row", type=int, help="One row alone, by its number in the table: every value in full.")
@view_options
@home_option
@json_option
def show(snapshot: str, offset: int, limit: int, row: int | None, home: Home, as_json: bool, **asked: Any) -> None:
    """Show rows of a snapshot: its id, or a dataset like swapi/people for the latest."""
    taken = find(home, snapshot)
    if row is not None:
        say_row(taken, row, as_json=as_json)
        return
    view = view_of(taken, **asked)
    tell_work(taken, view)
    looked = taken.look(view, offset=offset, limit=limit)
    rows = looked.rows
    if as_json:
        say_json(listed([row_shape(row) for row in rows], count=looked.total))
        return
    say_rows([taken.columns[number] for number in chosen(view, taken.columns)], rows)
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
@click.argument("snapshot")
@click.argument("columns", nargs=-1, metavar="COLUMN...")
@click.option("--offset", type=int, default=0, show_default=True, help="Combinations to skip.")
@click.option("--limit", type=int, default=50, show_default=True, help="Combinations to show.")
@click.option(
    "--order",
    type=click.Choice(["count", "first"]),
    default="count",
    show_default=True,
    help="Largest first, or by first appearance.",
)
@home_option
@json_option
def count(
    snapshot: str, columns: tuple[str, ...], offset: int, limit: int, order: str, home: Home, as_json: bool
) -> None:
    """Count the combinations of values of one or more columns."""
    taken = find(home, snapshot)
    counts = taken.count(*columns, offset=offset, limit=limit, order="first" if order == "first" else "count")
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


@click.command()
@click.argument("snapshot")
@home_option
@json_option
def profile(snapshot: str, home: Home, as_json: bool) -> None:
    """Show what is in each column: type, missing, distinct, range, most frequent values."""
    taken = find(home, snapshot)
    document = taken.profile()
    if as_json:
        say_json(document)
        return
    rows = []
    for column in document["columns"]:
        top = ", ".join(f"{plain(each['value'])} ({each['count']:,})" for each in column.get("top", [])[:3])
        rows.append(
            (
                column["name"],
                column["type"],
                column["missing"],
                column["distinct"],
                column.get("min"),
                column.get("max"),
                top,
            )
        )
    say_table(
        ("column", "type", "missing", "distinct", "min", "max", "most frequent"), rows, right=("missing", "distinct")
    )


@click.command()
@click.argument("snapshot")
@click.option("--to", "kind", type=click.Choice(KINDS), help="The form.  [default: by the file's ending, else csv]")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, written whole or not at all.  [default: standard output]",
)
@home_option
@json_option
def export(snapshot: str, kind: str | None, output: Path | None, home: Home, as_json: bool) -> None:
    """Write a snapshot's data as CSV, Parquet, NDJSON, or for spreadsheets as xlsx or CSV without formulas."""
    if as_json and output is None:
        raise BadInput("--json tells what was written to a file.", hint="Name the file with --output.")
    taken = find(home, snapshot)
    form = kind or _by_ending(output)
    if output is None:
        _pour(taken, form, sys.stdout.buffer)
        return
    write_file(output, taken.export(form))
    size_in_bytes = output.stat().st_size
    written = {
        "snapshot": taken.id,
        "rows": taken.manifest.rows,
        "file": str(output),
        "form": form,
        "size": size_in_bytes,
    }
    if as_json:
        say_json(written)
    else:
        out.print(f"{output}: {plural(taken.manifest.rows, 'row')}, {size(size_in_bytes)}")


def _by_ending(output: Path | None) -> str:
    ending = output.suffix.lstrip(".").lower() if output else ""
    return ending if ending in KINDS else "csv"


def _pour(taken: Snapshot, kind: str, stream: BinaryIO) -> None:
    if kind in ("parquet", "xlsx") and stream.isatty():
        raise BadInput(f"{kind} is nothing for a terminal.", hint="Name a file with --output.")
    for piece in taken.export(kind):
        stream.write(piece)
    stream.flush()
