"""When a ledger has lost what a process still knows: takes two memories of a gate, gives one that has all of both.

A Redis without persistence comes back empty; one with it may have lost the last second. Whoever notices tells what it
knows, and holds the gate until whatever nobody told of has left the short windows. There is no clock here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ladle.collect.permits import MAX_HOLD, MINUTE, STRETCH, GateState, fold
from ladle.sources.source import Quota


def merged(one: GateState, other: GateState) -> GateState:
    """All that either remembers, numbered as `one`. What both do is counted once: its times are the same floats."""
    last = max(one.last, other.last)
    one, other = one.copy(), other.copy()
    for each in (one, other):
        fold(each, now=last, all_of_it=True)
        each.last = last
    one.flying = _flying(one, other)
    one.settled = sorted((Counter(one.settled) | Counter(other.settled)).elements())
    _take_minutes(one, other)
    one.levels = {}  # filled anew from the answers when they are needed
    one.closed_until = max(one.closed_until, other.closed_until)
    one.slow_until = max(one.slow_until, other.slow_until)
    for until, left in other.caps.items():
        one.caps[until] = min(left, one.caps.get(until, left))
    for window, told in other.policies.items():
        limit, until = one.policies.get(window, told)
        one.policies[window] = (min(limit, told[0]), max(until, told[1]))
    return one


def has_more(one: GateState, than: GateState) -> bool:
    """Whether `one` remembers what the other does not, so that it is worth being told."""
    return merged(than, one) != merged(than, GateState(last=one.last))


def hold(state: GateState, *, quotas: Sequence[Quota], now: float) -> None:
    """Close the gate until a permit that nobody told of can count no more in any window of up to a minute.

    It may have been given just now, is answered within MAX_HOLD seconds, and counts for a window after that. Longer
    windows are left to what the processes remember: a gate is not closed for a day because of a second's calls.
    """
    window = max((quota.seconds for quota in quotas if quota.seconds <= MINUTE), default=0.0)
    state.closed_until = max(state.closed_until, now + MAX_HOLD + window * STRETCH)


def _flying(one: GateState, other: GateState) -> dict[str, float]:
    """In order of their grants. Of two permits with one name the other's is nobody's, and counts until it is dead."""
    named = dict(one.flying)
    for permit, granted in other.flying.items():
        if named.get(permit, granted) != granted:
            permit = f"{permit}'"
        named[permit] = granted
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _take_minutes(one: GateState, other: GateState) -> None:
    """Answers of more than an hour ago, minute by minute, whoever knows of more."""
    counts = Counter(_by_minute(one)) | Counter(_by_minute(other))
    one.minutes, one.upto, one.dropped = sorted(counts), [], 0
    for minute in one.minutes:
        one.upto.append((one.upto[-1] if one.upto else 0) + counts[minute])


def _by_minute(state: GateState) -> dict[int, int]:
    before = [state.dropped, *state.upto]
    return {minute: upto - before[n] for n, (minute, upto) in enumerate(zip(state.minutes, state.upto, strict=True))}
