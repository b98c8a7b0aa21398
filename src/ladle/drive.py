"""Driving a run: takes a run, collects what is missing and builds the snapshot, gives the last Progress.

A run can be driven by anyone who holds its lock, for as long as they like, and taken up by the next: everything
it has is in its journal. `drive` returns when the run is over, when its time is up, when it was asked to stop, when
somebody paused or cancelled it, or when the quota will not allow a call in that time.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ladle.beside import Beside
from ladle.collect import earlier
from ladle.collect.collector import Collector, Ending
from ladle.collect.fetch import AGENT, USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate, gate_name
from ladle.collect.hands import Hands
from ladle.collect.journal import Entry, replay, segments
from ladle.collect.kept import NOTHING, Kept
from ladle.collect.ledgers import open_ledger
from ladle.collect.plan import Planner
from ladle.collect.progress import Progress
from ladle.collect.segment import named
from ladle.collect.settling import Settled
from ladle.collect.shared import ANSWERS, fetch_earlier, fetch_journal, put, taken_from
from ladle.collect.slice import Slice, is_set_within, time_slice
from ladle.collect.tail import Tail
from ladle.control import discard_build, forget_wish, read_wish
from ladle.errors import LadleError, Unreachable
from ladle.linking import Link, link, waits_for_store
from ladle.mishap import Mishap, in_words
from ladle.runs import FINAL, Run
from ladle.snapshots.build import build
from ladle.snapshots.manifest import Gap, Manifest, RunFacts
from ladle.sources.library import secret
from ladle.telling import Listener, Teller

AGAIN = 5.0
"""Seconds between two tries to go on when S3 can't be reached."""
LOOK_EVERY = 0.2
"""Seconds between two looks for what somebody wants of the run."""


async def drive(
    run: Run,
    *,
    seconds: float | None = None,
    stop: asyncio.Event | None = None,
    on_progress: Listener | None = None,
    hands: Hands | None = None,
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
    chance: Callable[[], float] = random.random,
) -> Progress:
    """Collect what is missing and build the snapshot.

    `hands` leads to other workers, for a source that lets several collect one run; without it this process does it all.

    `bounds` are what one call may take; `chance` gives the numbers from 0 to 1 by which attempts are spread.

    Raises Conflict when another process drives the run; what goes wrong with the API is told in the Progress returned.
    """
    # Who drives in slices has seen the ledger work: a Redis that is away now comes back.
    means = _Means(hands=hands, env=env, bounds=bounds, chance=chance, patient=seconds is not None)
    while True:
        try:
            async with time_slice(seconds, stop) as slice_:
                return await _driven(run, slice_, on_progress, means)
        except Unreachable as error:
            progress = waits_for_store(run, error)
        if on_progress is not None:
            on_progress(progress)
        # Who has no end in sight waits here; others hand the run back, and take it up when it is time.
        if seconds is not None or await is_set_within(stop, AGAIN):
            return progress


async def _driven(run: Run, slice_: Slice, on_progress: Listener | None, means: _Means) -> Progress:
    """The same; raises Unreachable when what is on S3 can't be reached for long, or when it is needed."""
    async with link(run, slice_) as linked:
        before = await asyncio.to_thread(run.progress)
        if before.state in (*FINAL, "paused"):
            await linked.close(before)
            return before
        teller = Teller(run, before, linked.listening(on_progress))
        means = replace(means, linked=linked, patient=means.patient or before.started is not None)  # begun: the same
        try:
            async with _attention(run, teller, slice_, linked):
                progress = await _to_the_end(run, teller, slice_, means)
        except Unreachable:
            raise
        except LadleError as error:
            progress = teller.tell(state="failed", reason=str(error))
        except Mishap as error:
            progress = teller.tell(state="failed", reason=in_words(error, resume=f"ladle resume {run.id}"))
        await linked.close(progress)
        return progress


@asynccontextmanager
async def _attention(run: Run, teller: Teller, slice_: Slice, linked: Link) -> AsyncIterator[None]:
    """Inside the block, look now and then whether somebody wants something of the run, and whether it waits."""

    async def look() -> None:
        while True:
            if read_wish(run) is not None:
                slice_.ask()
            teller.pulse()
            linked.pulse()
            await asyncio.sleep(LOOK_EVERY)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()


async def _to_the_end(run: Run, teller: Teller, slice_: Slice, means: _Means) -> Progress:
    """Collect and build, as far as it is wanted."""
    await asyncio.to_thread(discard_build, run)
    try:
        with Beside(run) as beside:
            ending = await _collect(run, teller, slice_, means, beside)
            if ending.state == "done":
                teller.tell(state="finishing")
                return teller.end(await asyncio.to_thread(_finish, run, teller, slice_, beside))
    except _Halted:
        ending = Ending(state="stopped")
    if (wish := read_wish(run)) is not None:
        progress = teller.say(wish.fulfilled(teller.last), durable=True)
        await asyncio.to_thread(forget_wish, run)
        return progress
    if ending.state == "waiting":
        return teller.tell(state="waiting", reason=teller.away, wake_at=ending.wake_at)
    return teller.tell(state="finishing" if teller.last.state == "finishing" else "running")


