"""The commands, gathered: takes the process's arguments, gives its exit code."""

from __future__ import annotations

import click

from ladle.cli.access import audit, tokens, users
from ladle.cli.charting import chart
from ladle.cli.clearing import gc
from ladle.cli.collecting import collect
from ladle.cli.completing import completion
from ladle.cli.control import cancel, pause, resume
from ladle.cli.copying import copy
from ladle.cli.defining import check, plan, preview
from ladle.cli.diff import diff
from ladle.cli.exporting import export
from ladle.cli.face import Commands
from ladle.cli.history import history
from ladle.cli.importing import import_
from ladle.cli.infer import infer
from ladle.cli.looking import count, profile, show, snapshots
from ladle.cli.retrying import retry
from ladle.cli.runs import runs
from ladle.cli.scheduling import schedule
from ladle.cli.serving import demo, doctor, serve, worker
from ladle.cli.sources import sources
from ladle.cli.sql import sql
from ladle.cli.webhooks import webhooks
from ladle.version import VERSION


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="ladle")
def main() -> None:
    """Take complete, versioned datasets from rate-limited web APIs, and look into them at once.

    Begin with: ladle demo
    """


for command in (
    demo,
    serve,
    worker,
    schedule,
    users,
    tokens,
    audit,
    webhooks,
    doctor,
    sources,
    check,
    preview,
    plan,
    infer,
    collect,
    retry,
    runs,
    pause,
    cancel,
    resume,
    snapshots,
    show,
    count,
    chart,
    profile,
    diff,
    history,
    export,
    import_,
    sql,
    gc,
    copy,
    completion,
):
    main.add_command(command)
