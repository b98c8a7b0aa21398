"""The command that collects: takes a dataset, drives its run on the terminal, gives what became of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ladle.cli.bar import Bar
from ladle.cli.completing import run_names
from ladle.cli.face import FAILED, INCOMPLETE, err, json_option, out, place_option, say_json
from ladle.cli.following import follow_with_bar, resumable_of
from ladle.cli.options import dataset_argument, dataset_name, set_option, settings_options
from ladle.collect.progress import Progress
from ladle.drive import drive
from ladle.errors import BadInput, Conflict
from ladle.home import Home, is_id
from ladle.public import snapshot as find
from ladle.public_runs import open_run, start
from ladle.public_runs import resume as resume_run
from ladle.remote.run import RemoteRun
from ladle.remote.server import Server
from ladle.runs import Run
from ladle.shapes import run_shape
from ladle.sources.library import secret
from ladle.words import plural


@click.command()
@dataset_argument
@click.argument("run_id", metavar="[RUN]", required=False, shell_complete=run_names)
@click.option("--resume", is_flag=True, help="Go on with the dataset's last unfinished run, or with RUN.")
@click.option("--afresh", is_flag=True, help="Take every answer whole, where an API wrongly says that it is unchanged.")
@set_option
@settings_options
@place_option
@json_option
def collect(
    dataset: str | Path,
    run_id: str | None,
    resume: bool,
    afresh: bool,
    home: Home | Server,
    as_json: bool,
    **asked: Any,
) -> None:
    """Take a dataset whole: plan, collect, and keep it as a snapshot.

    The dataset is a name, or a definition file: own.toml, or own.toml#people for one of several.

    Ctrl-C leaves a run that --resume takes up where it was; what is under way has two seconds to come home.
    Exit code 3: finished, but something is missing.
    """
    if run_id and not (resume and is_id(run_id)):
        raise BadInput(f'"{run_id}" is not the id of a run to go on with.', hint="List the runs with: ladle runs")
    if resume or (isinstance(dataset, str) and is_id(dataset)):
        if afresh or any(asked.values()):
            raise BadInput(
                "A run goes on with the settings it was started with.",
                hint="Leave out --set, --base-url, --quota, --pace and --afresh.",
            )
        run = _left_unfinished(home, dataset, run_id)
    else:
        run = start(home, dataset, afresh=afresh, **asked)
    progress = collect_with_bar(run)
    say_end(home, run, progress, as_json=as_json)


def _left_unfinished(home: Home | Server, dataset: str | Path, run_id: str | None) -> Run | RemoteRun:
    """A run by its id, which can stand for the dataset, or the dataset's last that can go on; its key must be there."""
    if isinstance(dataset, str) and is_id(dataset):
        run = open_run(home, run_id or dataset)
    else:
        name = dataset_name(home, dataset)
        run = open_run(home, run_id) if run_id else resumable_of(home, name)
        if run.dataset != name:
            raise BadInput(f"The run {run.id} is one of {run.dataset}, not of {name}.", hint="Name that dataset.")
    take_up(run)
    return run


def take_up(run: Run | RemoteRun) -> None:
    """Make a run go on that was left, paused or failed; raises Conflict where it can't or is driven already.

    One that is going on at a server is left as it is.
    """
    if isinstance(run, RemoteRun):
        resume_run(run)
        return
    secret(run.source)
    progress = resume_run(run)
    if run.is_driven():
        raise Conflict(f"The run {run.id} is going on: {progress.state}.", hint="Watch it with: ladle runs")


def collect_with_bar(run: Run | RemoteRun) -> Progress:
    """Drive the run, showing it on standard error; the first Ctrl-C or SIGTERM leaves what is in flight two seconds.

    A server's is only looked at, and goes on after Ctrl-C.
    """
    if isinstance(run, RemoteRun):
        return follow_with_bar(run)
    with Bar(err, run.dataset) as bar:
        return asyncio.run(_until_stopped(run, bar.show))


async def _until_stopped(run: Run, show: Callable[[Progress], None]) -> Progress:
    stop = asyncio.Event()
    with _signals(stop):
        return await drive(run, stop=stop, on_progress=show)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """The first signal asks the run to stop, the next one ends it at once."""
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)

    def ask() -> None:
        if stop.is_set():
            # Not by an exception: Python would wait for threads, which may be building. The journal bears it by design.
            err.show_cursor()
            os._exit(FAILED)
        stop.set()
        err.print("Stopping: waiting for the requests that are under way. Once more ends at once.")

    for number in caught:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def say_end(home: Home | Server, run: Run | RemoteRun, progress: Progress, *, as_json: bool) -> None:
    """What became of it, and the exit code that says so."""
    if as_json:
        say_json(run_shape(progress))
    if progress.snapshot is None:
        _say_what_is_kept(run, progress)
        sys.exit(FAILED)
    if not as_json:
        manifest = find(progress.snapshot, home=home).manifest
        unchanged = (
            f", {progress.unchanged:,} of {plural(progress.done, 'request')} unchanged" if progress.unchanged else ""
        )
        out.print(
            f"{run.dataset}: {plural(manifest.rows, 'row')}, {plural(len(manifest.columns), 'column')}, "
            f"{progress.state}{unchanged}, snapshot {manifest.id}"
        )
    if progress.state == "incomplete":
        for gap in progress.gaps[:20]:
            err.print(f"gap: {gap.key}: {gap.reason}", style="yellow")
        err.print(f"ladle: incomplete: {progress.reason}", style="yellow")
        if progress.gaps:
            err.print(f"Ask again for what is missing, and only that, with: ladle retry {run.id}")
        sys.exit(INCOMPLETE)


def _say_what_is_kept(run: Run | RemoteRun, progress: Progress) -> None:
    """A run without a snapshot: why, and how to go on."""
    kept = f"{progress.done:,} of {plural(progress.total, 'request')}"
    are = "is" if progress.done == 1 else "are"
    again = f"Go on with: ladle collect {run.dataset} --resume"
    match progress.state:
        case "failed":
            err.print(f"ladle: {progress.reason}", style="red")
            if progress.done:
                err.print(f"{kept} {are} kept. {again}")
        case "paused":
            err.print(f"{progress.reason} {kept} {are} kept. Go on with: ladle resume {run.id}")
        case "cancelled":
            err.print(f"{progress.reason} {kept} {are} kept to be looked at: ladle runs {run.id}")
        case _:
            err.print(f"Stopped after {kept}. {again}")
