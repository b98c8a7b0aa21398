"""What a path leads to, remembered: takes a function of a path, gives the same with a memory that nobody can fill."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")
MOST = 4096
LONGEST = 500
"""Characters of a path that is remembered: whoever asks chooses it, and before it is known who that is."""


def by_path(ask: Callable[[str], T]) -> Callable[[str], T]:
    """Ask once for each path of usual length."""
    kept = lru_cache(maxsize=MOST)(ask)

    @wraps(ask)
    def asked(path: str) -> T:
        return kept(path) if len(path) <= LONGEST else ask(path)

    return asked
