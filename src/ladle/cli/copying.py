"""The command that takes a home elsewhere: takes two homes, gives the second all that the first has."""

from __future__ import annotations

from dataclasses import asdict

import click

from ladle.cli.face import err, home_option, json_option, out, say_json
from ladle.copying import copy as copy_home
from ladle.errors import BadInput
from ladle.home import Home
from ladle.words import plural


@click.command()
@click.argument("to", metavar="TO")
@home_option
@json_option
def copy(to: str, home: Home, as_json: bool) -> None:
    """Bring another home all that this one has and it lacks.

    TO is a folder or s3://BUCKET/PREFIX; nothing is changed here. What goes along: snapshots, runs with their journals,
    sources of your own, and the quota ledger. Do it again to bring what is new.
    """
    there = Home.open(to)
    if there.address == home.address:
        raise BadInput(f'"{to}" is this very home.', hint="Name another folder, or s3://BUCKET/PREFIX.")
    copied = copy_home(home, there)
    if as_json:
        say_json(asdict(copied))
        return
    for why in copied.left:
        err.print(why)
    told = (plural(copied.snapshots, "snapshot"), plural(copied.runs, "run"), plural(copied.sources, "source"))
    out.print(f"Copied to {there.address}: {', '.join(told)}.")
