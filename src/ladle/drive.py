"""Driving a run: takes a run, collects what is missing and builds the snapshot, gives the last Progress.

A run can be driven by anyone who holds its lock, for as long as they like, and taken up by the next: everything
it has is in its journal. `drive` returns when the run is over, when its time is up, when it was asked to stop, or
when the quota will not allow a call in that time.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ladle.collect.collector import Collector, Ending
from ladle.collect.fetch import USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate
from ladle.collect.journal import Journal, replay, segments
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.collect.plan import Planner
from ladle.collect.price import time_left
from ladle.collect.progress import ENDED, Progress, QuotaLine, State
from ladle.collect.slice import Slice, time_slice
from ladle.errors import LadleError
from ladle.home import write_whole
from ladle.runs import Run
from ladle.snapshots.build import build, final_folder
from ladle.snapshots.feed import Feed
from ladle.snapshots.manifest import Gap, Manifest, RunFacts
from ladle.sources.library import secret
from ladle.sources.source import Source
from ladle.version import VERSION

AGENT = f"ladle/{VERSION}"
TELL_EVERY = 0.25
"""Seconds between two tellings of progress, at least: a page shows it once a second."""

Listener = Callable[[Progress], None]


async def drive(
    run: Run,
    *,
    seconds: float | None = None,
    stop: asyncio.Event | None = None,
    on_progress: Listener | None = None,
    fence: int | None = None,
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
    chance: Callable[[], float] = random.random,
) -> Progress:
    """Collect what is missing and build the snapshot. `fence` numbers the driver: it must grow from one to the next.

    `bounds` are what one call may take; `chance` gives the numbers from 0 to 1 by which attempts are spread.

    Raises Conflict when another process drives the run; what goes wrong with the API is told in the Progress returned.
    """
    with run.lock():
        before = run.progress()
        if before.state in ("complete", "incomplete"):
            return before
        teller = _Teller(run, before, on_progress)
        try:
            with _feed(run) as feed:
                async with time_slice(seconds, stop) as slice_:
                    means = _Means(fence=fence, env=env, bounds=bounds, chance=chance)
                    ending = await _collect(run, teller, slice_, means, feed)
                if ending.state == "waiting":
                    return teller.tell(state="waiting", wake_at=ending.wake_at)
                if ending.state == "stopped":
                    return teller.tell(state="running")
                teller.tell(state="finishing")
                return teller.end(await asyncio.to_thread(_finish, run, teller, feed))
        except LadleError as error:
            return teller.tell(state="failed", reason=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What the caller of `drive` settles."""

    fence: int | None
    env: Mapping[str, str]
    bounds: Bounds
    chance: Callable[[], float]


async def _collect(run: Run, teller: _Teller, slice_: Slice, means: _Means, feed: Feed) -> Ending:
    """Everything between the key and the journal's end."""
    source = run.source
    key = secret(source, env=means.env)
    ledger = SqliteLedger(run.home.ledger)
    gate = Gate(ledger, gate_name(source, key), quotas=source.quotas, pace=source.pace)
    journal = Journal(run.folder, fence=_next_fence(run) if means.fence is None else means.fence)
    fetcher = Fetcher(source, gate=gate, secret=key, agent=AGENT, patience=slice_.left, bounds=means.bounds)
    try:
        async with fetcher:
            planner = Planner(source, run.dataset_definition)
            collector = Collector(
                planner,
                journal=journal,
                fetcher=fetcher,
                gate=gate,
                changed=teller.changed,
                kept=feed.kept,
                patience=slice_.left,
                chance=means.chance,
            )
            teller.begin(collector, gate)
            await asyncio.to_thread(collector.replay, replay(run.folder))
            if collector.tally.done:
                feed.drop()  # the journal holds answers of an earlier driver, from which the table is woven too
            teller.tell(state="running")
            return await collector.collect(stop=slice_.stop)
    finally:
        teller.rest()
        journal.close()
        await gate.aclose()
        ledger.shut()


def gate_name(source: Source, key: str | None) -> str:
    """The gate that all runs with this credential at this host share. The credential can't be read from it."""
    whose = f"{urlsplit(source.base_url).netloc} {key or ''}"
    return f"{source.name}-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


def _next_fence(run: Run) -> int:
    """One more than the last driver's."""
    return max((int(path.name.partition("-")[0]) for path in segments(run.folder)), default=0) + 1


