"""Who may run a query now? Takes tickets, gives each its place in the line; two are served at once, the others wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from ladle.errors import Busy

SERVED = 2
"""Each query is a process that may take a processor for itself."""
MOST = 40
"""More than wait in line are sent away at once."""
GONE_AFTER = 10.0
"""Seconds after which nobody holds a place any more who does not ask for it."""


class Full(Busy):
    """The line is as long as it may be, or one's turn did not come in time."""


class Line:
    """The places, and those who wait for one in the order in which they came. For any number of threads."""

    def __init__(self, *, served: int = SERVED, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = self._free = served
        self._clock, self._lock = clock, Lock()
        self._waiting: dict[str, float] = {}

    def turn(self, ticket: str) -> int:
        """0 when it is the ticket's turn, which then ends with `done`; else how far it is from that, 1 for the next.

        Ask again: the place in the line is kept meanwhile. Raises Full.
        """
        with self._lock:
            now = self._clock()
            self._waiting = {each: seen for each, seen in self._waiting.items() if seen > now - GONE_AFTER}
            if ticket not in self._waiting and len(self._waiting) >= MOST:
                raise Full(f"{MOST} queries wait already.", hint="Ask again in a minute.")
            self._waiting[ticket] = now
            before = list(self._waiting).index(ticket)
            if before >= self._free:
                return before - self._free + 1
            del self._waiting[ticket]
            self._free -= 1
            return 0

    @property
    def served(self) -> int:
        """How many have their turn."""
        return self._most - self._free

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._waiting)

    def leave(self, ticket: str) -> None:
        """Who leaves keeps nobody waiting."""
        with self._lock:
            self._waiting.pop(ticket, None)

    def done(self) -> None:
        """A place is free again."""
        with self._lock:
            self._free += 1
