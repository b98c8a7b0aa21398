"""Options that say which rows: takes --where, --search, --sort, --columns and --number, gives a View, and back."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import click

from ladle.explore.address import COLUMN, KEYS, NUMBER, SEARCH, SORT, read_where, write_view
from ladle.explore.named import quoted, split, write_sort
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import View

Command = Callable[..., Any]
_SHOWN = (
    click.option("--columns", metavar="A,B", help="Columns to show, in this order."),
    click.option("--sort", metavar="-A,B", help="By column A, descending, then by B."),
)


def view_options(command: Command) -> Command:
    """The five options, for `view_of`."""
    for option in _SHOWN:
        command = option(command)
    return row_options(command)


def row_options(command: Command) -> Command:
    """Those that say which rows there are, without order and columns."""
    number = "Read a text column as numbers, 1,358 too. As often as wanted."
    for option in (
        click.option("--number", "numbers", multiple=True, metavar="COLUMN", help=number),
        click.option("--search", help="Words that must all be in the texts of a row."),
        click.option("--where", multiple=True, metavar="COLUMN__OP=VALUE", help="Rows that are so: height__gte=150."),
    ):
        command = option(command)
    return command


def view_of(
    taken: Snapshot,
    *,
    where: tuple[str, ...],
    search: str | None,
    sort: str | None = None,
    columns: str | None = None,
    numbers: tuple[str, ...] = (),
) -> View:
    """The view; raises BadInput for a column, operator or value that can't be."""
    pairs = [read_where(each, taken.columns) for each in where]
    # A filter whose key is one of these would be taken for that: it is named with its operator.
    pairs = [(f"{key}__exact" if key in KEYS else key, value) for key, value in pairs]
    pairs += [(SEARCH, search)] if search else []
    pairs += [(SORT, sort)] if sort else []
    pairs += [(NUMBER, name) for name in numbers]
    return taken.view(pairs + [(COLUMN, name) for name in split(columns or "")])


def again(snapshot: str, view: View, *, offset: int) -> str:
    """The command that shows what follows."""
    words = ["ladle", "show", snapshot, "--offset", str(offset)]
    for key, value in write_view(View(filters=view.filters)):
        words += ["--where", f"{key}={value}"]
    words += ["--search", view.search] if view.search.strip() else []
    words += [f"--sort={write_sort(view.sort)}"] if view.sort else []
    words += [f"--columns={','.join(map(quoted, view.columns))}"] if view.columns else []
    for name in view.numbers:
        words += ["--number", name]
    return shlex.join(words)
