"""The command that takes data elsewhere: takes a snapshot, a form and a view, gives a file or standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn

from ladle.cli.completing import snapshot_names
from ladle.cli.face import err, json_option, out, place_option, say_json, size, write_file
from ladle.cli.viewing import view_of, view_options
from ladle.cli.waiting import wait_for
from ladle.errors import BadInput
from ladle.explore.export import KINDS
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import View
from ladle.home import Home
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.words import plural

_BINARY = ("parquet", "xlsx")


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.option(
    "--kind", "--to", "kind", type=click.Choice(KINDS), help="The form.  [default: by the file's ending, else csv]"
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, written whole or not at all.  [default: standard output]",
)
@view_options
@place_option
@json_option
def export(
    snapshot: str, kind: str | None, output: Path | None, home: Home | Server, as_json: bool, **asked: Any
) -> None:
    """Write a snapshot's data, or some of it, as CSV, Parquet or NDJSON, or as xlsx or CSV for spreadsheets."""
    if as_json and output is None:
        raise BadInput("--json tells what was written to a file.", hint="Name the file with --output.")
    taken = find(snapshot, home=home)
    form, view = kind or _by_ending(output), view_of(taken, **asked)
    if output is None and form in _BINARY and sys.stdout.isatty():
        raise BadInput(f"{form} is nothing for a terminal.", hint="Name a file with --output.")
    wait_for(work := taken.prepare(view), f"Looking through {plural(len(taken), 'row')}")
    rows = work.result()
    if output is None:
        for piece in _pieces(taken, form, view, rows=rows, bar=err.is_terminal and not sys.stdout.isatty()):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        return
    write_file(output, _pieces(taken, form, view, rows=rows, bar=err.is_terminal))
    bytes_written = output.stat().st_size
    written = {"snapshot": taken.id, "rows": rows, "file": str(output), "form": form, "size": bytes_written}
    if as_json:
        say_json(written)
    else:
        words = f" {taken.words(view)}" if view.narrowed else f", {taken.words(view)}" if view.sort else ""
        out.print(f"{output}: {plural(rows, 'row')}{words}, {size(bytes_written)}")


def _by_ending(output: Path | None) -> str:
    ending = output.suffix.lstrip(".").lower() if output else ""
    return ending if ending in KINDS else "csv"


def _pieces(taken: Snapshot, form: str, view: View, *, rows: int, bar: bool) -> Iterator[bytes]:
    """The bytes; while they are taken, a bar on the terminal says how many rows are done."""
    if not bar:
        yield from taken.export(form, view=view)
        return
    told, counted = TextColumn("{task.description}", markup=False), TextColumn("{task.completed:,} of {task.total:,}")
    with Progress(told, BarColumn(bar_width=28), counted, console=err, transient=True) as progress:
        task = progress.add_task("Rows", total=rows)
        yield from taken.export(form, view=view, made=lambda done: progress.update(task, completed=done))
