"""Schedules as people want them: takes datasets, crons and parameters, gives rows of `Schedule`, checked and kept.

add → due ─→ fire (`catalog.firing`): run · skipped · missed · failed
       ↑   └─ pause → resume ─┐
       └──────────────────────┘  next_at says when; what was due while it was paused is not missed
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

import ladle
from ladle.errors import BadInput, NotFound, unknown
from ladle_server.catalog.cron import Cron, read
from ladle_server.catalog.ids import number_of
from ladle_server.catalog.models import Missed, Schedule
from ladle_server.catalog.reaching import storable
from ladle_server.catalog.runs import Settings, home

MOST = 1000
"""Schedules of one site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a schedule is to be. None: as it was, or as it is by itself."""

    cron: str | None = None
    time_zone: str | None = None
    parameters: Settings | None = None
    files: Mapping[str, str] | None = None
    """The texts of parameters that are lists."""
    missed: str | None = None
    paused: bool | None = None


def add(dataset: str, wish: Wish, *, now: datetime | None = None) -> Schedule:
    """A new schedule of `swapi/people`. Raises NotFound for an unknown dataset, BadInput for what can't be meant."""
    now = now or datetime.now(UTC)
    if not wish.cron:
        raise BadInput("No time was said.", hint="Say when: 30 6 * * *, or @daily.")
    if Schedule.objects.count() >= MOST:
        raise BadInput(f"There are {MOST:,} schedules already.", hint="Remove some.")
    row = Schedule(dataset=dataset, time_zone=settings.LADLE_TIME_ZONE, created_at=now)
    _apply(row, wish, now=now)
    row.save()
    return row


def change(number: int | str, wish: Wish, *, now: datetime | None = None) -> Schedule:
    """The schedule with what is wished for; what was due while it was paused is not made up for."""
    with transaction.atomic():
        row = get(number, lock=True)
        _apply(row, wish, now=now or datetime.now(UTC))
        row.save()
    return row


def remove(number: int | str) -> None:
    """Forget the schedule and what came of it; its runs and snapshots stay. Raises NotFound."""
    get(number).delete()


def get(number: int | str, *, lock: bool = False) -> Schedule:
    """The schedule of that number; raises NotFound, also for what can't be one."""
    rows = Schedule.objects.select_for_update() if lock else Schedule.objects
    found = rows.filter(pk=number_of(number)).first()
    if found is None:
        raise NotFound(f'There is no schedule "{str(number)[:40]}".', hint="List them with: ladle schedule list")
    return found


def cron_of(row: Schedule) -> Cron:
    """When it is due."""
    return Cron(text=row.cron, time_zone=row.time_zone)


def _apply(row: Schedule, wish: Wish, *, now: datetime) -> None:
    cron = read(wish.cron or row.cron, time_zone=wish.time_zone or row.time_zone, now=now)
    row.cron, row.time_zone = cron.text, cron.time_zone
    row.missed = _missed(wish.missed or row.missed)
    if not row.pk or wish.parameters is not None or wish.files is not None:
        kept = {name: value for name, value in row.parameters.items() if name not in row.files}
        _set(row, kept if wish.parameters is None else wish.parameters, row.files if wish.files is None else wish.files)
    if wish.paused is not None:
        row.paused_at = (row.paused_at or now) if wish.paused else None
    again = wish.cron is not None or wish.time_zone is not None or wish.paused is not None
    if row.paused_at is not None:
        row.next_at = None
    elif row.next_at is None or again:
        row.next_at = cron.next(now)


def _missed(told: str) -> str:
    if told not in Missed.values:
        raise BadInput(unknown("way with missed times", told, Missed.values))
    return told


def _set(row: Schedule, parameters: Settings, files: Mapping[str, str]) -> None:
    """The parameters, checked as a run's are. A list is called by its content: so two of them can be told apart."""
    called = {name: f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.csv" for name, text in files.items()}
    told = {name: _text(value) for name, value in parameters.items()} | called
    for text in (row.dataset, *told, *told.values(), *files.values()):
        if text != storable(text):
            raise BadInput(f"{text[:60]!r} holds a sign that can't be kept.", hint="Leave it out.")
    ladle.plan(row.dataset, parameters=told, files=files, home=home(), trusted=False)
    row.parameters, row.files = told, dict(files)


def _text(value: str | float | bool) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
