"""Runs of a home: takes a dataset's name, gives a run that can be driven, shown, and found again by any process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ladle.collect import shared
from ladle.collect.last_word import last_word
from ladle.collect.progress import ENDED, Progress
from ladle.collect.progress import FINAL as FINAL
from ladle.errors import BadInput, Damaged, NotFound
from ladle.home import Home, is_id, new_id, write_whole
from ladle.run import RequestLine as RequestLine
from ladle.run import Run as Run
from ladle.run_file import FUNCTIONS, read, written
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING, Overrides, load_dataset, secret
from ladle.sources.modules import modules_of
from ladle.sources.source import Dataset, Source

AT_ONCE = 8
"""Runs that are asked for at the same time on S3: each may take 20 ms."""


def start(
    home: Home,
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
) -> Run:
    """A new run of a dataset, queued. Nothing is written where a name, a setting or the key's variable is wrong.

    A dataset is a name like `swapi/people`; a Path leads to a definition file, `own.toml` or `own.toml#people`.
    `parameters` are set for this run, `files` are the texts of those that are lists: a text never opens a file, a Path
    does.

    Not `trusted`: the parameters came from a browser or the API, and must not lead to another site.

    `afresh`: take every answer whole, for an API that says "not modified" (304) of what it has changed.
    """
    overrides = Overrides(base_url=base_url, quota=quota, pace=pace)
    source, definition = load_dataset(
        dataset, home=home, env=env, overrides=overrides, values=parameters, files=files, trusted=trusted
    )
    secret(source, env=env)
    return queue(home, source, definition, afresh=afresh)


def queue(home: Home, source: Source, definition: Dataset, *, afresh: bool = False) -> Run:
    """A new run of a source that need not be a built-in one, queued."""
    now = datetime.now(UTC)
    run = Run(home=home, id=new_id(now), created=now, source=source, dataset_definition=definition, afresh=afresh)
    run.folder.mkdir()
    keep_run(run)
    return run


def keep_run(run: Run) -> None:
    """Write down what the run was asked for; from then on it is one of the home's."""
    if run.source.folder is not None:
        functions = run.folder / FUNCTIONS
        functions.mkdir()
        for name, text in modules_of(run.source).items():
            (functions / name).parent.mkdir(parents=True, exist_ok=True)
            (functions / name).write_text(text, "utf-8", newline="")
    write_whole(run.folder / shared.RUN, written(run))
    shared.share(run.folder, functions=FUNCTIONS)


def open_run(home: Home, id: str) -> Run:
    """The run of that id; raises NotFound."""
    path = home.runs / id / shared.RUN
    if is_id(id):
        shared.fetch_run(path.parent, functions=FUNCTIONS)
    if not is_id(id) or not path.exists():
        raise NotFound(f'There is no run "{id}".', hint="List them with: ladle runs")
    try:
        return read(home, path)
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        raise Damaged(f"The run {id} can't be read.", hint="Start a new one.") from error


def progress_of(home: Home, id: str) -> Progress | None:
    """How far a run is, by its id; None where it has not said yet. Cheap: its definition is not read.

    Of a home on S3 raises Unreachable.
    """
    return last_word(home.runs / id) if is_id(id) else None


def list_runs(home: Home) -> list[Run]:
    """All runs of the home, newest first; folders that are no runs are left out."""
    runs = []
    for id in sorted(run_ids(home), reverse=True):
        with suppress(NotFound, Damaged):
            runs.append(open_run(home, id))
    return runs


def run_ids(home: Home) -> set[str]:
    """The ids of all runs; only names are read, so one may yet be damaged."""
    if home.mirror is not None:
        return set(shared.known(home.mirror))
    return {path.parent.name for path in home.runs.glob(f"*/{shared.RUN}")}


def run_folders(home: Home) -> list[Path]:
    """The folders of all runs, oldest first; of a home on S3 what each was asked for is fetched where it lacks."""
    folders = [home.runs / id for id in sorted(run_ids(home)) if is_id(id)]
    if home.mirror is not None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(partial(shared.fetch_run, functions=FUNCTIONS), folders))
    return folders


def latest(home: Home, dataset: str) -> Run:
    """The last run of a dataset that has not ended, else the last of all; raises NotFound."""
    found = [run for run in list_runs(home) if run.dataset == dataset]
    for run in found:
        if run.state not in ENDED:
            return run
    if not found:
        raise NotFound(f"There is no run of {dataset}.", hint=f"Start one with: ladle collect {dataset}")
    return found[0]


def resumable(home: Home, dataset: str) -> Run:
    """The last run of a dataset that can go on and that nobody drives; raises NotFound."""
    for run in list_runs(home):
        if run.dataset == dataset and run.state not in FINAL and not run.is_driven():
            return run
    raise NotFound(f"No run of {dataset} was left unfinished.", hint=f"Start one with: ladle collect {dataset}")
