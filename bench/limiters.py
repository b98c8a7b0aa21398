"""The common kinds of limiters, as servers have them: takes a kind, a limit and times, gives let through or refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import floor

Limiter = Callable[[float], bool]
"""Takes a time in seconds that never goes back, gives whether the call is let through. Refused calls don't count."""


def fixed_window(limit: int, window: float, *, phase: float = 0.0) -> Limiter:
    """Counts from the beginning of each window; they begin at `phase` windows."""
    count = {"window": 0, "calls": 0}

    def take(at: float) -> bool:
        number = floor(at / window + phase)
        if number != count["window"]:
            count.update(window=number, calls=0)
        count["calls"] += 1
        return count["calls"] <= limit

    return take


def sliding_log(limit: int, window: float) -> Limiter:
    """Remembers the time of each call."""
    log: deque[float] = deque()

    def take(at: float) -> bool:
        while log and log[0] <= at - window:
            log.popleft()
        if len(log) >= limit:
            return False
        log.append(at)
        return True

    return take


def sliding_counter(limit: int, window: float, *, phase: float = 0.0) -> Limiter:
    """Weighs the window before: before * (1 - f) + present must be below the limit."""
    count = {"window": 0, "before": 0, "present": 0}

    def take(at: float) -> bool:
        number, share = divmod(at / window + phase, 1.0)
        if number != count["window"]:
            before = count["present"] if number == count["window"] + 1 else 0
            count.update(window=int(number), before=before, present=0)
        if count["before"] * (1 - share) + count["present"] >= limit:
            return False
        count["present"] += 1
        return True

    return take


def token_bucket(limit: int, window: float, *, capacity: int) -> Limiter:
    """Full at first, filled evenly."""
    tokens, last = float(capacity), 0.0

    def take(at: float) -> bool:
        nonlocal tokens, last
        tokens = min(capacity, tokens + (at - last) * limit / window) if last else tokens
        last = at
        if tokens < 1:
            return False
        tokens -= 1
        return True

    return take


def limiter(kind: str, *, limit: int, window: float, phase: float) -> Limiter:
    """By the name that the table has."""
    kinds: dict[str, Callable[[], Limiter]] = {
        "fixed window": lambda: fixed_window(limit, window, phase=phase),
        "sliding log": lambda: sliding_log(limit, window),
        "sliding counter": lambda: sliding_counter(limit, window, phase=phase),
        f"token bucket {limit}": lambda: token_bucket(limit, window, capacity=limit),
        "token bucket 10": lambda: token_bucket(limit, window, capacity=10),
    }
    return kinds[kind]()
