"""A part of a result: takes its batches, gives the rows that lie in the part, and counts the others up to a bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

BEGUN = b"\n"
"""The child's first word: what it needs is loaded, and it begins with the SELECT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Rows `offset` to `offset + limit`."""

    offset: int
    limit: int
    counted: int
    """Behind the part, counting ends at so many rows in all,"""
    seconds: float
    """or after so many seconds, whichever comes first."""


class Walk:
    """The way through a result; `rows` were seen, and they are all when it is `whole`."""

    def __init__(self) -> None:
        self.rows, self.whole = 0, False

    def through(
        self,
        batches: Iterable[pa.RecordBatch],
        window: Window | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in the window, in order; every row without one."""
        due = float("inf")
        for batch in batches:
            first, self.rows = self.rows, self.rows + batch.num_rows
            if window is None:
                yield batch
                continue
            end = window.offset + window.limit
            begin = max(first, window.offset)
            if begin < min(end, self.rows):
                yield batch.slice(begin - first, min(end, self.rows) - begin)
            if self.rows > end:  # so what is counted is always more than what is shown
                due = min(due, clock() + window.seconds)
                if self.rows >= window.counted or clock() >= due:
                    return
        self.whole = True
