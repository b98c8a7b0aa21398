"""Building beside collecting: takes a run whose answers come fast, gives a child that weaves its table meanwhile.

    drive ── journal ──→ the child reads what is written there, and has the table nearly ready when the last answer came
          ── facts ────→ it adds profile and manifest, publishes the snapshot, and ends with 0

One process could do only one of them at a time, for Python's lock. Whatever becomes of the child, nothing is lost: a
run whose child has gone is built by its driver from the journal. The child ends when its driver does, however it ends.
"""

from __future__ import annotations

import pickle
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from ladle.collect.journal import Entry
from ladle.collect.tail import Tail
from ladle.home import Home
from ladle.runs import Run, open_run
from ladle.snapshots.build import build, final_folder
from ladle.snapshots.feed import Feed, weaves
from ladle.snapshots.in_turn import InTurn
from ladle.snapshots.manifest import Manifest, RunFacts, read_manifest
from ladle.sources.paging import Page

MANY = 10_000
"""Records from which it is worth a process: so many are woven in a tenth of a second, and it starts in three."""
FAST = 2_000
"""Records within a second from which it is worth it too, where nobody has told how many there are."""
PATIENCE = 10.0
"""Seconds in which MANY records must come, or the child ends: a slow run needs none, and a child holds memory."""
LOOK_EVERY = 0.02
CHILD = """
import gc, os, sys
gc.disable()  # records hold no circles, and looking for some among them takes a fifth of the time
# pyarrow would load both where they are there: half of the child's start, and of no use here
sys.modules["numpy"] = sys.modules["pandas"] = None
from ladle.beside import main
os._exit(main(*sys.argv[1:]))  # all is on the disk: taking memory apart would only take time
"""


class Beside:
    """The child of one drive, begun when it is worth it; use it in a `with`, at whose end it is gone."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._process: subprocess.Popen[bytes] | None = None
        self._since, self._records = 0.0, 0
        dataset = run.dataset_definition
        self._weaves = weaves(run.source.resources[dataset.resource], dataset)

    def kept(self, entry: Entry, page: Page) -> None:
        """Take notice of an answer that was put into the journal."""
        if not self._weaves or self._process is not None or entry.resource != self._run.dataset_definition.resource:
            return
        now = time.monotonic()
        if now - self._since > 1.0:
            self._since, self._records = now, 0
        self._records += len(page.records)
        if (page.count or 0) >= MANY or self._records >= FAST:
            self._begin()

    def build(self, facts: RunFacts, *, still_wanted: Callable[[], None]) -> Manifest | None:
        """The snapshot, published; None where there is no child to make it. What `still_wanted` raises ends the child.

        May be called in a thread.
        """
        if self._process is None or self._process.stdin is None:
            return None
        with suppress(OSError):  # it is gone: that shows below
            pickle.dump(facts, self._process.stdin)
            self._process.stdin.close()
        while self._process.poll() is None:
            still_wanted()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LOOK_EVERY)
        return read_manifest(_final(self._run)) if self._process.returncode == 0 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()

    def _begin(self) -> None:
        """In a group of its own, since Ctrl-C is for the driver to hear."""
        # -P: no module of the folder that somebody happens to work in.
        command = [sys.executable, "-P", "-c", CHILD, self._run.home.address, self._run.id]
        quiet = subprocess.DEVNULL
        with suppress(OSError):  # the driver builds alone
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, process_group=0
            )


def follow(tail: Tail, feed: Feed, driver: IO[bytes], *, run: Run) -> RunFacts | None:
    """Feed what comes, until the driver tells the run's facts; None when it has gone or the run is slow."""
    resource = run.source.resources[run.dataset_definition.resource]
    in_turn = InTurn(feed, resource=resource, near=run.source.concurrency)
    due, records = time.monotonic() + PATIENCE, 0
    while True:
        told = bool(select.select([driver], [], [], LOOK_EVERY)[0])
        for entry, place in tail.new():
            if entry.kind == "answer" and entry.resource == resource.name and entry.role in ("page", "item"):
                records += entry.records
                in_turn.take(entry, place)
        if told:
            in_turn.rest()
            return _facts(driver)
        if time.monotonic() > due:
            if records < MANY:
                return None
            due, records = time.monotonic() + PATIENCE, 0


def _facts(driver: IO[bytes]) -> RunFacts | None:
    try:
        facts = pickle.load(driver)  # noqa: S301 - from the process that began this one, through a pipe of theirs
    except (EOFError, pickle.UnpicklingError):
        return None
    return facts if isinstance(facts, RunFacts) else None


def _final(run: Run) -> Path:
    return final_folder(run.home, source=run.source, dataset=run.dataset_definition, run_id=run.id)


def main(home: str, run_id: str) -> int:
    """The child; its exit code is 0 when the snapshot is published."""
    run = open_run(Home.open(home), run_id)
    source, dataset = run.source, run.dataset_definition
    tail = Tail(run.folder)
    with Feed(_final(run), source=source, dataset=dataset) as feed:
        facts = follow(tail, feed, sys.stdin.buffer, run=run)
        if facts is None:
            return 1
        build(run.folder, source=source, dataset=dataset, home=run.home, run_id=run.id, facts=facts, feed=feed)
    return 0
