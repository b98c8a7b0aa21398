"""Runs at the front door: takes a home or a server, and what is wanted of a run, gives the run, or how far it is.

A home's run is a `Run`, which this machine can drive; a server's is a `RemoteRun`, which the server's workers drive.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, overload

from ladle import control, runs
from ladle.collect.progress import Progress
from ladle.control import PATIENCE
from ladle.home import Home
from ladle.remote.server import Server
from ladle.retrying import retry as retry_here
from ladle.runs import Run
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING

if TYPE_CHECKING:
    from ladle.remote.run import RemoteRun


@overload
def start(
    home: Home,
    dataset: str | Path,
    *,
    parameters: Parameters = ...,
    files: Mapping[str, str] = ...,
    base_url: str | None = ...,
    quota: str | None = ...,
    pace: str | None = ...,
    afresh: bool = ...,
    trusted: bool = ...,
    env: Mapping[str, str] = ...,
) -> Run: ...
@overload
def start(
    home: Server,
    dataset: str | Path,
    *,
    parameters: Parameters = ...,
    base_url: str | None = ...,
    quota: str | None = ...,
    pace: str | None = ...,
    afresh: bool = ...,
) -> RemoteRun: ...
@overload
def start(
    home: Home | Server,
    dataset: str | Path,
    *,
    parameters: Parameters = ...,
    base_url: str | None = ...,
    quota: str | None = ...,
    pace: str | None = ...,
    afresh: bool = ...,
) -> Run | RemoteRun: ...
def start(
    home: Home | Server,
    dataset: str | Path,
    *,
    parameters: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    afresh: bool = False,
    trusted: bool = True,
    env: Mapping[str, str] = os.environ,
) -> Run | RemoteRun:
    """A new run of a dataset, queued. Nothing is written where a name, a setting or the key's variable is wrong.

    A dataset is a name like `swapi/people`; a Path leads to a definition file, `own.toml` or `own.toml#people`.
    `parameters` are set for this run, `files` are the texts of those that are lists: a text never opens a file, a Path
    does. Not `trusted`: the parameters came from a browser or the API, and must not lead to another site.

    `afresh`: take every answer whole, for an API that says "not modified" (304) of what it has changed.

    On a server its workers begin at once; raises BadInput for a definition file and for `base_url`, `quota` and `pace`.
    """
    if isinstance(home, Server):
        from ladle.remote import running

        settings = {"base_url": base_url, "quota": quota, "pace": pace}
        return running.start(home, dataset, parameters=parameters, afresh=afresh, settings=settings)
    return runs.start(
        home,
        dataset,
        parameters=parameters,
        files=files,
        base_url=base_url,
        quota=quota,
        pace=pace,
        afresh=afresh,
        trusted=trusted,
        env=env,
    )


@overload
def open_run(home: Home, id: str) -> Run: ...
@overload
def open_run(home: Server, id: str) -> RemoteRun: ...
@overload
def open_run(home: Home | Server, id: str) -> Run | RemoteRun: ...
def open_run(home: Home | Server, id: str) -> Run | RemoteRun:
    """The run of that id; raises NotFound."""
    if isinstance(home, Server):
        from ladle.remote import running

        return running.open_run(home, id)
    return runs.open_run(home, id)


@overload
def list_runs(home: Home) -> list[Run]: ...
@overload
def list_runs(home: Server) -> list[RemoteRun]: ...
@overload
def list_runs(home: Home | Server) -> list[Run] | list[RemoteRun]: ...
def list_runs(home: Home | Server) -> list[Run] | list[RemoteRun]:
    """All runs, newest first; folders of a home that are no runs are left out."""
    if isinstance(home, Server):
        from ladle.remote import running

        return list(running.all_runs(home))
    return runs.list_runs(home)


@overload
def retry(home: Home, run: str, *, env: Mapping[str, str] = ...) -> Run: ...
@overload
def retry(home: Server, run: str) -> RemoteRun: ...
@overload
def retry(home: Home | Server, run: str) -> Run | RemoteRun: ...
def retry(home: Home | Server, run: str, *, env: Mapping[str, str] = os.environ) -> Run | RemoteRun:
    """A new run, queued, for the gaps of a run by its id, or of a dataset's last run.

    It has the settings that the old one had. Raises NotFound for an unknown id, Conflict for a run that has no gap or
    has not ended.
    """
    if isinstance(home, Server):
        from ladle.remote import running

        return running.retry(home, run)
    return retry_here(home, run, env=env)


def pause(run: Run | RemoteRun, *, by: str = "a script", patience: float = PATIENCE) -> Progress:
    """Stop a run until `resume`; what is in flight has two seconds to come home. A run that is paused stays so.

    `by` is told as the reason; a server tells whose token it was. Where another process drives the run and has not
    stopped after `patience` seconds, it stops later, and the Progress given is that of now. Raises Conflict for a run
    that has ended.
    """
    return control.pause(run, by=by, patience=patience) if isinstance(run, Run) else _want(run, "pause")


def cancel(run: Run | RemoteRun, *, by: str = "a script", patience: float = PATIENCE) -> Progress:
    """End a run without a snapshot, as `pause` does; what was collected stays to be looked at.

    Raises Conflict for a run that has ended, or whose snapshot is there already.
    """
    return control.cancel(run, by=by, patience=patience) if isinstance(run, Run) else _want(run, "cancel")


def resume(run: Run | RemoteRun, *, patience: float = PATIENCE) -> Progress:
    """Let a run go on that was paused or failed: it is queued, and `drive`, or a server's worker, takes it up.

    A run that is going on already is left as it is. Raises Conflict for one that is complete, incomplete or cancelled.
    """
    return control.resume(run, patience=patience) if isinstance(run, Run) else _want(run, "resume")


def _want(run: RemoteRun, what: str) -> Progress:
    from ladle.remote import running

    return running.want(run, what)
