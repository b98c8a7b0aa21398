"""What would a sliding-window counter say? Takes the answers' times, gives the room it leaves, however its windows lie.

Such a counter keeps two numbers: the calls of its present window and those of the one before, and lets a call through
while before * (1 - f) + present < limit, f being how much of the present window has passed. (So do Cloudflare, Upstash,
`limits` and throttled-py; those that round, round down.) Where its windows begin is not known, so every beginning B of
the last window's length is asked about:

- A call counts by its answer: in the present window from B on, in the one before from B - window on. In flight it
  counts in the present one. It was seen no later than that, and seen earlier it weighs less: the sum is an upper bound.
- The server sees the call later than it is granted. Of the calls that it has then seen, take the one granted last: when
  it was granted all others had the same weight or more, since f only grows. A window that begins after that moment
  holds none but calls of one sliding window, of which there are fewer than the limit besides.
- Between two answers the sum grows with B, so only B's at an answer, and a window after one, need be looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

NEAR = 1e-9
"""Seconds, or calls: differences below it are the float's."""


class Beginning(NamedTuple):
    """A place where the present window might begin, with the calls before and since, without those in flight."""

    at: float
    before: int
    since: int


def room(settled: Sequence[float], *, flying: int, limit: int, span: float, now: float) -> int:
    """Calls that a counter of any alignment would let go now; 0 or less when none."""
    fullest = max(
        ((1 - (now - begin.at) / span) * begin.before + begin.since for begin in _past(settled, span=span, now=now)),
        default=0.0,
    )
    return ceil(limit - flying - fullest - NEAR)


def opens_at(settled: Sequence[float], *, flying: int, limit: int, span: float, now: float, calls: int) -> float:
    """No counter lets so many calls go before; it may be later, if answers come late."""
    at = now
    for begin in _past(settled, span=span, now=now):
        at = max(at, _eases_at(begin, span=span, free=limit - calls + 1 - begin.since - flying))
    for begin in _coming(settled, flying=flying, span=span, now=now):
        if begin.at > at:
            break
        at = max(at, _eases_at(begin, span=span, free=limit - calls + 1))
    return at


def _eases_at(begin: Beginning, *, span: float, free: int) -> float:
    """When the calls before have lost so much weight that less than `free` of it is left; at last their window ends."""
    if free > begin.before:
        return begin.at
    share = max(0.0, free / begin.before) if begin.before else 0.0
    return begin.at + span * (1 - share) + NEAR


def _past(settled: Sequence[float], *, span: float, now: float) -> Iterator[Beginning]:
    """The beginnings up to now at which the sum may be largest."""
    recent = settled[bisect_right(settled, now - 2 * span) :]
    first, total = bisect_right(recent, now - span), len(recent)
    left = 0
    for place in range(first, total):  # at an answer
        at = recent[place]
        while recent[left] < at - span - NEAR:
            left += 1
        yield Beginning(at, place - left, total - place)
    place = 0
    for left in range(first):  # a window after an answer
        at = recent[left] + span
        while place < total and recent[place] < at:
            place += 1
        yield Beginning(at, place - left, total - place)


def _coming(settled: Sequence[float], *, flying: int, span: float, now: float) -> Iterator[Beginning]:
    """Beginnings a window after the answers that still count, in order; those in flight may be answered by then."""
    first = bisect_left(settled, now - span + NEAR)
    for place in range(first, len(settled)):
        yield Beginning(settled[place] + span, len(settled) - place + flying, 0)
