"""Who still wants an answer? Takes when each question was asked and who waits for it, gives those nobody wants; pure.

Who asks over HTTP asks again every second or two; who has closed the page does not, and nothing else tells of that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

FORGOTTEN_AFTER = 60.0
"""Seconds after which nobody wants an answer that nobody has asked for again."""


class Interest:
    """In one question: when it was asked last, in seconds of any clock, and how many wait for its answer now."""

    def __init__(self, now: float) -> None:
        self.asked = now
        self.waiting = 0
        self._lock = threading.Lock()

    @contextmanager
    def waits(self) -> Iterator[None]:
        """While somebody waits."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self.waiting += number


def unwanted(questions: Mapping[str, Interest], *, now: float, served: int) -> list[str]:
    """The questions to be ended: nobody waits for them or has asked for a while, and more are there than are served.

    Where nobody stands in line they may go on: whoever asks again later finds the answer.
    """
    if len(questions) <= served:
        return []
    return [name for name, each in questions.items() if not each.waiting and now - each.asked >= FORGOTTEN_AFTER]
