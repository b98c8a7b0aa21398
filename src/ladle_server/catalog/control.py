"""Pausing, cancelling and resuming on the site: takes a row of `Run`, gives it as it is then, whoever drives the run.

The library leaves the wish in the run's folder, which the worker or a command line obeys; the row follows.
"""

from __future__ import annotations

from django.db.models import Q

import ladle
from ladle_server.catalog import offers, runs
from ladle_server.catalog.discover import refresh
from ladle_server.catalog.models import Run, State

PATIENCE = 0.5
"""Seconds that an answer waits for the run to have stopped; what is in flight may take longer to come home."""


def pause(run: Run, *, by: str) -> ladle.Progress:
    """Stop the run until `resume`; raises Conflict for one that has ended."""
    return _followed(run, ladle.pause(_opened(run), by=by, patience=PATIENCE))


def cancel(run: Run, *, by: str) -> ladle.Progress:
    """End the run without a snapshot; raises Conflict for one that has ended, or has its snapshot already."""
    return _followed(run, ladle.cancel(_opened(run), by=by, patience=PATIENCE))


def resume(run: Run) -> ladle.Progress:
    """Let the run go on that was paused or failed, or that a command line left: the worker takes it up.

    Raises Conflict for one that is complete, incomplete or cancelled.
    """
    opened = _opened(run)
    progress = ladle.resume(opened)
    with opened.held() as nobody_drives_it:
        if nobody_drives_it:
            stopped = Q(state__in=(State.PAUSED, State.FAILED)) | Q(ours=False)
            mine = Run.objects.filter(stopped, pk=run.pk)
            mine.update(ours=True, state=State.QUEUED, ended_at=None, reason="", wake_at=None, offered_at=None)
            offers.tell()
    run.refresh_from_db()
    return progress


def _opened(run: Run) -> ladle.Run:
    return ladle.open_run(runs.home(), run.pk)


def _followed(run: Run, progress: ladle.Progress) -> ladle.Progress:
    run.refresh_from_db()
    refresh(run, progress)
    return progress
