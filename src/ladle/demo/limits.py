"""Takes who called and when, gives whether an API with quotas would answer, and what it has seen so far."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Window(NamedTuple):
    """How many calls an API answers within so many seconds."""

    limit: int
    seconds: float


class SlidingLog:
    """A limiter that remembers the time of every call it let through, for each caller apart.

    It is the strictest common kind: no stretch of a window's length ever holds more than the limit, wherever it begins.
    A refused call is not held against the caller, as in Django REST framework's throttles.
    """

    def __init__(self, windows: Sequence[tuple[int, float]]) -> None:
        self.windows = tuple(Window(*window) for window in windows)
        self._let_through: dict[str, list[deque[float]]] = {}
        self._arrived: dict[str, deque[float]] = {}
        self.fullest = 0

    @property
    def shortest(self) -> Window | None:
        """The window that `fullest` counts in; None where there are no quotas."""
        return min(self.windows, key=lambda window: window.seconds, default=None)

    def take(self, caller: str, *, at: float, calls: int = 1) -> float | None:
        """None when the calls are let through, otherwise the seconds until the same calls would be.

        `at` is in seconds of a clock that never goes back. Several calls are let through together or not at all; more
        calls than a whole window allows never are (the wait is then a full window).
        """
        self._note(caller, at=at, calls=calls)
        logs = self._let_through.setdefault(caller, [deque() for _ in self.windows])
        waits = [_wait(log, window, at, calls) for log, window in zip(logs, self.windows, strict=True)]
        if any(wait > 0 for wait in waits):
            return max(waits)
        for log in logs:
            log.extend([at] * calls)
        return None

    def _note(self, caller: str, *, at: float, calls: int) -> None:
        """Keep `fullest`: the most calls, refused ones too, that the shortest window ever held for one caller."""
        if self.shortest is None:
            return
        arrived = self._arrived.setdefault(caller, deque())
        arrived.extend([at] * calls)
        _forget(arrived, before=at - self.shortest.seconds)
        self.fullest = max(self.fullest, len(arrived))


def _wait(log: deque[float], window: Window, at: float, calls: int) -> float:
    _forget(log, before=at - window.seconds)
    excess = len(log) + calls - window.limit
    if excess <= 0:
        return 0.0
    if excess > len(log):
        return window.seconds
    return log[excess - 1] + window.seconds - at


def _forget(log: deque[float], *, before: float) -> None:
    while log and log[0] <= before:
        log.popleft()


@dataclass
class Counts:
    """What one replica has seen since it started; may be read from any thread."""

    log: SlidingLog
    requests: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    """How many answers of each status."""
    paths: Counter[str] = field(default_factory=Counter)
    """How many requests for each path, without its query."""

    @property
    def fullest(self) -> int:
        """The most calls, refused ones too, that the shortest window held for one caller."""
        return self.log.fullest

    def to_json(self) -> dict[str, object]:
        """The answer of `/_stats`."""
        shortest = self.log.shortest
        return {
            "requests": self.requests,
            "answers": {str(status): times for status, times in sorted(self.answers.items())},
            "paths": dict(sorted(self.paths.items())),
            "fullest_window": self.fullest,
            "window": {"limit": shortest.limit, "seconds": shortest.seconds} if shortest else None,
        }
