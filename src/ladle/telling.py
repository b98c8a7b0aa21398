"""Telling how a run goes: takes what the collector counts, gives Progress in the run's folder and to who listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ladle.collect.collector import Collector
from ladle.collect.gate import Gate
from ladle.collect.plan import Planner
from ladle.collect.progress import ENDED, Progress, QuotaLine, State
from ladle.collect.settling import Settled
from ladle.collect.shared import PROGRESS
from ladle.errors import LadleError
from ladle.home import write_whole
from ladle.runs import Run
from ladle.snapshots.manifest import Manifest

TELL_EVERY = 0.25
"""Seconds between two tellings of progress, at least: a page shows it once a second."""
WAITING_FROM = 5.0
"""Seconds to the next request from which a run is waiting and not running: shorter pauses are the quota's pace."""
REMIND_EVERY = 1.0
"""Seconds between two tellings of a run that waits, for a terminal that counts them down."""

Listener = Callable[[Progress], None]


class Teller:
    """Writes a run's progress where every process can read it, at most four times a second."""

    def __init__(self, run: Run, before: Progress, listener: Listener | None) -> None:
        self.started = before.started or time.time()
        self.last = replace(before, reason="", ended=None, wake_at=None, started=self.started)
        self._run, self._listener = run, listener
        self._collector: Collector | None = None
        self._planner: Planner | None = None
        self._gate: Gate | None = None
        self._told_at, self._soon = 0.0, False
        self._all_came_at = time.monotonic()
        self.away = ""
        """Why the ledger could not be asked when the collector came to rest; empty where it could."""
        self.requests = 0
        """Attempts on the wire in the whole run, once the collector has come to rest."""
        self.validated = 0
        """Answers that a later run can ask about, then too."""
        self.settled: Mapping[str, Settled] = {}
        """What the readings of each resource's pages came to, then too."""

    def begin(self, collector: Collector, planner: Planner, gate: Gate) -> None:
        """From here on the numbers come from a collector and what it plans by."""
        self._collector, self._planner, self._gate = collector, planner, gate

    def rest(self) -> None:
        """Take the collector's numbers a last time, while its gate can still be asked."""
        self._all_came_at = time.monotonic()
        self.last = self._counted()
        self.away = self._gate.away if self._gate else ""
        if self._collector is not None and self._planner is not None:
            self.requests = self._collector.tally.requests
            self.validated = self._collector.tally.validated
            self.settled = self._planner.settled
        self._collector = self._planner = self._gate = None

    def changed(self) -> None:
        """Something happened; tell it, a little later when the last telling is too fresh."""
        if not self._soon:
            self._soon = True
            early = max(0.0, self._told_at + TELL_EVERY - time.monotonic())
            asyncio.get_running_loop().call_later(early, self._tell_changes)

    def _tell_changes(self) -> None:
        self._soon = False
        if self._collector is not None:
            self.tell_standing()

    def pulse(self) -> None:
        """Called now and then: tells of a wait that begins or ends, for which nothing else happens that could."""
        if self._collector is not None and self.last.state in ("running", "waiting"):
            since = time.monotonic() - self._told_at
            waits = self._waits_until() is not None
            if waits != (self.last.state == "waiting") or (waits and since >= REMIND_EVERY):
                self.tell_standing()

    def tell_standing(self) -> None:
        """Running, or waiting when the next request is some time away."""
        wake_at, away = self._waits_until(), self._gate.away if self._gate else ""
        self.tell(state="running" if wake_at is None else "waiting", reason=away, wake_at=wake_at)

    def _waits_until(self) -> float | None:
        at = self._collector.next_at() if self._collector else None
        if self._gate is not None and self._gate.away:
            return at  # every second there is another try
        told = self.last.wake_at if self.last.state == "waiting" else None
        return at if at is not None and waits(at, now=time.time(), told=told) else None

    def tell(self, *, state: State, reason: str = "", wake_at: float | None = None) -> Progress:
        """Write the progress down and show it."""
        now = time.time()
        over = now if state in ENDED else None
        counted = self._counted()
        if state not in ("running", "waiting"):
            counted = replace(counted, troubles=())
        return self.say(replace(counted, state=state, reason=reason, wake_at=wake_at, updated=now, ended=over))

    def say(self, progress: Progress, *, durable: bool | None = None) -> Progress:
        """As `tell`, a progress that is finished.

        On a disk that is full it may not be possible to write it: what it says is given to who listens all the same.
        """
        self._told_at = time.monotonic()
        self.last = progress
        path = self._run.folder / PROGRESS
        try:
            write_whole(path, progress.to_json(), durable=progress.is_over if durable is None else durable)
        except OSError:
            with suppress(OSError):
                _overwrite(path, progress.to_json())
        if self._listener:
            self._listener(self.last)
        return self.last

    def end(self, manifest: Manifest) -> Progress:
        """The last telling, with the snapshot."""
        found, claimed = manifest.found, manifest.claimed
        took = time.monotonic() - self._all_came_at
        last = replace(self.last, snapshot=manifest.id, records=found, claimed=claimed, exact=True, built_in=took)
        self.last = last
        return self.tell(state="complete" if manifest.complete else "incomplete", reason=" ".join(manifest.reasons))

    def _counted(self) -> Progress:
        """The last progress with the collector's numbers of now."""
        if self._collector is None or self._planner is None or self._gate is None:
            return replace(self.last, seconds_left=None, next_call_in=None, workers=1)
        planner, tally, workers = self._planner, self._collector.tally, self._collector.workers
        parts = planner.parts()
        at_once = workers * self._run.source.concurrency
        total = max(sum(part.requests for part in parts), tally.done)
        try:
            uses = self._gate.use()
            left = self._gate.left(total - tally.done, latency=tally.latency, concurrency=at_once)
        except LadleError:  # that is for who needs a permit to say
            return self.last
        return replace(
            self.last,
            done=tally.done,
            total=total,
            exact=all(part.exact for part in parts),
            records=planner.records,
            claimed=planner.claimed,
            unchanged=tally.unchanged,
            requests=tally.made,
            refused=tally.refused,
            gaps=tally.gap_lines(),
            troubles=tuple(tally.troubles.values()),
            quota=tuple(QuotaLine(text=use.text, used=use.used, limit=use.limit) for use in uses),
            next_call_in=self._gate.next_in(),
            seconds_left=left,
            workers=workers,
        )


def waits(at: float, *, now: float, told: float | None) -> bool:
    """Whether a run whose next request goes `at` waits, and does not only keep its quota's pace.

    `told`: the end of the wait that was told last, None when it was told as running. All in seconds since 1970.

    >>> [waits(at, now=10.0, told=told) for at, told in ((19.0, None), (11.0, None), (11.0, 11.0), (11.0, 9.9))]
    [True, False, True, False]
    """
    return at - now >= WAITING_FROM or (told is not None and told > now)


def _overwrite(path: Path, data: bytes) -> None:
    """In the room that the file has already. Torn by a kill it reads as queued: the journal has everything."""
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
