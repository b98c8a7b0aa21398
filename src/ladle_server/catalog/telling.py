"""What is said of a schedule: takes a row and the time, gives its JSON, for the API and the command line alike."""

from __future__ import annotations

from datetime import UTC, datetime

from ladle_server.catalog.models import Occasion, Schedule
from ladle_server.catalog.schedules import cron_of

SHOWN = 10
"""Occasions that are told of, the latest."""


def told(row: Schedule, *, now: datetime | None = None) -> dict[str, object]:
    """`next` are the next five times, none while it is paused; `last` what came of the latest ten, newest first."""
    cron, now = cron_of(row), now or datetime.now(UTC)
    return {
        "id": row.pk,
        "dataset": row.dataset,
        "cron": row.cron,
        "time_zone": row.time_zone,
        "words": cron.words,
        "parameters": row.parameters,
        "files": sorted(row.files),
        "missed": row.missed,
        "paused": row.paused_at is not None,
        "created_at": row.created_at,
        "next": [] if row.paused_at else [each.astimezone(UTC) for each in cron.coming(now)],
        "last": [_told(each) for each in row.occasions.all()[:SHOWN]],
    }


def _told(occasion: Occasion) -> dict[str, object]:
    return {
        "due_at": occasion.due_at,
        "times": occasion.times,
        "outcome": occasion.outcome,
        "told_at": occasion.told_at,
        "run": occasion.run_id,
        "reason": occasion.reason,
    }
