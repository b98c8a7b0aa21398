"""A run's tie to the store of its home while it is driven: takes a run, gives its lock, journal and word of progress.

For a home that is a folder there is nothing between: the lock is a file, and the journal a segment. For one on S3 a
postman goes between both, and the drive ends when it says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ladle.collect import shared
from ladle.collect.journal import TURN, Journal
from ladle.collect.progress import Progress
from ladle.collect.slice import Slice
from ladle.errors import Unreachable
from ladle.home import write_whole
from ladle.postman import Postman, bring_up
from ladle.runs import Run
from ladle.storage.lease import Lease
from ladle.storage.mirror import Mirror

Listener = Callable[[Progress], None]
WAKE = 5.0
"""Seconds after which a run that waits for S3 is to be taken up again."""
GOING_ON = ("queued", "running", "waiting", "finishing")


class Link:
    """What a drive needs of its home."""

    def __init__(self, run: Run | None = None, postman: Postman | None = None, *, fence: int = 0) -> None:
        self._run, self._postman, self._fence = run, postman, fence
        self._journal: Journal | None = None

    def journal(self, folder: Path, *, fence: int) -> Journal:
        """The writing end of the run's journal; its fence is greater than that of any machine's."""
        took = None if self._postman is None else self._postman.took
        self._journal = Journal(folder, fence=max(fence, self._fence), took=took)
        return self._journal

    def listening(self, listener: Listener | None) -> Listener | None:
        """A listener that passes on, and tells other machines."""
        postman = self._postman
        if postman is None:
            return listener

        def heard(progress: Progress) -> None:
            postman.changed()
            if listener is not None:
                listener(progress)

        return heard

    def pulse(self) -> None:
        """Called now and then, in the thread that writes the journal."""
        if self._journal is not None and self._postman is not None and not self._journal.is_closed:
            with suppress(OSError):  # a full disk: the next answer tells
                self._journal.turn(age=TURN)

    async def close(self, progress: Progress) -> None:
        """Put the last on S3. Raises Conflict where another machine has taken the run, Unreachable where S3 is away."""
        postman = self._postman
        if postman is None or self._run is None:
            return
        await asyncio.to_thread(postman.rest)
        if postman.lost:
            raise self._run.driven()
        if postman.away is not None and progress.state in GOING_ON:
            raise Unreachable(postman.away.message, hint=postman.away.hint)
        postman.changed()
        await asyncio.to_thread(postman.flush)


@asynccontextmanager
async def link(run: Run, slice_: Slice) -> AsyncIterator[Link]:
    """Hold the run inside the block; raises Conflict when another process drives it, and Unreachable.

    Of a home on S3 everything that other machines have collected is here then.
    """
    mirror, stack = run.home.mirror, ExitStack()
    if mirror is None:
        with run.lock():
            yield Link(run)
        return
    # In threads: other runs are driven in this one, and S3 may take its time.
    lease = await asyncio.to_thread(stack.enter_context, run.lock())
    try:
        await asyncio.to_thread(bring_up, mirror, run.folder)
        yield _linked(run, mirror, lease, slice_, stack)
    finally:
        await asyncio.to_thread(stack.close)


def _linked(run: Run, mirror: Mirror, lease: Lease | None, slice_: Slice, stack: ExitStack) -> Link:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(slice_.ask)

    if lease is None:
        return Link(run)
    postman = stack.enter_context(Postman(mirror, run.folder, lease, stop=stop))
    return Link(run, postman, fence=lease.fence)


def waits_for_store(run: Run, error: Unreachable) -> Progress:
    """The run waits until S3 is back, in words; one that has ended or was paused stays so."""
    before = run.progress_here()
    if before.state not in GOING_ON:
        return before
    now = time.time()
    quiet = replace(before, troubles=(), next_call_in=None, seconds_left=None, workers=1)
    progress = replace(quiet, state="waiting", reason=str(error), updated=now, wake_at=now + WAKE)
    write_whole(run.folder / shared.PROGRESS, progress.to_json(), durable=False)
    return progress
