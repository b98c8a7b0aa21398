"""What a script or a notebook calls: takes a dataset's name, gives its snapshot; no server, no event loop to mind."""

from __future__ import annotations

import asyncio
import os
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ladle.collect.price import Plan, price
from ladle.collect.progress import Progress
from ladle.drive import drive
from ladle.errors import Damaged, DefinitionError, LadleError, UpstreamError
from ladle.home import Home, home_at, home_in
from ladle.remote.server import Place, Server, server_of
from ladle.retrying import retry
from ladle.runs import Run, start
from ladle.runs import run_ids as run_ids_of
from ladle.snapshots.manifest import Manifest
from ladle.sources.found import gallery_names
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING, Overrides, load_any, load_source, source_names
from ladle.sources.source import Source

if TYPE_CHECKING:
    from ladle.explore.series import SeriesRow
    from ladle.explore.snapshot import Snapshot
    from ladle.remote.run import RemoteRun


class IncompleteWarning(UserWarning):
    """The snapshot lacks something; its manifest says what."""


def collect(
    dataset: str | Path,
    *,
    parameters: Parameters = NOTHING,
    home: Place = None,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    afresh: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Snapshot:
    """Take a dataset whole and give its snapshot. `afresh`: ask for every answer whole, whatever an earlier run holds.

    A Path in the dataset's place leads to a definition file: `Path("own.toml")`, or `Path("own.toml#people")`.
    `parameters` are set for this run; a list is a Path.

    Works where an event loop runs already (a notebook). Warns with IncompleteWarning when something is missing;
    raises UpstreamError when the API ended the run, and what `start` raises for wrong names and settings.

    A server's workers drive the run: it goes on there whatever becomes of this process.
    """
    if (server := server_of(home)) is not None:
        from ladle.remote import running

        settings = {"base_url": base_url, "quota": quota, "pace": pace}
        there = running.start(server, dataset, parameters=parameters, afresh=afresh, settings=settings)
        return _snapshot_of(server, there.dataset, running.follow(there, on_progress=on_progress))
    place = _home(home)
    run = start(place, dataset, parameters=parameters, base_url=base_url, quota=quota, pace=pace, afresh=afresh)
    return _snapshot_of(place, run.dataset, wait_for(run, on_progress=on_progress))


def _snapshot_of(home: Home | Server, dataset: str, progress: Progress) -> Snapshot:
    """What came of a run that has ended."""
    if progress.snapshot is None:
        raise UpstreamError(progress.reason or f"The run {progress.run} was left {progress.state}.")
    if progress.state == "incomplete":
        warnings.warn(f"{dataset} is incomplete: {progress.reason}", IncompleteWarning, stacklevel=3)
    return snapshot(progress.snapshot, home=home)


def wait_for(run: Run, *, on_progress: Callable[[Progress], None] | None = None) -> Progress:
    """Drive a run to its end in a thread with an event loop of its own. Ctrl-C leaves it resumable."""
    stop, fetched = asyncio.Event(), threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def told(progress: Progress) -> None:
        if progress.state == "finishing":
            fetched.set()
        if on_progress is not None:
            on_progress(progress)

    async def work() -> Progress:
        loops.append(asyncio.get_running_loop())
        return await drive(run, stop=stop, on_progress=told)

    with ThreadPoolExecutor(1, thread_name_prefix="ladle") as pool:
        future = pool.submit(asyncio.run, work())
        future.add_done_callback(lambda _: fetched.set())
        try:
            fetched.wait()
            if not future.done():
                # Whoever collects looks into it next: that room is loaded while another process builds the snapshot.
                from ladle.explore import finding  # noqa: F401 - loaded, not used

            return future.result()
        except KeyboardInterrupt:
            if loops:
                loops[0].call_soon_threadsafe(stop.set)
            raise


def retry_gaps(
    run: str | Run | RemoteRun,
    *,
    home: Place = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Snapshot:
    """Fetch only what an incomplete run lacks, named by its id or its dataset, and give the new snapshot.

    Raises NotFound for an unknown id, Conflict for a run without gaps or one that has not ended; else as `collect`.
    """
    given = run.home if isinstance(run, Run) else home if isinstance(run, str) else run.server
    named = run if isinstance(run, str) else run.id
    if (server := server_of(given)) is not None:
        from ladle.remote import running

        there = running.retry(server, named)
        return _snapshot_of(server, there.dataset, running.follow(there, on_progress=on_progress))
    place = _home(given)
    new = retry(place, named)
    return _snapshot_of(place, new.dataset, wait_for(new, on_progress=on_progress))


def plan(
    dataset: str | Path,
    *,
    parameters: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    definition: str | Source | None = None,
    trusted: bool = True,
    home: Place = None,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    env: Mapping[str, str] = os.environ,
) -> Plan:
    """What collecting a dataset will cost: calls, quotas, time. Asks nobody.

    `definition` is the text of one that is nowhere kept, `files` the texts of its lists by their names in it, or the
    Source that `check` has made of both; `dataset` is then the name of one of its datasets, or empty where it has one
    alone.

    On a server it is what a run there will cost; raises BadInput for a definition, for `base_url`, `quota` and `pace`.
    """
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import running
        from ladle.remote import sources as there

        running.refuse_settings({"definition": definition, "base_url": base_url, "quota": quota, "pace": pace})
        return there.plan(server, running.name_of(dataset), parameters)
    overrides = Overrides(base_url=base_url, quota=quota, pace=pace)
    source, found = load_any(
        dataset,
        definition=definition,
        trusted=trusted,
        home=_there(home, env=env),
        env=env,
        overrides=overrides,
        values=parameters,
        files=files,
    )
    return price(source, found, env=env)


def all_sources(*, home: Place = None, env: Mapping[str, str] = os.environ) -> list[Source]:
    """The sources at hand, settings applied: those built in, then the home's own but for the unusable ones."""
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import sources

        return sources.all_sources(server)
    found = _sources(_there(home, env=env), env=env)
    return [source for source in found.values() if isinstance(source, Source)]


def unusable_sources(
    *, home: Home | str | Path | None = None, env: Mapping[str, str] = os.environ
) -> dict[str, LadleError]:
    """Sources of one's own, by name, that were kept and can't be read any more, each with the reason."""
    found = _sources(_there(home, env=env), env=env)
    return {name: error for name, error in found.items() if isinstance(error, LadleError)}


def _sources(home: Home, *, env: Mapping[str, str]) -> dict[str, Source | LadleError]:
    """By name. One that is damaged keeps no other from being used."""
    found: dict[str, Source | LadleError] = {}
    for name in source_names(home):
        try:
            found[name] = load_source(name, home=home, env=env)
        except (Damaged, DefinitionError) as error:
            found[name] = error
    return found


def source(name: str, *, home: Place = None, env: Mapping[str, str] = os.environ) -> Source:
    """The source that goes by a name, settings applied: built in, of one's own, or of the gallery. Raises NotFound."""
    if (server := server_of(home, env=env)) is not None:
        from ladle.remote import sources

        return sources.source(server, name)
    return load_source(name, home=_there(home, env=env), env=env)


def gallery(*, env: Mapping[str, str] = os.environ) -> list[Source]:
    """The examples: sources that can be used by name, and that own ones can begin with."""
    return [load_source(name, env=env) for name in gallery_names()]


def snapshot(reference: str, *, home: Place = None) -> Snapshot:
    """The snapshot of an id, or the latest of a dataset like `swapi/people`; raises NotFound."""
    if (server := server_of(home)) is not None:
        from ladle.remote import looking

        return looking.snapshot(server, reference)
    from ladle.explore.finding import find

    return find(_home(home), reference)


def all_snapshots(dataset: str | None = None, *, home: Place = None) -> list[Manifest]:
    """The manifests of all snapshots, newest first; of one dataset when it is named."""
    if (server := server_of(home)) is not None:
        from ladle.remote import looking

        return looking.all_snapshots(server, dataset)
    from ladle.explore import finding

    return finding.all_snapshots(_home(home), dataset=dataset)


def series(dataset: str, *, of: str = "", home: Place = None) -> list[SeriesRow]:
    """One snapshot of a dataset after another, the latest 200, oldest first: when it was taken, its rows, and of the
    column `of` its mean, missing and distinct values as the profiles have them.

    Raises NotFound for a dataset without snapshots, BadInput for a column that none of them has.
    """
    if (server := server_of(home)) is not None:
        from ladle.remote import looking

        return looking.series(server, dataset, of=of)
    from ladle.explore import series as told

    return told.series(_home(home), dataset, of=of)


def snapshot_ids(*, home: Place = None) -> set[str]:
    """The ids of all snapshots of a home, for who knows most of them: no manifest is read."""
    if (server := server_of(home)) is not None:
        from ladle.remote import looking

        return looking.snapshot_ids(server)
    from ladle.explore import finding

    return finding.snapshot_ids(_home(home))


def run_ids(*, home: Place = None) -> set[str]:
    """The ids of all runs of a home, for who knows most of them: none is opened."""
    if (server := server_of(home)) is not None:
        from ladle.remote import running

        return {run.id for run in running.all_runs(server)}
    return run_ids_of(_home(home))


def _home(home: Place) -> Home:
    """The home that is meant; raises SettingError for a server, whose home this process can't open."""
    if isinstance(home, Server):
        home = home.address
    return home_in(home)


def _there(home: Place, *, env: Mapping[str, str]) -> Home:
    """The same, only to be looked into."""
    return home_at(home.address if isinstance(home, Server) else home, env=env)
