"""The command about runs: list them, or show one with its requests."""

from __future__ import annotations

from datetime import datetime

import click

from ladle.cli.bar import standing
from ladle.cli.completing import run_names
from ladle.cli.face import err, json_option, out, place_option, say_json, say_table
from ladle.cli.following import told
from ladle.home import Home
from ladle.public_runs import list_runs, open_run
from ladle.remote.run import RemoteRun
from ladle.remote.server import Server
from ladle.runs import Run
from ladle.shapes import listed, moment, run_shape
from ladle.words import plural

SHOWN = 1000
"""Requests of a run that are listed at most."""


@click.command()
@click.argument("run", required=False, shell_complete=run_names)
@place_option
@json_option
def runs(run: str | None, home: Home | Server, as_json: bool) -> None:
    """List the runs, newest first, or show one by its id with its requests."""
    if run:
        _say_run(open_run(home, run), as_json=as_json)
        return
    found = list_runs(home)
    if as_json:
        say_json(listed([run_shape(told(each)) for each in found]))
        return
    columns = ("run", "dataset", "state", "requests", "records", "gaps", "reason")
    say_table(columns, [_row(each) for each in found], right=("requests", "records", "gaps"))


def _row(run: Run | RemoteRun) -> tuple[object, ...]:
    """A run's line in the list; how to go on, or until when it waits, stands in the reason's place."""
    p = told(run)
    reason = standing(p) if p.state == "waiting" else p.reason
    if p.state == "running" and p.workers > 1:
        reason = f"{p.workers} workers collect"
    if run.was_left:
        reason = f"left; ladle resume {p.run}"
    return (p.run, p.dataset, p.state, f"{p.done}/{p.total}", p.records, len(p.gaps), reason)


def _set_up(run: Run | RemoteRun) -> str:
    """Which version of a source of one's own it is of, and what was set for it; nothing where there is neither."""
    number, source = run.definition_version, run.dataset.partition("/")[0]
    version = [f"version {number} of {source}"] if number else []
    return ", ".join([*version, *(f"{name} = {value}" for name, value in run.parameters.items())])


def _say_run(run: Run | RemoteRun, *, as_json: bool) -> None:
    progress = run.progress()
    if as_json:
        more = {
            "definition_version": run.definition_version,
            "parameters": dict(run.parameters),
            "journal_removed_at": run.journal_removed and moment(run.journal_removed.timestamp()),
        }
        say_json({**run_shape(progress), **more})
        return
    out.print(
        f"{run.dataset}: {standing(progress)}. "
        f"{progress.done:,} of {plural(progress.total, 'request')}, {plural(progress.records, 'record')}."
    )
    if progress.state == "running" and progress.workers > 1:
        out.print(f"{progress.workers} workers collect it.")
    if set_up := _set_up(run):
        out.print(set_up)
    if progress.reason:
        out.print(progress.reason)
    if progress.state in ("paused", "failed"):
        out.print(f"Go on with: ladle resume {run.id}")
    if (at := run.journal_removed) is not None:
        out.print(f"Its requests can't be listed any more: its journal was removed on {at.astimezone():%d %B %Y}.")
        return
    lines = run.requests(limit=SHOWN)
    rows = [
        (
            f"{datetime.fromtimestamp(line.started).astimezone():%H:%M:%S}",
            line.key,
            line.status,
            f"{line.took * 1000:.0f} ms",
            line.records,
            line.reason,
        )
        for line in lines
    ]
    say_table(("time", "request", "status", "took", "records", "trouble"), rows, right=("status", "took", "records"))
    if len(lines) == SHOWN:
        err.print(f"These are its first {SHOWN:,} requests.")
