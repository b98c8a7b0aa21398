"""What is said of a run and of a snapshot: takes a row, gives its JSON, for the API, its events and webhooks alike."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse

import ladle
from ladle.errors import Damaged, NotFound
from ladle.shapes import run_shape
from ladle_server.catalog import runs
from ladle_server.catalog.models import Run, Snapshot, State

log = logging.getLogger(__name__)


def told_run(run: Run, opened: ladle.Run | None = None) -> dict[str, Any]:
    """A run: its state as the catalog has it, `progress` as the process that drives it said last.

    `opened` is the same run of the library, where it is at hand.
    """
    opened = opened or ladle.open_run(runs.home(), run.pk)
    return {
        **run_shape(opened.progress()),
        "definition_version": opened.source.version,
        "parameters": dict(opened.source.values),
        "journal_removed_at": opened.journal_removed,
        "state": run.state,
        "requested_by": run.requested_by,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "wake_at": run.wake_at if run.state == State.WAITING else None,
        "snapshot": run.snapshot or None,
        "reason": run.reason,
    }


def told_runs(rows: Iterable[Run]) -> Iterator[dict[str, Any]]:
    """Those that can be told: a run whose files are gone or damaged is no reason to tell of none."""
    for row in rows:
        try:
            yield told_run(row)
        except (NotFound, Damaged) as error:
            log.warning("The run %s is left out of the lists: %s", row.pk, error)


def snapshot_line(row: Snapshot) -> dict[str, Any]:
    """A snapshot as the lists have it."""
    return {
        "id": row.pk,
        "dataset": row.full_name,
        "taken_at": row.taken_at,
        "rows": row.rows,
        "columns": row.columns,
        "requests": row.requests,
        "complete": row.complete,
        "size_csv": row.size_csv,
        "url": reverse("api-snapshot", args=[row.pk]),
    }
