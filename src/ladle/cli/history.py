"""The command that follows one record through time: takes a snapshot and a key's value, gives what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ladle.cli.completing import snapshot_names
from ladle.cli.face import err, json_option, place_option, say_json, say_table
from ladle.explore.history import Moment
from ladle.explore.same import written
from ladle.home import Home
from ladle.public import snapshot as find
from ladle.remote.server import Server
from ladle.shapes import listed, moment_shape
from ladle.words import plural


@click.command()
@click.argument("snapshot", shell_complete=snapshot_names)
@click.argument("value", nargs=-1, required=True, metavar="VALUE...")
@click.option("--key", "keys", multiple=True, metavar="COLUMN", help="What tells rows apart; several are one key.")
@place_option
@json_option
def history(snapshot: str, value: tuple[str, ...], keys: tuple[str, ...], home: Home | Server, as_json: bool) -> None:
    """Show what became of one record in every snapshot of a dataset, oldest first.

    VALUE is its key's, one for each column of the key: ladle history openweather/cities 3440781
    """
    taken = find(snapshot, home=home)
    moments = taken.history(*value, key=keys)
    if as_json:
        say_json(listed([moment_shape(moment) for moment in moments]))
        return
    say_table(
        ("snapshot", "taken", "", "column", "before", "after"), (line for each in moments for line in _lines(each))
    )
    there = sum(moment.row is not None for moment in moments)
    named = f"{', '.join(keys or taken.key())} {', '.join(value)}"
    err.print(f"{named}: in {there:,} of {plural(len(moments), 'snapshot')} of {taken.dataset}.", markup=False)


def _lines(moment: Moment) -> Iterator[tuple[Any, ...]]:
    """One line for what became of it, and one more for each further cell that has changed."""
    head = (moment.snapshot.id, f"{moment.snapshot.finished:%Y-%m-%d %H:%M}", moment.fate)
    if moment.row is None or moment.before is None:
        yield (*head, moment.note, "", "")
        return
    for number, name in enumerate(moment.changed):
        yield (*(head if number == 0 else ("", "", "")), name, _told(moment.before[name]), _told(moment.row[name]))


def _told(value: Any) -> str | None:
    return None if value is None else written(value)
