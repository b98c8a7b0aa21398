"""What the header of every page tells of what runs: takes the run it spoke of before, gives the one that goes on."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

import ladle
from ladle.errors import LadleError
from ladle.words import duration
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run
from ladle_server.catalog.reaching import AWAY, storable
from ladle_server.pages.progress import shown, silence

_MOST = 20
"""Runs that are looked at."""


def running_now(was: str = "", ended: str = "") -> dict[str, Any]:
    """What the header tells of what runs.

    `was` is the run it spoke of before, whose end it tells; `ended` the one whose end it has told already, which
    stays there until another ends.
    """
    try:
        live = _driven(time.time())
    except AWAY:
        return {}  # a snapshot's pages need no database
    over = ended if not was or was in {run.id for run, _ in live} else was
    last = Run.objects.filter(pk=storable(over), ended_at__isnull=False).first() if over else None
    if not live:
        return {"ended": last}
    run, told = live[0]
    left = duration(told.seconds_left) if told.seconds_left else ""
    words = shown(told, now=time.time())
    facts = {"percent": words.percent, "left": left, "wake_at": words.wake_at}
    return {"running": run, "others": len(live) - 1, "ended": last, **facts}


def _driven(now: float) -> list[tuple[Run, ladle.Progress]]:
    """The runs that are going; one of the command line that was stopped looks as if it went on, but is silent."""
    told: list[tuple[Run, ladle.Progress]] = []
    if not runs.any_live():
        return told
    for run in runs.live()[:_MOST]:
        # A run whose files are damaged or gone is told on its own page; the header of every other page goes on.
        with suppress(LadleError):
            told.append((run, _opened(run.id).progress()))
    return [(run, progress) for run, progress in told if progress.state != "paused" and not silence(progress, now=now)]


def _opened(run_id: str) -> ladle.Run:
    """The run; raises LadleError where it is gone, or damaged."""
    run = _remembered(run_id)
    return run if run.folder.exists() else ladle.open_run(runs.home(), run_id)


@lru_cache(maxsize=_MOST * 4)
def _remembered(run_id: str) -> ladle.Run:
    """What a run is stays, and takes ten times as long to read as how far it is: of twenty, 50 ms for each page."""
    return ladle.open_run(runs.home(), run_id)
