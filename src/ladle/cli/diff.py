"""The command that says what has changed: takes two snapshots, gives their rows that differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ladle.cli.completing import snapshot_names
from ladle.cli.face import err, json_option, out, part, place_option, say_json, say_table
from ladle.explore.diff import KINDS, Diff, RowDiff
from ladle.explore.same import written
from ladle.home import Home
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.shapes import diff_shape, listed, row_diff_shape
from ladle.words import plural

_HOW = {
    "resource": "the key of its resource",
    "chosen": "as chosen",
    "unique": "unique in both; --key names another",
}
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@click.command()
@click.argument("before", metavar="A", shell_complete=snapshot_names)
@click.argument("after", metavar="B", shell_complete=snapshot_names)
@click.option("--key", "keys", multiple=True, metavar="COLUMN", help="What tells rows apart; several are one key.")
@click.option("--column", metavar="COLUMN", help="Only rows whose cell in this column has changed.")
@click.option("--only", type=click.Choice(KINDS), help="Only rows of one kind.")
@click.option("--offset", type=int, default=0, show_default=True, help="Rows to skip.")
@click.option("--limit", type=int, default=10, show_default=True, help="Rows to show, 1000 at most.")
@place_option
@json_option
def diff(
    before: str,
    after: str,
    keys: tuple[str, ...],
    column: str | None,
    only: str | None,
    offset: int,
    limit: int,
    home: Home | Server,
    as_json: bool,
) -> None:
    """Show what has changed from snapshot A to snapshot B of a dataset.

    Each is an id, a dataset like swapi/people for its latest, or swapi/people~1 for the one before.
    """
    found = find(before, home=home).diff(find(after, home=home), key=keys)
    rows = found.rows(only=only, column=column, offset=offset, limit=limit)
    total = found.total(only=only, column=column)
    if as_json:
        say_json({**diff_shape(found), **listed([row_diff_shape(row) for row in rows], count=total)})
        return
    say_summary(found)
    say_differences(found, rows)
    end = offset + len(rows)
    err.print(f"Showing {part(offset, len(rows))} {plural(total, 'row')} that {'differs' if total == 1 else 'differ'}.")
    if rows and end < total:
        err.print(f"Go on with --offset {end}")


def say_summary(found: Diff) -> None:
    """How many rows of each kind, and what became of the columns."""
    counts = [f"{getattr(found, kind):,} {kind}" for kind in (*KINDS, "same")]
    out.print(f"{found.after.name}, {found.before.id} to {found.after.id}: {', '.join(counts)}.")
    out.print(f"By {', '.join(found.key)} ({_HOW[found.key_from]}).")
    cells = [f"{each.name} {each.cells:,}" for each in found.columns if each.cells]
    if cells:
        out.print(f"Cells changed: {', '.join(cells)}.")
    for each in found.columns:
        if each.fate == "retyped":
            out.print(f"The column {each.name} was {each.before} and is {each.after}.")
        elif each.fate != "kept":
            out.print(f"The column {each.name} was {each.fate}.")


def say_differences(found: Diff, rows: list[RowDiff]) -> None:
    """A line for each row that came or went, and one for each cell that has changed."""
    if rows:
        say_table(("", *found.key, "column", "before", "after"), (line for row in rows for line in _lines(found, row)))


def _lines(found: Diff, row: RowDiff) -> Iterator[tuple[Any, ...]]:
    head = (_SIGNS[row.kind], *(_told(row.row[name]) for name in found.key))
    if row.before is None or row.after is None:
        yield (*head, "", "", "")
        return
    for name in row.changed:
        yield (*head, name, _told(row.before[name]), _told(row.after[name]))


def _told(value: Any) -> str | None:
    return None if value is None else written(value)
