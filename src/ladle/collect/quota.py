"""When may the next call go? Takes a gate's state and its quotas, gives how many calls may go now, and when more.

Why no window at the server ever overflows, whatever its limiter and however its windows lie:

- A call is granted at g, the server sees it at some s that we never learn, and its answer is complete at r: g ≤ s ≤ r.
- We count it from g until r + window. Take any window at the server and, of the calls seen in it, the one granted
  last, at g*. Each of the others was seen at s > (window's end) - window ≥ g* - window, so r ≥ s > g* - window: at g*
  it was still counted. They were therefore at most limit - 1, and with the last one the window holds at most `limit`.
  A fixed window, of any phase, is just one of these windows.
- Of a process that died r is not known: its calls count as answered when none of them can still be under way, which is
  later than the API sees them (`permits`, `holders`).
- `safe` also keeps a leaky bucket: at most 10 calls at once, then (limit - 1) / window per second. A call fills it from
  g and leaks only from r on. Take any span of the server's time: when its last call was granted, the bucket held at
  least (the span's other calls) - leak * span, for they were in flight or had leaked no longer than the span; and the
  grant needed room for one more. So the server sees at most 10 + leak * span calls in any span: what a token bucket
  of capacity 10 lets pass.
- Sliding-window counters (which weigh the previous fixed window) have an alignment that would refuse even this: the
  burst just before a window's end. In windows up to 30 seconds `safe` keeps room for every alignment (`counter` has
  the proof) and leaves no call of the limit aside. In longer ones it does not: 167 calls at 60 a minute would then
  take 170 s, whatever the order, and 165 s are promised.
- What an API says of its limits (`limits`) comes on top: never more than it says are left, and a policy that it tells
  is one quota more. Every rule is a minimum with the others, so that each only ever tightens.

All quotas are decided in one step: a call goes when every window has room.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from ladle.collect import counter
from ladle.collect.permits import HOUR, MINUTE, STRETCH, GateState, level, track
from ladle.sources.source import Pace, Quota

BURST = 10
"""Calls that the safe pace lets go at once: the smallest token buckets in common use hold ten."""

SHORTEST_WAIT = 0.001
"""Seconds. Epoch seconds as a float resolve a quarter of a microsecond; a wait of less might never pass."""

BLIND_WAIT = 60.0
"""Seconds that a 429 without Retry-After closes a gate of unknown quotas: most limits count by the minute."""

WEIGHED = 30.0
"""Seconds: in windows up to this long `safe` also satisfies sliding-window counters."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`count` calls may go now. `wait`: seconds before which no more can go; None when all that were wanted may go.

    The wait is a promise in one direction: asking earlier is of no use (an answer never makes room, it only starts the
    window's clock); asking then gives a permit or, if calls were still in flight, the next wait.
    """

    count: int
    wait: float | None


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One quota for a progress display: `used` of `limit` calls; the next comes back in `frees_in` seconds."""

    text: str
    used: int
    limit: int
    frees_in: float | None


class _Weighed(TypedDict):
    """What a counter is told."""

    flying: int
    limit: int
    span: float
    now: float


def leak(quota: Quota) -> float | None:
    """Calls per second that `safe` spreads to; None for windows longer than a minute, which are only counted."""
    return share_of(quota, pace="safe") / (quota.seconds * STRETCH) if quota.seconds <= MINUTE else None


def prepare(state: GateState, *, quotas: Sequence[Quota]) -> None:
    """Keep the leaky buckets that these quotas need; once before `decide`."""
    for quota in held(state, quotas=quotas):
        if rate := leak(quota):
            track(state, leak=rate)


def decide(state: GateState, *, quotas: Sequence[Quota], pace: Pace, now: float, wanted: int) -> Grant:
    """How many of the wanted calls may go now. The state is as `advance` left it at `now`; it is not changed."""
    pace = "safe" if now < state.slow_until else pace
    quotas = held(state, quotas=quotas)
    rooms = [_room(state, quota, pace=pace, now=now) for quota in quotas]
    count = 0 if now < state.closed_until else max(0, min([wanted, *rooms, *state.caps.values()]))
    if count >= wanted:
        return Grant(count, None)
    waits = [_wait(state, quota, pace=pace, now=now, calls=count + 1) for quota in quotas]
    resets = [until - now for until, left in state.caps.items() if left <= count]
    return Grant(count, max(SHORTEST_WAIT, state.closed_until - now, *waits, *resets))


def held(state: GateState, *, quotas: Sequence[Quota]) -> list[Quota]:
    """The quotas and, as further ones, what the API told of its own."""
    told = state.policies.items()
    return [*quotas, *(Quota(limit=limit, seconds=window, text="told by the API") for window, (limit, _) in told)]


def closing(*, quotas: Sequence[Quota], now: float, until: float | None) -> tuple[float, float]:
    """After a 429: (closed until, then safe until). Without a time that lies ahead, closed for the shortest window.

    Never longer than an hour by our own guess: who limits by the day and says nothing also limits by something shorter.
    """
    guess = min(min((quota.seconds for quota in quotas), default=BLIND_WAIT), HOUR)
    closed = until if until is not None and until > now else now + guess
    return closed, closed + max((quota.seconds for quota in quotas if quota.seconds <= HOUR), default=HOUR)


def use(state: GateState, *, quotas: Sequence[Quota], now: float) -> list[QuotaUse]:
    """How much of each quota is spent, in the quotas' order."""
    return [_use(state, quota, now=now) for quota in quotas]


def share_of(quota: Quota, *, pace: Pace) -> int:
    """The calls of one window that are given out."""
    # One call less: room for one that somebody makes by hand with the same key, and for limiters that refuse the last.
    # Where counters are reckoned with, there is none to spare: it would be room twice.
    return quota.limit if pace == "fast" or quota.seconds <= WEIGHED else max(1, quota.limit - 1)


def _room(state: GateState, quota: Quota, *, pace: Pace, now: float) -> int:
    """Calls that this quota would let go now; negative when more are counted than allowed (it was lowered)."""
    window = share_of(quota, pace=pace) - spent(state, quota, now=now)
    rate = leak(quota)
    if pace == "fast" or rate is None:
        return window
    spread = min(window, int(_headroom(state, quota, rate=rate, now=now) + 1e-9))
    return min(spread, counter.room(state.settled, **_weighed(state, quota, now))) if weighs(quota) else spread


def _wait(state: GateState, quota: Quota, *, pace: Pace, now: float, calls: int) -> float:
    """Seconds, at least, until this quota lets `calls` go."""
    missing = calls - (share_of(quota, pace=pace) - spent(state, quota, now=now))
    wait = frees_at(state, quota, now=now, calls=missing) - now if missing > 0 else 0.0
    rate = leak(quota)
    if pace == "fast" or rate is None:
        return wait
    wait = max(wait, (calls - _headroom(state, quota, rate=rate, now=now)) / rate)
    if not weighs(quota):
        return wait
    return max(wait, counter.opens_at(state.settled, **_weighed(state, quota, now), calls=calls) - now)


def weighs(quota: Quota) -> bool:
    """Whether `safe` reckons with a sliding-window counter."""
    return quota.seconds <= WEIGHED


def _weighed(state: GateState, quota: Quota, now: float) -> _Weighed:
    return {"flying": len(state.flying), "limit": quota.limit, "span": quota.seconds * STRETCH, "now": now}


def _headroom(state: GateState, quota: Quota, *, rate: float, now: float) -> float:
    capacity = min(BURST, share_of(quota, pace="safe"))
    return capacity - len(state.flying) - level(state, leak=rate, now=now)


def spent(state: GateState, quota: Quota, *, now: float) -> int:
    """Calls that count in the window, those in flight too."""
    return len(state.flying) + _counted(state, quota, now=now)


def _counted(state: GateState, quota: Quota, *, now: float) -> int:
    """Answered calls that still count in the window."""
    since = now - quota.seconds * STRETCH
    recent = len(state.settled) - bisect_right(state.settled, since)
    return recent + (_older(state, since=since)[1] if quota.seconds > HOUR else 0)


def _older(state: GateState, *, since: float) -> tuple[int, int]:
    """(calls ever before, calls in) the minutes that end after `since`: the oldest is counted whole."""
    if not state.minutes:
        return state.dropped, 0
    first = bisect_right(state.minutes, since / MINUTE - 1)
    before = state.upto[first - 1] if first else state.dropped
    return before, state.upto[-1] - before


def frees_at(state: GateState, quota: Quota, *, now: float, calls: int) -> float:
    """When so many of the counted calls will have left the window; one in flight a whole window from now, at best."""
    span = quota.seconds * STRETCH
    if quota.seconds > HOUR:
        before, older = _older(state, since=now - span)
        if calls <= older:
            return (state.minutes[bisect_left(state.upto, before + calls)] + 1) * MINUTE + span
        calls -= older
    place = bisect_right(state.settled, now - span) + calls - 1
    return (state.settled[place] if place < len(state.settled) else now) + span


def _use(state: GateState, quota: Quota, *, now: float) -> QuotaUse:
    counted = _counted(state, quota, now=now)
    frees_in = frees_at(state, quota, now=now, calls=1) - now if counted else None
    return QuotaUse(quota.text, spent(state, quota, now=now), quota.limit, frees_in)
