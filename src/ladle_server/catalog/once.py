"""Making something once: takes an Idempotency-Key and how to make it, gives what was made, the first time and again.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. Who sends the same again, since no answer
came, gets what was made then; another wish under the same key is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import transaction

from ladle.errors import Conflict
from ladle_server.catalog.models import UsedKey
from ladle_server.catalog.reaching import one_at_a_time, storable

REMEMBERED = timedelta(days=30)


def once(key: str | None, make: Callable[[], str], *, what: str, wish: object, now: datetime | None = None) -> str:
    """The id of what `make` gives, or of what it gave when the key was used first; without a key it is always made.

    `wish` is what was asked for, as JSON has it. Raises Conflict where the key was used for another, and whatever
    `make` raises: then nothing is remembered.
    """
    if key is None:
        return make()
    now, kept = now or datetime.now(UTC), storable(key)
    with transaction.atomic():
        one_at_a_time(f"idempotency key {what} {kept}")
        UsedKey.objects.filter(used_at__lt=now - REMEMBERED).delete()
        before = UsedKey.objects.filter(what=what, key=kept).first()
        if before is None:
            made = make()
            UsedKey.objects.create(what=what, key=kept, digest=_digest(wish), made=made, used_at=now)
            return made
    if before.digest != _digest(wish):
        problem = f'The Idempotency-Key "{kept}" was used for something else.'
        raise Conflict(problem, hint="Send a new key for a new wish.")
    return before.made


def _digest(wish: object) -> str:
    return hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()
