"""Commands that change how a run goes, pause, cancel, resume: takes a run's id or a dataset, gives its new state."""

from __future__ import annotations

import sys

import click

from ladle.cli.collecting import collect_with_bar, say_end, take_up
from ladle.cli.completing import run_names
from ladle.cli.face import FAILED, err, json_option, out, place_option, say_json
from ladle.cli.following import latest_of, resumable_of
from ladle.cli.options import dataset_name
from ladle.collect.progress import Progress
from ladle.home import Home, is_id
from ladle.public_runs import cancel as cancel_run
from ladle.public_runs import open_run
from ladle.public_runs import pause as pause_run
from ladle.remote.run import RemoteRun
from ladle.remote.server import Server
from ladle.runs import Run
from ladle.shapes import run_shape
from ladle.words import plural

BY = "the command line"


@click.command()
@click.argument("run", shell_complete=run_names)
@place_option
@json_option
def pause(run: str, home: Home | Server, as_json: bool) -> None:
    """Stop a run until it is resumed. RUN is an id, or a dataset for its run that goes on.

    What is under way has two seconds to come home. Nothing that was answered is asked for again.
    """
    found = _named(home, run)
    _say(found, pause_run(found, by=BY), wanted="paused", as_json=as_json)


@click.command()
@click.argument("run", shell_complete=run_names)
@place_option
@json_option
def cancel(run: str, home: Home | Server, as_json: bool) -> None:
    """End a run without a snapshot. RUN is an id, or a dataset for its run that goes on.

    What it has collected stays to be looked at; it can't be resumed.
    """
    found = _named(home, run)
    _say(found, cancel_run(found, by=BY), wanted="cancelled", as_json=as_json)


@click.command(short_help="Go on with a run that was paused, failed or left.")
@click.argument("run", shell_complete=run_names)
@place_option
@json_option
def resume(run: str, home: Home | Server, as_json: bool) -> None:
    """Go on with a run that was paused, failed or left, here in this terminal. RUN is an id, or a dataset for its last.

    Exit code 3: finished, but something is missing.
    """
    found = open_run(home, run) if is_id(run) else resumable_of(home, dataset_name(home, run))
    take_up(found)
    say_end(home, found, collect_with_bar(found), as_json=as_json)


def _named(home: Home | Server, name: str) -> Run | RemoteRun:
    return open_run(home, name) if is_id(name) else latest_of(home, dataset_name(home, name))


def _say(run: Run | RemoteRun, progress: Progress, *, wanted: str, as_json: bool) -> None:
    if as_json:
        say_json(run_shape(progress))
    if progress.state != wanted:
        err.print(f"The run {run.id} is still {progress.state}; it is {wanted} when what is under way has come home.")
        sys.exit(FAILED)
    if not as_json:
        kept = f"{progress.done:,} of {plural(progress.total, 'request')} {'is' if progress.done == 1 else 'are'} kept"
        more = f"Go on with: ladle resume {run.id}" if wanted == "paused" else f"Look at it with: ladle runs {run.id}"
        out.print(f"{run.dataset}: {wanted}, {kept}. {more}")
