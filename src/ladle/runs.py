"""Runs of a home: takes a dataset's name, gives a run that can be driven, shown, and found again by any process."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import IO, Any, Literal

import orjson

from ladle.collect.journal import Entry
from ladle.collect.lines import lines_of
from ladle.collect.progress import ENDED, Progress, State
from ladle.errors import BadInput, Conflict, Damaged, NotFound
from ladle.home import Home, is_id, new_id, write_whole
from ladle.snapshots.reading import rows_so_far
from ladle.sources.definition import parse
from ladle.sources.library import Overrides, load_dataset, secret
from ladle.sources.quotas import parse_quotas
from ladle.sources.source import Dataset, Item, Source

FORMAT = 1
SLOW = 30.0
"""Seconds after the end of its wait by which a run that waits is taken up again, if anybody does."""
LOOK, LOOKS = 0.01, 5
"""Seconds between two tries at a run's lock, and how many."""
FINAL: tuple[State, ...] = ("complete", "incomplete", "cancelled")
"""States in which a run goes on no more; one that failed can be taken up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One line of the list of a run's calls."""

    number: int
    """From 1, in the order in which they came back."""
    key: str
    kind: Literal["answer", "trouble", "gap"]
    status: int | None
    started: float
    """Seconds since 1970."""
    took: float
    """Seconds."""
    records: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One collection of one dataset, as its folder in the home says. The folder is the truth; this only reads it."""

    home: Home
    id: str
    created: datetime
    source: Source
    """As it was when the run was started: settings and lists applied."""
    dataset_definition: Dataset
    afresh: bool = False
    """Every answer is sent whole: nothing is asked about answers of an earlier run."""
    continues: str | None = None
    """The run whose answers it began with, to fetch only what that one lacked."""

    @property
    def dataset(self) -> str:
        """`swapi/people`."""
        return f"{self.source.name}/{self.dataset_definition.name}"

    @property
    def folder(self) -> Path:
        """Where its journal lies."""
        return self.home.runs / self.id

    @property
    def snapshot_id(self) -> str | None:
        """The id of the snapshot that came of it; None while there is none."""
        return self.progress().snapshot

    def progress(self) -> Progress:
        """How far it is, as last written by the process that drives it. Cheap."""
        try:
            return Progress.from_json((self.folder / "progress.json").read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            # Not written yet, or torn by a loss of power: it is a view, the journal has everything.
            return Progress(run=self.id, dataset=self.dataset, state="queued", created=self.created.timestamp())

    def is_driven(self) -> bool:
        """Whether a process is driving it at this moment."""
        with self._lock_file() as file:
            return not _locked(file)

    @property
    def was_left(self) -> bool:
        """It was being driven and nobody does it any more: its process was killed, or hands it to the next just now.

        Or it waited, and nobody has taken it up although the wait is over.
        """
        progress = self.progress()
        woken = progress.state == "waiting" and (progress.wake_at or inf) + SLOW < time.time()
        return (woken or progress.state in ("running", "finishing")) and not self.is_driven()

    @property
    def state(self) -> State:
        """Its state; a run whose process died reads as it was left, see `was_left`."""
        return self.progress().state

    def requests(
        self, *, after: int = 0, limit: int = 100, only: Literal["failed", "slow"] | None = None
    ) -> list[RequestLine]:
        """Calls as they came back, from number `after` + 1 on; `only` leaves the failed or the slow ones."""
        lines: list[RequestLine] = []
        for number, entry in lines_of(self.folder).after(after, only=only):
            lines.append(_line(number, entry))
            if len(lines) == limit:
                break
        return lines

    def so_far(self) -> Iterator[dict[str, Any]]:
        """The table's rows from what is collected so far, in the table's order, each {column: value}."""
        source = self.source
        return rows_so_far(self.folder, source=source, dataset=self.dataset_definition, base_url=source.base_url)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run; raises Conflict when another process drives it. The system frees it at any death."""
        with self.held() as ours:
            if not ours:
                hint = "Watch it with: ladle runs"
                raise Conflict(f"The run {self.id} is being driven by another process.", hint=hint)
            yield

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the run if nobody does; False when another process drives it."""
        with self._lock_file() as file:
            # Who only looks whether it is driven holds the lock for a moment: one refusal is not an answer yet.
            for _ in range(LOOKS):
                if ours := _locked(file):
                    break
                time.sleep(LOOK)
            yield ours

    def _lock_file(self) -> IO[str]:
        return (self.folder / "lock").open("w")


def _locked(file: IO[str]) -> bool:
    """Lock the open file, to its closing; False when another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start(
    home: Home,
    dataset: str,
    *,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    afresh: bool = False,
    env: Mapping[str, str] = os.environ,
) -> Run:
    """A new run of a dataset, queued. Nothing is written where a name, a setting or the key's variable is wrong.

    `afresh`: take every answer whole, for an API that says "not modified" (304) of what it has changed.
    """
    overrides = Overrides(base_url=base_url, quota=quota, pace=pace)
    source, definition = load_dataset(dataset, env=env, overrides=overrides)
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
    write_whole(run.folder / "run.json", _told(run))


def open_run(home: Home, id: str) -> Run:
    """The run of that id; raises NotFound."""
    path = home.runs / id / "run.json"
    if not is_id(id) or not path.exists():
        raise NotFound(f'There is no run "{id}".', hint="List them with: ladle runs")
    try:
        return _read(home, path)
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        raise Damaged(f"The run {id} can't be read.", hint="Start a new one.") from error


def list_runs(home: Home) -> list[Run]:
    """All runs of the home, newest first; folders that are no runs are left out."""
    runs = []
    for folder in sorted(home.runs.iterdir(), reverse=True):
        with suppress(NotFound, Damaged):
            runs.append(open_run(home, folder.name))
    return runs


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


def _told(run: Run) -> bytes:
    """Everything that is needed to go on, on any day, whatever the settings are then. No credential is among it."""
    source = run.source
    lists = {name: _csv(resource.each.items) for name, resource in source.resources.items() if resource.each}
    told = {
        "format": FORMAT,
        "id": run.id,
        "dataset": run.dataset,
        "continues": run.continues,
        "created": run.created.isoformat(),
        "base_url": source.base_url,
        "quota": ", ".join(quota.text for quota in source.quotas) or "none",
        "pace": source.pace,
        "afresh": run.afresh,
        "lists": lists,
        "definition": source.text,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _read(home: Home, path: Path) -> Run:
    told = orjson.loads(path.read_bytes())
    lists: dict[str, str] = told["lists"]
    source = parse(told["definition"], where=str(path), lists=lambda resource, file, _setting: (file, lists[resource]))
    source = replace(source, base_url=told["base_url"], quotas=parse_quotas(told["quota"]), pace=told["pace"])
    definition = source.datasets[told["dataset"].partition("/")[2]]
    created = datetime.fromisoformat(told["created"])
    return Run(
        home=home,
        id=told["id"],
        created=created,
        source=source,
        dataset_definition=definition,
        afresh=bool(told.get("afresh")),  # runs of the first Ladle don't say
        continues=told.get("continues"),
    )


def _csv(items: tuple[Item, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(items[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue()


def _line(number: int, entry: Entry) -> RequestLine:
    return RequestLine(
        number=number,
        key=entry.key,
        kind=entry.kind,
        status=entry.status,
        started=entry.started,
        took=entry.took,
        records=entry.records,
        attempt=entry.attempt,
        reason=entry.reason,
    )
