"""Pausing, cancelling and going on: takes a run and what somebody wants of it, gives its Progress.

Who wants something of a run that a process drives leaves a wish in its folder, one file written whole; the driver
looks for it five times a second, carries it out and removes it. Where nobody drives the run, who asks carries it out
under the run's lock. Either way the new state is one file that is replaced whole, so a kill leaves the old state or
the new one; a wish that a killed driver left behind is carried out by the next.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass, replace
from typing import Literal

import orjson

from ladle.collect import shared
from ladle.collect.progress import ENDED, Progress, State
from ladle.errors import Conflict
from ladle.home import write_whole
from ladle.runs import FINAL, Run
from ladle.snapshots.published import discard, is_published

PATIENCE = 5.0
"""Seconds that a driver has to carry out a wish, before who asked is told that it will."""
LOOK, LOOK_THERE = 0.02, 0.2
"""Seconds between two looks whether it is carried out; of a home on S3 each is a few requests."""
_STATES: dict[str, State] = {"pause": "paused", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants of a run that another process drives."""

    kind: Literal["pause", "cancel"]
    by: str
    """Whence it came, as the end of a sentence: `the command line`."""
    at: float
    """Seconds since 1970."""

    @property
    def state(self) -> State:
        """What becomes of the run."""
        return _STATES[self.kind]

    def fulfilled(self, progress: Progress) -> Progress:
        """A run's progress once the wish is carried out."""
        now = time.time()
        ended = now if self.state in ENDED else None
        reason = f"{self.state.capitalize()} by {self.by}."
        quiet = replace(progress, troubles=(), next_call_in=None, seconds_left=None, workers=1, wake_at=None)
        return replace(quiet, state=self.state, reason=reason, updated=now, ended=ended)


def pause(run: Run, *, by: str = "a script", patience: float = PATIENCE) -> Progress:
    """Stop a run until `resume`; what is in flight has two seconds to come home. A run that is paused stays so.

    `by` is told as the reason. Where another process drives the run and has not stopped after `patience` seconds, it
    stops later, and the Progress given is that of now. Raises Conflict for a run that has ended.
    """
    return _wish(run, Wish(kind="pause", by=by, at=time.time()), patience)


def cancel(run: Run, *, by: str = "a script", patience: float = PATIENCE) -> Progress:
    """End a run without a snapshot, as `pause` does; what was collected stays to be looked at.

    Raises Conflict for a run that has ended, or whose snapshot is there already.
    """
    return _wish(run, Wish(kind="cancel", by=by, at=time.time()), patience)


def resume(run: Run, *, patience: float = PATIENCE) -> Progress:
    """Let a run go on that was paused or failed: it is queued, and `drive` takes it up where it was.

    A run that is going on already is left as it is. Raises Conflict for one that is complete, incomplete or cancelled.
    """
    until = time.monotonic() + patience
    while True:
        with run.held() as ours:
            if ours:
                return _queued(run)
        progress = run.progress()
        if read_wish(run) is None and progress.state not in ("paused", "failed"):
            return progress
        if time.monotonic() >= until:
            hint = "Try again in a moment."
            raise Conflict(f"The run {run.id} is still being stopped by the process that drives it.", hint=hint)
        time.sleep(LOOK if run.home.mirror is None else LOOK_THERE)


def read_wish(run: Run) -> Wish | None:
    """What is wanted of the run and not carried out yet. Cheap while nothing is."""
    try:
        return Wish(**orjson.loads((run.folder / shared.WISH).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def forget_wish(run: Run) -> None:
    """It is carried out, or can't be any more."""
    shared.remove(run.folder, shared.WISH)


def discard_build(run: Run) -> None:
    """Remove what a build that was killed left behind; to be called by who holds the run."""
    final = run.home.snapshots / run.dataset / run.id
    for folder in final.parent.glob(f".tmp-{run.id}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    if run.home.mirror is not None:
        discard(run.home.mirror, final)


def _wish(run: Run, wish: Wish, patience: float) -> Progress:
    until = time.monotonic() + patience
    asked = False
    while True:
        with run.held() as ours:
            if ours:
                return _carry_out(run, wish)
        progress = run.progress()
        if progress.state == wish.state:
            return progress
        if progress.is_over:
            forget_wish(run)
            raise _ended(run, progress)
        if not asked:
            _leave(run, wish)
            asked = True
        if time.monotonic() >= until:
            return progress
        time.sleep(LOOK if run.home.mirror is None else LOOK_THERE)


def _leave(run: Run, wish: Wish) -> None:
    """Tell the driver. A wish to cancel outlives one to pause."""
    before = read_wish(run)
    if before is None or before.kind == "pause":
        write_whole(run.folder / shared.WISH, orjson.dumps(asdict(wish)))
        shared.put(run.folder, shared.WISH)


def _carry_out(run: Run, wish: Wish) -> Progress:
    """Nobody drives the run, and its lock is held."""
    progress = run.progress()
    try:
        if progress.state == wish.state:
            return progress
        if progress.is_over:
            raise _ended(run, progress)
        if is_published(run.home.snapshots / run.dataset / run.id):
            message = f"The run {run.id} has its snapshot already: it is too late to {wish.kind} it."
            raise Conflict(message, hint=f"Finish it with: ladle resume {run.id}")
        discard_build(run)
        return _write(run, wish.fulfilled(progress))
    finally:
        forget_wish(run)


def _queued(run: Run) -> Progress:
    progress = run.progress()
    if progress.state in FINAL:
        raise _ended(run, progress)
    forget_wish(run)
    if progress.state in ("paused", "failed"):
        progress = _write(run, replace(progress, state="queued", reason="", ended=None, updated=time.time()))
    return progress


def _write(run: Run, progress: Progress) -> Progress:
    write_whole(run.folder / shared.PROGRESS, progress.to_json())
    shared.put(run.folder, shared.PROGRESS)
    return progress


def _ended(run: Run, progress: Progress) -> Conflict:
    again = f"Start a new one with: ladle collect {run.dataset}"
    hint = f"Go on with: ladle resume {run.id}" if progress.state == "failed" else again
    return Conflict(f"The run {run.id} has ended: {progress.state}.", hint=hint)