class _Halted(Exception):
    """Somebody wants the run to stop before what is being done is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What the caller of `drive` settles."""

    hands: Hands | None
    env: Mapping[str, str]
    bounds: Bounds
    chance: Callable[[], float]
    patient: bool
    """Wait for a ledger that can't be reached, from the beginning."""
    linked: Link = field(default_factory=Link)


async def _collect(run: Run, teller: Teller, slice_: Slice, means: _Means, beside: Beside) -> Ending:
    """Everything between the key and the journal's end."""
    source = run.source
    hands = means.hands if source.workers > 1 else None
    key = secret(source, env=means.env)
    async with AsyncExitStack() as stack:
        # Closed in this order's reverse, each whether or not another could be.
        ledger = await asyncio.to_thread(open_ledger, run.home, env=means.env, patient=means.patient)
        stack.callback(ledger.shut)
        gate = Gate(ledger, gate_name(source, key), quotas=source.quotas, pace=source.pace)
        stack.push_async_callback(gate.aclose)
        journal = stack.enter_context(means.linked.journal(run.folder, fence=_next_fence(run)))
        stack.callback(teller.rest)
        fetcher = Fetcher(
            source, gate=gate, secret=key, agent=AGENT, patience=slice_.left, bounds=means.bounds, env=means.env
        )
        planner = Planner(source, run.dataset_definition, again=run.continues is None)
        collector = Collector(
            planner,
            journal=journal,
            fetcher=await stack.enter_async_context(fetcher),
            gate=gate,
            changed=teller.changed,
            kept=beside.kept,
            earlier=await asyncio.to_thread(earlier_answers, run),
            patience=slice_.left,
            chance=means.chance,
            since=run.created.timestamp(),
        )
        if hands is not None:
            await hands.clear()
        await asyncio.to_thread(_replay, run, collector, slice_)
        if hands is not None:
            collector.share(hands, folder=run.folder, left=lambda: _left(planner, collector))
        teller.begin(collector, planner, gate)
        teller.tell(state="running")
        return await slice_.bounded(collector.collect(stop=slice_.stop)) or Ending(state="stopped")


def _replay(run: Run, collector: Collector, slice_: Slice) -> None:
    """Take up the journal, and what helpers of earlier drivers wrote that these did not take up."""
    fetch_journal(run.folder)
    tail = Tail(run.folder)
    entries = replay(run.folder, tail=tail)
    collector.replay(_unless_asked(slice_, entries), taken=tail.taken, left=taken_from(run.folder))


def _left(planner: Planner, collector: Collector) -> int:
    """Requests still to be made, as far as is known."""
    return sum(part.requests for part in planner.parts()) - collector.tally.done


def _unless_asked(slice_: Slice, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, until somebody asks to stop: a long journal takes its time to be read."""
    for entry in entries:
        if slice_.asked.is_set():
            raise _Halted
        yield entry


def _next_fence(run: Run) -> int:
    """One more than the last driver's."""
    return max((named(path).fence for path in segments(run.folder)), default=0) + 1


def earlier_answers(run: Run) -> Kept:
    """What the API can be asked about, "has this changed?"; nothing where the run was started afresh."""
    if run.afresh:
        return NOTHING
    fetch_earlier(run.home.runs, dataset=run.dataset, besides=run.id)
    folder = earlier.newest(run.home.runs, dataset=run.dataset, source=run.source, besides=run.id)
    return NOTHING if folder is None else Kept.read(folder)


def _finish(run: Run, teller: Teller, slice_: Slice, beside: Beside) -> Manifest:
    """Build and publish the snapshot, and leave word of the answers that later runs can ask about.

    Not when somebody wants otherwise before the snapshot has its name.
    """

    def still_wanted() -> None:
        if slice_.is_due or read_wish(run) is not None:
            raise _Halted

    settled = dict(teller.settled)
    facts = RunFacts(
        started=datetime.fromtimestamp(teller.started, UTC),
        finished=datetime.now(UTC),
        requests=teller.requests,
        base_url=run.source.base_url,
        gaps=tuple(Gap(line.key, line.reason) for line in teller.last.gaps),
        quotas=tuple(quota.text for quota in run.source.quotas),
        unchanged=teller.last.unchanged,
        settled=settled.pop(run.dataset_definition.resource, Settled()),
        others=settled,
        continues=run.continues,
    )
    source, dataset = run.source, run.dataset_definition
    manifest = beside.build(facts, still_wanted=still_wanted) or build(
        run.folder, source=source, dataset=dataset, home=run.home, run_id=run.id, facts=facts, still_wanted=still_wanted
    )
    earlier.note(run.folder, dataset=run.dataset, source=run.source, validated=teller.validated)
    put(run.folder, ANSWERS)
    return manifest
