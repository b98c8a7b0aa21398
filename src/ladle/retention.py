"""What need not be kept any longer: takes snapshots, runs and what is set, gives those that go; pure.

A dataset's latest complete snapshot stays, and its latest, whatever is set. A journal stays while somebody may need it:
the run itself that can go on, a run that continues it, or the next run that asks "has this changed?".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ladle.errors import BadInput, SettingError
from ladle.sources.keep import ALL, REMEDY, Keep, parse_keep

KEEP, JOURNAL_DAYS = "LADLE_KEEP", "LADLE_JOURNAL_DAYS"
DAY = 86_400.0
MOST_DAYS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is set for all datasets of a home."""

    keep: Keep = ALL
    """Of a dataset whose definition does not say."""
    journal_days: int | None = None
    """Days after its end that a run's journal is kept; None: for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A snapshot, as far as it matters here."""

    id: str
    finished: datetime
    """Aware."""
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Journaled:
    """A run with its journal, as far as it matters here."""

    id: str
    dataset: str
    ended: float | None
    """Seconds since 1970; None for one that has not ended, or can be taken up again."""
    continues: str | None
    """The run whose answers it began with."""
    requests: str | None
    """A fingerprint of where its requests went; None for one that left no note of it."""
    validated: int
    """How many of its answers a later run can ask about."""


def read_retention(env: Mapping[str, str] = os.environ) -> Retention:
    """What LADLE_KEEP and LADLE_JOURNAL_DAYS say; raises SettingError."""
    keep, days = env.get(KEEP, "").strip(), env.get(JOURNAL_DAYS, "").strip()
    try:
        kept = parse_keep(keep) if keep else ALL
    except BadInput as error:
        raise SettingError(f'{KEEP} is "{keep}".', hint=REMEDY) from error
    if days and not (re.fullmatch("[0-9]{1,7}", days) and 1 <= int(days) <= MOST_DAYS):
        hint = "Write days, like 30; leave it empty to keep all journals."
        raise SettingError(f'{JOURNAL_DAYS} is "{days}".', hint=hint)
    return Retention(keep=kept, journal_days=int(days) if days else None)


def surplus(snapshots: Sequence[Dated], *, keep: Keep, now: datetime) -> list[str]:
    """The ids of a dataset's snapshots that go, oldest first.

    >>> from datetime import UTC
    >>> days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    >>> taken = [Dated(id=f"{each.day}", finished=each, complete=each.day == 1) for each in days]
    >>> surplus(taken, keep=Keep(number=2), now=days[-1])
    ['2']
    """
    newest = sorted(snapshots, key=lambda each: each.id, reverse=True)
    stay = {each.id for each in newest[: keep.number or 1]}
    stay |= {each.id for each in [each for each in newest if each.complete][:1]}
    if keep.days is not None:
        since = now - timedelta(days=keep.days)
        stay |= {each.id for each in newest if each.finished >= since}
    return [] if keep.is_all else [each.id for each in reversed(newest) if each.id not in stay]


def outdated(runs: Sequence[Journaled], *, days: int | None, now: float) -> list[str]:
    """The ids of the runs whose journals go, newest first; `now` is in seconds since 1970."""
    if days is None:
        return []
    newest = sorted(runs, key=lambda each: each.id, reverse=True)
    needed = set(_asked_about(newest))
    gone = []
    for run in newest:  # a run that continues another is newer, and so was looked at before
        if run.ended is None or run.ended > now - days * DAY or run.id in needed:
            needed.add(run.continues or "")
        else:
            gone.append(run.id)
    return gone


def _asked_about(newest: Sequence[Journaled]) -> Iterator[str]:
    """Of each dataset's requests, the newest run that the next one will ask about."""
    seen: set[tuple[str, str]] = set()
    for run in newest:
        if run.requests is not None and (run.dataset, run.requests) not in seen:
            seen.add((run.dataset, run.requests))
            if run.validated:
                yield run.id
