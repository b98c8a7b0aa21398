"""Trying an incomplete run's gaps again: takes the run, gives a new one that begins with its answers.

The new run's journal begins with the old one's segments, which never change; so nothing that was answered is asked for
again, and the snapshot that comes of it is another one. Pages that have shifted since are not read anew, since that
would be another collection: such a run ends incomplete and says so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ladle.collect.journal import segments
from ladle.collect.shared import fetch_journal
from ladle.errors import Conflict
from ladle.home import Home, new_id
from ladle.runs import Run, keep_run, list_runs, open_run
from ladle.sources.library import secret


def retry(home: Home, run: str, *, env: Mapping[str, str] = os.environ) -> Run:
    """A new run, queued, for the gaps of a run by its id, or of a dataset's last run.

    It has the settings that the old one had. Raises NotFound for an unknown id, Conflict for a run that has no gap or
    has not ended.
    """
    old = _last_of(home, run) if "/" in run else open_run(home, run)
    check(old)
    secret(old.source, env=env)
    now = datetime.now(UTC)
    new = replace(old, id=new_id(now), created=now, continues=old.id)
    new.folder.mkdir()
    fetch_journal(old.folder)
    with suppress(FileNotFoundError):
        for segment in segments(old.folder):
            _same(segment, new.folder / segment.name)
    if old.journal_removed is not None:  # meanwhile: that is noted before the first segment goes
        shutil.rmtree(new.folder)
        check(old)
    keep_run(new)
    return new


def check(run: Run) -> None:
    """Raises Conflict, with the reason and the remedy, where there is nothing to be tried again."""
    progress = run.progress()
    again, go_on = f"Collect it anew with: ladle collect {run.dataset}", f"Go on with: ladle resume {run.id}"
    if not progress.is_over:
        hint = "Watch it with: ladle runs" if run.is_driven() else go_on
        raise Conflict(f"The run {run.id} has not ended: it is {progress.state}.", hint=hint)
    if progress.state == "complete":
        raise Conflict(f"The run {run.id} is complete: it has no gap.", hint=again)
    if progress.state == "failed":
        raise Conflict(f"The run {run.id} has failed, and made no snapshot.", hint=go_on)
    if progress.state == "cancelled":
        raise Conflict(f"The run {run.id} was cancelled, and made no snapshot.", hint=again)
    if run.journal_removed is not None:
        raise Conflict(f"The journal of the run {run.id} is not kept any more.", hint=again)
    if not progress.gaps:
        raise Conflict(f"The run {run.id} has no gap: every request was answered. {progress.reason}", hint=again)


def _last_of(home: Home, dataset: str) -> Run:
    """The dataset's last run; without one, what `open_run` raises."""
    return next((run for run in list_runs(home) if run.dataset == dataset), None) or open_run(home, dataset)


def _same(segment: Path, place: Path) -> None:
    """The segment at another place too, by a link where the file system has them."""
    try:
        place.hardlink_to(segment)
    except OSError:
        shutil.copyfile(segment, place)
