"""Long questions on pages: takes the work on one, gives its answer if that is there soon, or how far it is."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotYet

import ladle

PATIENCE = 2.0
"""Seconds that a page waits for a view's rows before it says that they are being looked for."""


def known_by_now(snapshot: ladle.Snapshot, view: ladle.View) -> int | None:
    """How many rows the view has; None while that is still being worked out."""
    work = snapshot.prepare(view)
    return work.result() if done_by_now(work) else None


def done_by_now(work: ladle.Work[int]) -> bool:
    """Whether a question is answered, after a while at most; raises what it failed with."""
    try:
        work.result(timeout=PATIENCE)
    except NotYet:
        return False
    return True


def percent(work: ladle.Work[int] | ladle.StillRunning) -> int | None:
    """How far a question is, in whole percent; None as long as that is not known."""
    return None if (share := work.progress) is None else int(share * 100)
