"""How soon may somebody try to log in again? Takes a name and an address, gives seconds, kept in the database.

Attempts are counted by name and address together, by address, and by name, so that neither one guesser nor many get
far; who tries by a name alone can keep its owner waiting for a minute at most. An attempt counts as failed before it
is looked at: a hundred that come at once are no better than one after the other.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F

from ladle_server.access.models import Failures
from ladle_server.catalog.reaching import one_at_a_time

FREE = {"both": 5, "address": 20, "name": 50}
"""Failures without a wait."""
LONGEST = {"both": 900, "address": 900, "name": 60}
"""Seconds that a wait grows to."""
FORGOTTEN = timedelta(days=1)
"""After so long without a failure all is as at first."""


def wait(failures: int, *, of: str) -> int:
    """Seconds after so many failures, which double from one to the next.

    >>> [wait(number, of="both") for number in (4, 5, 6, 7, 30)]
    [0, 1, 2, 4, 900]
    """
    over = failures - FREE[of]
    return 0 if over < 0 else min(LONGEST[of], 2 ** min(over, 20))


def attempt(name: str, address: str, *, now: datetime | None = None) -> float:
    """Begin an attempt, and give 0; or the seconds that it comes too early, and begin none."""
    now = now or datetime.now(UTC)
    keys = _keys(name, address)
    with transaction.atomic():
        one_at_a_time("logins")
        rows = Failures.objects.in_bulk(list(keys))
        waiting = max(((row.until - now).total_seconds() for row in rows.values()), default=0.0)
        if waiting > 0:
            return waiting
        Failures.objects.filter(last_at__lt=now - FORGOTTEN).delete()
        for key, kind in keys.items():
            before = rows.get(key)
            number = 1 + (before.number if before and before.last_at >= now - FORGOTTEN else 0)
            until = now + timedelta(seconds=wait(number, of=kind))
            told = {"number": number, "last_at": now, "until": until}
            Failures.objects.update_or_create(key=key, defaults=told)
    return 0.0


def succeeded(name: str, address: str, *, now: datetime | None = None) -> None:
    """The attempt was none that failed."""
    now = now or datetime.now(UTC)
    for key, kind in _keys(name, address).items():
        if kind == "both":
            Failures.objects.filter(key=key).delete()
        else:
            Failures.objects.filter(key=key, number__gt=0).update(number=F("number") - 1, until=now)


def _keys(name: str, address: str) -> dict[str, str]:
    """Digests, and which kind each is of."""
    told = {"both": f"{name.lower()} at {address}", "address": address, "name": name.lower()}
    return {_digest(f"{kind} {text}"): kind for kind, text in told.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
