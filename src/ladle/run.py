"""One run: takes its folder in the home, gives how far it is, its requests and rows, and a lock for who drives it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import IO, Any, Literal

from ladle.collect import shared
from ladle.collect.journal import Entry
from ladle.collect.last_word import last_word, said_here
from ladle.collect.lines import lines_of
from ladle.collect.progress import Progress, State
from ladle.collect.removed import removed_at
from ladle.errors import Conflict, Unreachable
from ladle.home import Home
from ladle.snapshots.reading import rows_so_far
from ladle.sources.source import Dataset, Source
from ladle.storage.lease import Lease

SLOW = 30.0
"""Seconds after the end of its wait by which a run that waits is taken up again, if anybody does."""
LOOK, LOOKS = 0.01, 5
"""Seconds between two tries at a run's lock, and how many."""


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
    def definition_version(self) -> int | None:
        """Which version of a source of one's own it is of."""
        return self.source.version

    @property
    def parameters(self) -> Mapping[str, str]:
        """The source's, as they are set for the run."""
        return self.source.values

    @property
    def folder(self) -> Path:
        """Where its journal lies."""
        return self.home.runs / self.id

    @property
    def journal_removed(self) -> datetime | None:
        """When its journal was removed, since it ended long ago; None while it is kept."""
        return removed_at(self.folder)

    @property
    def snapshot_id(self) -> str | None:
        """The id of the snapshot that came of it; None while there is none."""
        return self.progress().snapshot

    def progress(self) -> Progress:
        """How far it is, as last written by the process that drives it. Cheap; of a home on S3 a request."""
        try:
            return last_word(self.folder) or self._queued()
        except Unreachable:
            return self.progress_here()

    def progress_here(self) -> Progress:
        """The same, as far as this machine knows."""
        return said_here(self.folder) or self._queued()

    def _queued(self) -> Progress:
        return Progress(run=self.id, dataset=self.dataset, state="queued", created=self.created.timestamp())

    def is_driven(self) -> bool:
        """Whether a process is driving it at this moment."""
        with self._lock_file() as file:
            if not _locked(file):
                return True
        lease = shared.lease_of(self.folder)
        return lease is not None and lease.is_held_elsewhere()

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
        shared.fetch_journal(self.folder)
        lines: list[RequestLine] = []
        for number, entry in () if self.journal_removed else lines_of(self.folder).after(after, only=only):
            lines.append(_line(number, entry))
            if len(lines) == limit:
                break
        return lines

    def so_far(self) -> Iterator[dict[str, Any]]:
        """The table's rows from what is collected so far, in the table's order, each {column: value}."""
        shared.fetch_journal(self.folder)
        source = self.source
        return rows_so_far(self.folder, source=source, dataset=self.dataset_definition, base_url=source.base_url)

    @contextmanager
    def lock(self) -> Iterator[Lease | None]:
        """Hold the run; raises Conflict when another process drives it. The system frees it at any death.

        Of a home on S3 gives the lease to be renewed, and which ends by itself.
        """
        with self._lock_here() as ours:
            lease = shared.lease_of(self.folder)
            with shared.leased(lease) if ours else nullcontext(False) as alone:
                if not alone:
                    raise self.driven()
                yield lease

    def driven(self) -> Conflict:
        """The error that somebody else drives it."""
        hint = "Watch it with: ladle runs"
        return Conflict(f"The run {self.id} is being driven by another process.", hint=hint)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the run if nobody does; False when another process drives it."""
        with (
            self._lock_here() as ours,
            shared.leased(shared.lease_of(self.folder)) if ours else nullcontext(False) as alone,
        ):
            yield alone

    @contextmanager
    def _lock_here(self) -> Iterator[bool]:
        """Hold the run on this machine."""
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


def _line(number: int, entry: Entry) -> RequestLine:
    assert entry.kind != "taken"  # noqa: S101 - the reader of a journal follows these and gives none
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
