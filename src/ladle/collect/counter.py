"""What would a sliding-window counter say? Takes calls' arrivals, gives the room it leaves, however its windows lie.

Such a counter keeps two numbers: the calls of its present window and those of the one before, and lets a call through
while before * (1 - f) + present < limit, f being how much of the present window has passed. (So do Cloudflare, Upstash,
`limits` and throttled-py; those that round, round down.) Where its windows begin is not known, so every beginning B of
the last window's length is asked about:

- A call counts by its arrival: in the present window from B on, in the one before from B - window on. In flight it
  counts in the present one. It was seen no later than that, and seen earlier it weighs less: the sum is an upper bound.
  This takes for granted what `permits` says of arrivals: the server asks its limiter in the first half of a call, from
  its leaving to the headers of its answer. So it is where the way there is no longer than the work and the way back.
  No other rule takes that for granted, and this one not of a call that failed: that arrived when it had.
- The server sees the call later than it is granted. Of the calls that it has then seen, take the one granted last: when
  it was granted all others had the same weight or more, since f only grows. A window that begins after that moment
  holds none but calls of one sliding window, of which there are fewer than the limit besides (by their answers).
- Between two arrivals the sum grows with B, so only B's at an arrival, and a window after one, need be looked at.

Without that premise a call had to count by its answer. For calls of 20 to 200 ms at 60 per 6 seconds nobody could then
do better than 87.6% of the possible rate: an earlier call only ever makes room earlier, so none that waits is of use.
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


def room(arrived: Sequence[float], *, flying: int, limit: int, span: float, now: float) -> int:
    """Calls that a counter of any alignment would let go now; 0 or less when none."""
    fullest = max(
        ((1 - (now - begin.at) / span) * begin.before + begin.since for begin in _past(arrived, span=span, now=now)),
        default=0.0,
    )
    return ceil(limit - flying - fullest - NEAR)


def opens_at(arrived: Sequence[float], *, flying: int, limit: int, span: float, now: float, calls: int) -> float:
    """No counter lets so many calls go before, unless an answer comes; it may be later, if answers come late."""
    at = now
    for begin in _past(arrived, span=span, now=now):
        at = max(at, _eases_at(begin, span=span, free=limit - calls + 1 - begin.since - flying))
    for begin in _coming(arrived, flying=flying, span=span, now=now):
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


def _past(arrived: Sequence[float], *, span: float, now: float) -> Iterator[Beginning]:
    """The beginnings up to now at which the sum may be largest."""
    recent = arrived[bisect_right(arrived, now - 2 * span) :]
    first, total = bisect_right(recent, now - span), len(recent)
    left = 0
    for place in range(first, total):  # at an arrival
        at = recent[place]
        while recent[left] < at - span - NEAR:
            left += 1
        yield Beginning(at, place - left, total - place)
    place = 0
    for left in range(first):  # a window after one
        at = recent[left] + span
        while place < total and recent[place] < at:
            place += 1
        yield Beginning(at, place - left, total - place)


def _coming(arrived: Sequence[float], *, flying: int, span: float, now: float) -> Iterator[Beginning]:
    """Beginnings a window after the arrivals that still count, in order; those in flight may have arrived by then."""
    first = bisect_left(arrived, now - span + NEAR)
    for place in range(first, len(arrived)):
        yield Beginning(arrived[place] + span, len(arrived) - place + flying, 0)
