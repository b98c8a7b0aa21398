"""Long questions on pages: takes the work on one, gives its answer if that is there soon, or what to say meanwhile."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotYet
from typing import Any

from django.http import HttpRequest

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


def meanwhile(request: HttpRequest, work: ladle.Work[int] | ladle.StillRunning) -> dict[str, Any]:
    """What a page says meanwhile: how far it is in whole percent (None: not known), and how it can be stopped."""
    share = work.progress
    percent = None if share is None else int(share * 100)
    return {"percent": percent, "question": work.question, "back": request.get_full_path()}
