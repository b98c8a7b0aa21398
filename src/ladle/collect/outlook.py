"""How long will calls take? Takes a gate's state and its quotas, gives seconds, by playing on what `decide` would do.

A few calls are played through one by one; where there are more, the longest window holds them up by whole windows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from ladle.collect.permits import STRETCH, Event, GateState, advance, apply
from ladle.collect.quota import decide, frees_at, held, leak, prepare, share_of, spent, weighs
from ladle.sources.source import Pace, Quota

SIMULATED = 1000
"""Calls that `time_for` plays through one by one (10 to 50 ms)."""

PLAYED = 24
"""Calls that `seconds_left` plays through one by one (2 to 4 ms): it is asked four times a second."""


MOST = 100.0
"""Times ours: what a first call is told of the crowd is little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What is still to be done at a gate, and how."""

    calls: int
    """That have no permit yet."""
    quotas: Sequence[Quota]
    pace: Pace
    latency: float = 0.2
    """Seconds of one call."""
    concurrency: int = 8
    mine: int = 0
    """Our calls ..."""
    since: float = inf
    """... answered since then, by the clock: what others made besides, they will go on making."""
    crowd: float = 1.0
    """How many times ours are the calls that pass the gate."""

    @property
    def passing(self) -> int:
        """The calls that will pass the gate until ours are done."""
        return ceil(max(0, self.calls) * self.crowd)

    @property
    def workers(self) -> int:
        """Of all who share the gate."""
        return max(1, round(self.concurrency * self.crowd))

    @property
    def seconds_each(self) -> float:
        """Seconds that one call takes in the long run."""
        return max([self.latency / self.workers, *(_seconds_each(quota, self) for quota in self.quotas)])


def _seconds_each(quota: Quota, prospect: Prospect) -> float:
    """What a window spreads calls to; nothing where it lets them all go and then has them wait."""
    rate = leak(quota)
    if prospect.pace == "fast" or rate is None:
        return 0.0
    # Where sliding counters are reckoned with, a call counts from its grant to a window after its answer.
    return (quota.seconds * STRETCH + prospect.latency) / quota.limit if weighs(quota) else 1 / rate


def time_for(calls: int, *, quotas: Sequence[Quota], pace: Pace, latency: float = 0.2, concurrency: int = 8) -> float:
    """Seconds that so many calls take at a fresh gate: played through, or by whole windows where they are many."""
    if calls <= SIMULATED:
        fresh = GateState()
        return play(calls, state=fresh, quotas=quotas, pace=pace, latency=latency, concurrency=concurrency)
    if not quotas:
        return -(-calls // concurrency) * latency
    longest = max(quotas, key=lambda quota: quota.seconds)
    others = [quota for quota in quotas if quota is not longest]
    share = share_of(longest, pace=pace)
    whole, rest = divmod(calls - 1, share)
    rest += 1  # the last window is left with 1 to `share` calls, which the longest window no longer holds up
    within = others if rest > SIMULATED else quotas
    last = time_for(rest, quotas=within, pace=pace, latency=latency, concurrency=concurrency)
    if not whole:
        return last
    filling = time_for(share, quotas=others, pace=pace, latency=latency, concurrency=concurrency)
    return whole * max(longest.seconds * STRETCH + latency, filling) + last


def seconds_left(state: GateState, prospect: Prospect) -> float:
    """Seconds that the calls of `prospect` take from the state's time on; never negative. The state is played on.

    A few milliseconds. What comes after the calls that are played through goes at the pace of the slowest: of the
    windows, each by the calls that it holds and frees, or of the workers.
    """
    if prospect.calls <= 0:
        return 0.0
    everyones = len(state.settled) - bisect_left(state.settled, prospect.since + state.shift)
    prospect = replace(prospect, crowd=min(MOST, max(1.0, everyones / max(1, prospect.mine))))
    calls = prospect.passing
    now, quotas, pace = state.last, held(state, quotas=prospect.quotas), prospect.pace
    prepare(state, quotas=quotas)
    waits = [_opens_at(state, quota, calls=calls, prospect=prospect, now=now) - now for quota in quotas]
    resets = [
        until - now + (calls - left) * prospect.seconds_each for until, left in state.caps.items() if left < calls
    ]
    few = min(calls, PLAYED)
    played = play(few, state=state, quotas=quotas, pace=pace, latency=prospect.latency, concurrency=prospect.workers)
    rest = (calls - few) * prospect.seconds_each
    return max(0.0, played + rest, *waits, *resets)


def _opens_at(state: GateState, quota: Quota, *, calls: int, prospect: Prospect, now: float) -> float:
    """When the last of so many calls will be answered, by this window alone."""
    share, used = share_of(quota, pace=prospect.pace), spent(state, quota, now=now)
    beyond = calls - max(0, share - used)
    if beyond <= 0:
        return now
    # These go as the calls that count now leave, in their order; then as those leave that are made until then; and so
    # on round by round.
    rounds, place = divmod(beyond - 1, share)
    leaves = frees_at(state, quota, now=now, calls=min(place + 1, used)) if used else now + quota.seconds * STRETCH
    made_later = max(0, place + 1 - used) * prospect.seconds_each
    return leaves + made_later + rounds * (quota.seconds * STRETCH + prospect.latency) + prospect.latency


def play(
    calls: int, *, state: GateState, quotas: Sequence[Quota], pace: Pace, latency: float, concurrency: int
) -> float:
    """Seconds from the state's time until the last answer, by `decide` itself. What is in flight is answered too."""
    now = begun = state.last
    flying = deque((max(now, granted + latency), permit) for permit, granted in state.flying.items())
    prepare(state, quotas=quotas)
    while calls:
        while flying and flying[0][0] <= now:
            ended, permit = flying.popleft()
            apply(state, Event("settle", permit, ended, now))
        advance(state, now=now)
        grant = decide(state, quotas=quotas, pace=pace, now=now, wanted=max(0, min(calls, concurrency - len(flying))))
        for _ in range(grant.count):
            permit = str(state.seq)
            apply(state, Event("grant", permit, now, now))
            flying.append((now + latency, permit))
        calls -= grant.count
        # All workers busy: the next answer; the quota's turn: its wait, for no answer makes room sooner.
        now = flying[0][0] if grant.wait is None else now + grant.wait
    return flying[-1][0] - begun if flying else 0.0
