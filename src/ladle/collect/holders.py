"""Who holds the permits in flight: takes a folder of signs of life, gives those whose processes are certainly dead.

A permit's name ends with its holder's: `1742-5f0c9a1e-77aa01c2`. What a dead process had under way may still be counted
by the API: the request was sent, and nobody heard the answer. So its permits count as answered only AFTERMATH later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from ladle import alive

HELD_BY = "-"
AFTERMATH = 10.0
"""Seconds, from when a process is found dead, in which an API counts what that had sent. Most count what arrives."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the files."""


def holder(permit: str) -> str:
    """Whose it is; empty where that is not told.

    >>> holder("1742-5f0c9a1e-77aa01c2"), holder("1742")
    ('5f0c9a1e-77aa01c2', '')
    """
    return permit.rstrip("'").partition(HELD_BY)[2]


class Holders:
    """The processes of this machine at a ledger. `steady` is a clock that is never put forward or back."""

    def __init__(self, folder: Path, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._steady = folder, steady
        self._found: dict[str, float] = {}
        """Who was found dead, and when."""
        self._look_at = 0.0

    def me(self) -> str:
        """This process's name; empty where nothing can be written into the folder."""
        with suppress(OSError):
            return alive.sign_of_life(self._folder)
        return ""

    def gone(self, permits: Iterable[str]) -> set[str]:
        """Those of the permits' holders who have been dead for AFTERMATH seconds."""
        now = self._steady()
        if now < self._look_at:
            return set()
        self._look_at = now + LOOK_EVERY
        at_work = {name for permit in permits if (name := holder(permit))}
        for name in alive.dead_among(self._folder, at_work - self._found.keys()):
            self._found[name] = now
        return {name for name in at_work if now - self._found.get(name, now) >= AFTERMATH}
