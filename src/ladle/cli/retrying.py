"""The command that tries a run's gaps again: takes a run or a dataset, gives what came of it."""

from __future__ import annotations

import click

from ladle.cli.collecting import collect_with_bar, say_end
from ladle.cli.completing import run_names
from ladle.cli.face import json_option, place_option
from ladle.home import Home
from ladle.public_runs import retry as retry_run
from ladle.remote.server import Server


@click.command()
@click.argument("run", metavar="RUN|DATASET", shell_complete=run_names)
@place_option
@json_option
def retry(run: str, home: Home | Server, as_json: bool) -> None:
    """Ask again only for what an incomplete run lacks, and keep the whole as a new snapshot.

    RUN is its id; a DATASET stands for its last run. Exit code 3: something is still missing.
    """
    new = retry_run(home, run)
    say_end(home, new, collect_with_bar(new), as_json=as_json)
