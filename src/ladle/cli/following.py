"""Runs wherever they are: takes a home or a server and a name, gives the run; follows a server's on the terminal."""

from __future__ import annotations

import sys

from ladle import runs
from ladle.cli.bar import Bar
from ladle.cli.face import FAILED, err
from ladle.collect.progress import Progress
from ladle.home import Home
from ladle.remote import running
from ladle.remote.run import RemoteRun
from ladle.remote.server import Server
from ladle.runs import Run


def latest_of(home: Home | Server, dataset: str) -> Run | RemoteRun:
    """The last run of a dataset that has not ended, else the last of all; raises NotFound."""
    return running.latest(home, dataset) if isinstance(home, Server) else runs.latest(home, dataset)


def resumable_of(home: Home | Server, dataset: str) -> Run | RemoteRun:
    """The last run of a dataset that can go on; raises NotFound."""
    return running.resumable(home, dataset) if isinstance(home, Server) else runs.resumable(home, dataset)


def told(run: Run | RemoteRun) -> Progress:
    """How far a run of a list is: of a server's, as it came with the list."""
    return run.last if isinstance(run, RemoteRun) else run.progress()


def follow_with_bar(run: RemoteRun) -> Progress:
    """Look at a server's run until it has ended, showing it on standard error; Ctrl-C leaves it going on there."""
    try:
        with Bar(err, run.dataset) as bar:
            return running.follow(run, on_progress=bar.show)
    except KeyboardInterrupt:
        err.print(f"The run {run.id} goes on at {run.server.address}. Look at it with: ladle runs {run.id}")
        err.print(f"Follow it again with: ladle collect {run.id} --resume; end it with: ladle cancel {run.id}")
        sys.exit(FAILED)