def _feed(run: Run) -> Feed:
    """What begins the run's table while its answers come."""
    source, dataset = run.source, run.dataset_definition
    final = final_folder(run.home, source=source, dataset=dataset, run_id=run.id)
    return Feed(final, source=source, dataset=dataset)


def _finish(run: Run, teller: _Teller, feed: Feed) -> Manifest:
    """Build and publish the snapshot."""
    facts = RunFacts(
        started=datetime.fromtimestamp(teller.started, UTC),
        finished=datetime.now(UTC),
        requests=teller.requests,
        base_url=run.source.base_url,
        gaps=tuple(Gap(line.key, line.reason) for line in teller.last.gaps),
        quotas=tuple(quota.text for quota in run.source.quotas),
    )
    source, dataset = run.source, run.dataset_definition
    return build(run.folder, source=source, dataset=dataset, home=run.home, run_id=run.id, facts=facts, feed=feed)


class _Teller:
    """Writes a run's progress where every process can read it, at most four times a second."""

    def __init__(self, run: Run, before: Progress, listener: Listener | None) -> None:
        self.started = before.started or time.time()
        self.last = replace(before, reason="", ended=None, wake_at=None, started=self.started)
        self._run, self._listener = run, listener
        self._collector: Collector | None = None
        self._gate: Gate | None = None
        self._told_at, self._soon = 0.0, False
        self.requests = 0
        """Attempts on the wire in the whole run, once the collector has come to rest."""

    def begin(self, collector: Collector, gate: Gate) -> None:
        """From here on the numbers come from a collector."""
        self._collector, self._gate = collector, gate

    def rest(self) -> None:
        """Take the collector's numbers a last time, while its gate can still be asked."""
        self.last = self._counted()
        if self._collector is not None:
            self.requests = self._collector.tally.requests
        self._collector = self._gate = None

    def changed(self) -> None:
        """Something happened; tell it, a little later when the last telling is too fresh."""
        if not self._soon:
            self._soon = True
            early = max(0.0, self._told_at + TELL_EVERY - time.monotonic())
            asyncio.get_running_loop().call_later(early, self._tell_changes)

    def _tell_changes(self) -> None:
        self._soon = False
        if self._collector is not None:
            self.tell(state="running")

    def tell(self, *, state: State, reason: str = "", wake_at: float | None = None) -> Progress:
        """Write the progress down and show it."""
        self._told_at = time.monotonic()
        now = time.time()
        over = now if state in ENDED else None
        counted = self._counted()
        if state not in ("running", "waiting"):
            counted = replace(counted, troubles=())
        self.last = replace(counted, state=state, reason=reason, wake_at=wake_at, updated=now, ended=over)
        write_whole(self._run.folder / "progress.json", self.last.to_json(), durable=self.last.is_over)
        if self._listener:
            self._listener(self.last)
        return self.last

    def end(self, manifest: Manifest) -> Progress:
        """The last telling, with the snapshot."""
        found, claimed = manifest.found, manifest.claimed
        self.last = replace(self.last, snapshot=manifest.id, records=found, claimed=claimed, exact=True)
        return self.tell(state="complete" if manifest.complete else "incomplete", reason=" ".join(manifest.reasons))

    def _counted(self) -> Progress:
        """The last progress with the collector's numbers of now."""
        if self._collector is None or self._gate is None:
            return replace(self.last, seconds_left=None, next_call_in=None)
        planner, tally, source = self._collector.planner, self._collector.tally, self._run.source
        parts = planner.parts()
        total = max(sum(part.requests for part in parts), tally.done)
        uses = self._gate.use()
        left = time_left(
            total - tally.done,
            quotas=source.quotas,
            uses=uses,
            pace=source.pace,
            latency=tally.latency,
            concurrency=source.concurrency,
        )
        return replace(
            self.last,
            done=tally.done,
            total=total,
            exact=all(part.exact for part in parts),
            records=planner.records,
            claimed=planner.claimed,
            gaps=tally.gap_lines(),
            troubles=tuple(tally.troubles.values()),
            quota=tuple(QuotaLine(text=use.text, used=use.used, limit=use.limit) for use in uses),
            next_call_in=self._gate.next_in(),
            seconds_left=left,
        )
