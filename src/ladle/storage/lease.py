"""Who drives a run, among all machines: takes a key, gives a lock with a term and a number, kept in one object.

Whoever holds it renews it; one who died is no holder any more when the term is over, by the clocks of the machines,
which must not differ by more than a few seconds. Every holder has a greater number, its fence, than all before.

Holders are machines: which of a machine's processes it is, they settle among themselves by a lock on a file.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import orjson

from ladle.errors import Damaged
from ladle.storage.store import Found, Store

TERM = 20.0
"""Seconds for which it is held without being renewed."""
RENEW = 5.0
"""Seconds between two renewals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What stands in the object."""

    by: str = ""
    fence: int = 0
    until: float = 0.0
    """Seconds since 1970; 0 where it was given back."""


class Lease:
    """One lock as the machine `by` sees it; not to be used by two threads at once."""

    def __init__(self, store: Store, key: str, *, by: str, clock: Callable[[], float] = time.time) -> None:
        self._store, self._key, self._by, self._clock = store, key, by, clock
        self.fence = 0
        """This holder's number; 0 while it is none."""

    def is_held_elsewhere(self) -> bool:
        """Whether another machine holds it at this moment."""
        told = self._now()[1]
        return told.until > self._clock() and told.by != self._by

    def acquire(self) -> bool:
        """Hold it from now on; False where another machine does."""
        found, told = self._now()
        if told.until > self._clock() and told.by != self._by:
            return False
        mine = _Told(by=self._by, fence=told.fence + 1, until=self._clock() + TERM)
        if not self._put(found, mine):
            return False
        self.fence = mine.fence
        return True

    def renew(self) -> bool:
        """Hold it for another term, also when the last one is over already; False where somebody else has taken it."""
        found, told = self._now()
        return told.by == self._by and self._put(found, replace(told, until=self._clock() + TERM))

    def release(self) -> None:
        """Give it back, where it is still ours."""
        found, told = self._now()
        if told.by == self._by:
            self._put(found, replace(told, until=0.0))
        self.fence = 0

    def _now(self) -> tuple[Found | None, _Told]:
        found = self._store.get(self._key)
        if found is None:
            return None, _Told()
        try:
            return found, _Told(**orjson.loads(found.data))
        except (ValueError, TypeError) as error:
            raise Damaged(f"{self._key} on S3 can't be read: {error!r}.", hint="Remove it.") from error

    def _put(self, found: Found | None, told: _Told) -> bool:
        data = orjson.dumps(asdict(told))
        if found is None:
            return self._store.put_new(self._key, data)
        return self._store.put_over(self._key, data, tag=found.tag)
