"""Commands about collecting: sources, plan, collect, runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ladle.cli.bar import Bar
from ladle.cli.face import FAILED, INCOMPLETE, err, home_option, json_option, out, say_json, say_table
from ladle.collect.price import Plan
from ladle.collect.progress import Progress
from ladle.control import resume as resume_run
from ladle.drive import drive
from ladle.errors import BadInput, Conflict
from ladle.explore.snapshot import find
from ladle.home import Home, is_id
from ladle.public import all_sources
from ladle.public import plan as plan_of
from ladle.runs import Run, open_run, resumable, start
from ladle.shapes import listed, plan_shape, run_shape, source_shape
from ladle.sources.library import load_dataset, secret
from ladle.words import duration, plural


@click.command()
@json_option
def sources(as_json: bool) -> None:
    """List the APIs that Ladle knows how to take whole."""
    found = all_sources()
    if as_json:
        say_json(listed([source_shape(source, env=os.environ) for source in found]))
        return
    rows = []
    for source in found:
        missing = source.auth and not os.environ.get(source.auth.env)
        key = f"missing: set {source.auth.env}" if source.auth and missing else "set" if source.auth else "none needed"
        for dataset in source.datasets.values():
            price = plan_of(f"{source.name}/{dataset.name}")
            cost = f"{'' if price.exact else 'about '}{plural(price.total, 'request')}, {duration(price.seconds)}"
            rows.append((price.dataset, price.title, cost, ", ".join(price.quotas), key))
    say_table(("dataset", "what", "cost", "quota", "key"), rows)


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that stand for a source's settings."""
    for option in (
        click.option(
            "--pace", help="safe (default: spread evenly, one request below the limit) or fast (all at once)."
        ),
        click.option("--quota", help='Instead of the definition\'s: "60 per minute, 10000 per day".'),
        click.option("--base-url", help="Where the API is, when not where its definition says."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("dataset")
@settings_options
@json_option
def plan(dataset: str, base_url: str | None, quota: str | None, pace: str | None, as_json: bool) -> None:
    """Say what collecting a dataset will cost, before anything is asked."""
    price = plan_of(dataset, base_url=base_url, quota=quota, pace=pace)
    if as_json:
        say_json(plan_shape(price))
        return
    _say_plan(price)


def _say_plan(price: Plan) -> None:
    out.print(f"{price.title} ({price.dataset}) from {price.base_url}")
    about = "" if price.exact else "about "
    out.print(f"{about}{plural(price.total, 'request')}, {duration(price.seconds)} at pace {price.pace}")
    rows = [(part.resource, f"{'' if part.exact else 'about '}{part.requests:,}", part.why) for part in price.parts]
    say_table(("resource", "requests", "how"), rows, right=("requests",))
    out.print(f"quota: {', '.join(price.quotas) or 'none'}")
    if price.key_setting:
        out.print(f"key: {price.key_setting} is {'set' if price.key_present else 'not set'}")


@click.command()
@click.argument("dataset")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--resume", is_flag=True, help="Go on with the dataset's last unfinished run, or with RUN.")
@click.option("--afresh", is_flag=True, help="Take every answer whole, where an API wrongly says that it is unchanged.")
@settings_options
@home_option
@json_option
def collect(
    dataset: str,
    run_id: str | None,
    resume: bool,
    afresh: bool,
    base_url: str | None,
    quota: str | None,
    pace: str | None,
    home: Home,
    as_json: bool,
) -> None:
    """Take a dataset whole: plan, collect, and keep it as a snapshot.

    Ctrl-C leaves a run that --resume takes up where it was; what is under way has two seconds to come home.
    Exit code 3: finished, but something is missing.
    """
    if run_id and not (resume and is_id(run_id)):
        raise BadInput(f'"{run_id}" is not the id of a run to go on with.', hint="List the runs with: ladle runs")
    if resume or is_id(dataset):
        if base_url or quota or pace or afresh:
            raise BadInput(
                "A run goes on with the settings it was started with.",
                hint="Leave out --base-url, --quota, --pace and --afresh.",
            )
        run = _left_unfinished(home, dataset, run_id)
    else:
        run = start(home, dataset, base_url=base_url, quota=quota, pace=pace, afresh=afresh)
    progress = collect_with_bar(run)
    say_end(home, run, progress, as_json=as_json)


def _left_unfinished(home: Home, dataset: str, run_id: str | None) -> Run:
    """A run by its id, which can stand for the dataset, or the dataset's last that can go on; its key must be there."""
    if not is_id(dataset):
        load_dataset(dataset)
    named = run_id or (dataset if is_id(dataset) else None)
    run = open_run(home, named) if named else resumable(home, dataset)
    if run.dataset != dataset and not is_id(dataset):
        raise BadInput(f"The run {run.id} is one of {run.dataset}, not of {dataset}.", hint="Name that dataset.")
    take_up(run)
    return run


def take_up(run: Run) -> None:
    """Make a run go on that was left, paused or failed; raises Conflict where it can't or is driven already."""
    secret(run.source)
    progress = resume_run(run)
    if run.is_driven():
        raise Conflict(f"The run {run.id} is going on: {progress.state}.", hint="Watch it with: ladle runs")


def collect_with_bar(run: Run) -> Progress:
    """Drive the run, showing it on standard error; the first Ctrl-C or SIGTERM leaves what is in flight two seconds."""
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


def say_end(home: Home, run: Run, progress: Progress, *, as_json: bool) -> None:
    """What became of it, and the exit code that says so."""
    if as_json:
        say_json(run_shape(progress))
    if progress.snapshot is None:
        _say_what_is_kept(run, progress)
        sys.exit(FAILED)
    if not as_json:
        manifest = find(home, progress.snapshot).manifest
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


def _say_what_is_kept(run: Run, progress: Progress) -> None:
    """A run without a snapshot: why, and how to go on."""
    kept = f"{progress.done:,} of {plural(progress.total, 'request')}"
    again = f"Go on with: ladle collect {run.dataset} --resume"
    match progress.state:
        case "failed":
            err.print(f"ladle: {progress.reason}", style="red")
            if progress.done:
                err.print(f"{kept} are kept. {again}")
        case "paused":
            err.print(f"{progress.reason} {kept} are kept. Go on with: ladle resume {run.id}")
        case "cancelled":
            err.print(f"{progress.reason} {kept} are kept to be looked at: ladle runs {run.id}")
        case _:
            err.print(f"Stopped after {kept}. {again}")
