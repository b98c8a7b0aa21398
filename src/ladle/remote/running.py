"""Runs on a server: takes a dataset's name, starts its run there, follows it, says what is wanted of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ladle.collect.progress import ENDED, FINAL, Progress
from ladle.errors import BadInput, Busy, NotFound, Unreachable
from ladle.remote.door import change, get, pages, place, post
from ladle.remote.run import RemoteRun, read_progress, read_run
from ladle.remote.server import Server
from ladle.sources.given import Parameters, Typed, read_list

PATIENCE = 600.0
"""Seconds that a server may be away while a run is followed: it goes on, or is taken up when the server is back."""
_FIRST, _LONGEST = 0.1, 1.0
"""Seconds between two looks, at first and at last."""
Listener = Callable[[Progress], None]


def start(
    server: Server, dataset: str | Path, *, parameters: Parameters, afresh: bool, settings: Mapping[str, object]
) -> RemoteRun:
    """A new run of a dataset that the server has; asked again, it is the same one. Raises BadInput for `settings`."""
    name = name_of(dataset)
    refuse_settings(settings)
    values, files = _given(server, name, parameters)
    body: dict[str, Any] = {"dataset": name}
    body |= {"parameters": values} if values else {}
    body |= {"files": files} if files else {}
    body |= {"afresh": True} if afresh else {}
    return read_run(server, post(server, place("runs"), body, once=True))


def open_run(server: Server, id: str) -> RemoteRun:
    """The run of that id; raises NotFound."""
    if "/" in id or not id.strip("."):
        raise NotFound(f'There is no run "{id}".', hint="List them with: ladle runs")
    return read_run(server, get(server, place("runs", id)))


def all_runs(server: Server) -> Iterator[RemoteRun]:
    """All runs, newest first."""
    return (read_run(server, told) for told in pages(server, place("runs")))


def latest(server: Server, dataset: str) -> RemoteRun:
    """The last run of a dataset that has not ended, else the last of all; raises NotFound."""
    found = [run for run in all_runs(server) if run.dataset == dataset]
    going = [run for run in found if run.last.state not in ENDED]
    if not found:
        raise NotFound(f"There is no run of {dataset}.", hint=f"Start one with: ladle collect {dataset}")
    return (going or found)[0]


def resumable(server: Server, dataset: str) -> RemoteRun:
    """The last run of a dataset that can go on; raises NotFound."""
    for run in all_runs(server):
        if run.dataset == dataset and run.last.state not in FINAL:
            return run
    raise NotFound(f"No run of {dataset} was left unfinished.", hint=f"Start one with: ladle collect {dataset}")


def want(run: RemoteRun, what: str) -> Progress:
    """`pause`, `cancel` or `resume`: what becomes of the run, as far as it has. Raises Conflict where that can't be."""
    return read_progress(change(run.server, "POST", place("runs", run.id, what)))


def retry(server: Server, run: str) -> RemoteRun:
    """A new run for the gaps of a run by its id, or of a dataset's last run; raises NotFound, Conflict."""
    old = next((each.id for each in all_runs(server) if each.dataset == run), None) if "/" in run else run
    if old is None:
        raise NotFound(f"There is no run of {run}.", hint=f"Start one with: ladle collect {run}")
    return read_run(server, post(server, place("runs", open_run(server, old).id, "retry")))


def follow(run: RemoteRun, *, on_progress: Listener | None = None, patience: float = PATIENCE) -> Progress:
    """Wait until the run has ended or somebody has paused it, telling `on_progress` how far it is.

    A server that is away is waited for; it is Unreachable after `patience` seconds, and the run goes on all the same.
    """
    pause, seen = _FIRST, time.monotonic()
    while True:
        try:
            progress = run.progress()
        except (Unreachable, Busy) as error:
            if time.monotonic() - seen > patience:
                raise type(error)(error.message, hint=f"The run goes on there: ladle runs {run.id}") from error
            time.sleep(_LONGEST)
            continue
        seen = time.monotonic()
        if on_progress is not None:
            on_progress(progress)
        if progress.is_over or progress.state == "paused":
            return progress
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)


def name_of(dataset: str | Path) -> str:
    """A dataset's name; raises BadInput for a definition file."""
    if isinstance(dataset, str):
        return dataset
    file = str(dataset).partition("#")[0]
    raise BadInput(
        f'The definition "{dataset}" is not on the server.',
        hint=f"Keep it there first: ladle sources add {file}; or name a home on this machine: --home FOLDER",
    )


def refuse_settings(settings: Mapping[str, object]) -> None:
    """Where an API is and how fast it is asked, the server alone decides."""
    for name, value in settings.items():
        if value is not None:
            told = f'"{name.replace("_", "-")}" can\'t be set for what a server does.'
            raise BadInput(told, hint="Leave it out: the settings of the server hold.")


def in_address(server: Server, dataset: str, parameters: Parameters) -> list[tuple[str, str]]:
    """Parameters as they go into an address; raises BadInput for a list, since none could hold it."""
    values, files = _given(server, dataset, parameters)
    for name in files:
        told = f'The list "{parameters[name]}" can\'t be sent to be priced or previewed.'
        raise BadInput(told, hint=f"A run takes it: ladle collect {dataset} --set {name}=…")
    return [(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in values.items()]


def _given(server: Server, dataset: str, parameters: Parameters) -> tuple[dict[str, Any], dict[str, str]]:
    """Parameters as they go into a body, and the texts of those that are lists: a server opens no file for a name."""
    paths = {name for name, value in parameters.items() if isinstance(value, Path)}
    typed = {name for name, value in parameters.items() if isinstance(value, Typed)}
    if typed:
        told = get(server, place("sources", dataset.partition("/")[0]))["parameters"]
        lists = {each["name"] for each in told if each["file"]}
        paths |= {name for name in typed & lists if Path(str(parameters[name])).expanduser().is_file()}
    values = {name: Path(str(value)).name if name in paths else value for name, value in parameters.items()}
    return values, {name: read_list(Path(str(parameters[name])), blame="its parameter") for name in paths}
