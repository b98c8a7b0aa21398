"""What is to be done about a schedule that is due: takes its cron and the time, gives what was missed and what is due.

A due time is missed when nobody looked for a minute after it: the site and its workers were down, or the database
was away. However many were missed, they ask for one run together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ladle_server.catalog.cron import Cron

GRACE = timedelta(seconds=60)
"""A schedule may be looked at so late. Cron counts minutes, so one time at most is due within it."""
MOST = 1000
"""Missed times that are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What has become due since somebody looked last."""

    missed: int
    """Times that nobody looked at, MOST of them at most."""
    first_missed: datetime | None
    on_time: datetime | None
    """The time that is due just now."""
    next_at: datetime | None
    """None: it is never due again."""


def due(cron: Cron, *, next_at: datetime, now: datetime) -> Due:
    """What was due from `next_at` to `now`, both included."""
    missed, late = 0, now - GRACE
    times = cron.after(next_at)
    each: datetime | None = next_at
    while each is not None and each <= late and missed < MOST:
        missed, each = missed + 1, next(times, None)
    if each is not None and each <= late:
        each = cron.next(late)
    on_time = each if each is not None and each <= now else None
    return Due(
        missed=missed,
        first_missed=next_at if missed else None,
        on_time=on_time,
        next_at=cron.next(now) if on_time else each,
    )
