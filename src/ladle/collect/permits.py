"""The memory of a gate: takes events (calls granted, answered, refused), gives the state that `quota.decide` reads.

    events in a ledger → apply, one by one → GateState → decide

There is no clock here and nothing is read or written. The same events give the same state in every process, so a
ledger need only keep events in order. `apply` changes the state that it is given: a replay of thousands stays cheap.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple

MINUTE = 60.0
HOUR = 3600.0
MONTH = 31 * 86400.0
"""The longest window. 31 days, so that no calendar month ever holds more than the quota."""

MAX_HOLD = 70.0
"""Seconds after which a permit without an answer counts as answered: its process is dead. Longer than any time-out.

Where it is known for certain that the process is dead, that is sooner (`holders`).
"""

STRETCH = 1.001
"""Windows are counted a thousandth longer than they are: NTP slews a clock by up to 500 ppm, and there are two."""

HELD = 3600.0
"""Seconds, at least, that a policy told by the API holds after it was last told."""

AHEAD = 1.0
"""Seconds by which an answer may be written down as later than its event: by a clock that is known only so well."""

Kind = Literal["grant", "settle", "unused", "close", "slow", "shift", "cap", "policy"]


class Event(NamedTuple):
    """Something that happened at a gate. All times are the ledger's, in seconds.

    grant: `permit` was given out `at`. settle: its answer was complete (or its call failed) `at`. unused: no call was
    made with it. close: nobody passes before `at`. slow: everyone keeps the safe pace until `at`. shift: from now on
    the ledger's time is the clock plus `at` seconds. cap: from now on no more than int(`permit`) calls before `at`.
    policy: as many calls as `permit` says (`100/60` in 60 seconds) are a further quota until `at`.
    """

    kind: Kind
    permit: str
    at: float
    now: float
    """When it was written down; never earlier than the event before it."""


@dataclass(slots=True)
class GateState:
    """All that a gate remembers."""

    seq: int = 0
    """Number of events so far; a permit's name is the number of its grant."""
    last: float = 0.0
    """Time of the last event: the gate's time never runs backwards."""
    shift: float = 0.0
    flying: dict[str, float] = field(default_factory=dict)
    """Permits in flight, in order of their grants: name → granted at."""
    settled: list[float] = field(default_factory=list)
    """Times of the answers of the last hour (at least), sorted: the exact log."""
    minutes: list[int] = field(default_factory=list)
    """Older answers, by minute since 1970, up to a month back ..."""
    upto: list[int] = field(default_factory=list)
    """... and how many there were up to and with that minute, ever: a sum over any span is one subtraction."""
    dropped: int = 0
    """How many there were before the first of `minutes`."""
    levels: dict[float, tuple[float, float]] = field(default_factory=dict)
    """Leaky buckets of answered calls: leak per second → (level, at). Calls in flight come on top; they don't leak."""
    closed_until: float = 0.0
    slow_until: float = 0.0
    caps: dict[float, int] = field(default_factory=dict)
    """What the API said is left: until → calls."""
    policies: dict[float, tuple[int, float]] = field(default_factory=dict)
    """What the API said that it allows: window in seconds → (calls, held until)."""

    @property
    def is_free(self) -> bool:
        """Nothing but the source's own quotas holds anybody back at the state's time."""
        return not self.caps and not self.policies and self.closed_until <= self.last

    def copy(self) -> GateState:
        """One that may be played on without changing this."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return GateState(**{name: copy(value) for name, value in own.items()})

    def to_json(self) -> str:
        """The state as text, every float exact."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        data["levels"] = [[rate, *filled] for rate, filled in self.levels.items()]
        data["caps"] = list(self.caps.items())
        data["policies"] = [[window, *told] for window, told in self.policies.items()]
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str) -> GateState:
        """The inverse; ValueError, KeyError or TypeError when the text is not a state."""
        data = json.loads(text)
        levels = {float(rate): (float(level), float(at)) for rate, level, at in data.pop("levels")}
        # A ledger of the first format has neither of these two.
        caps = {float(until): int(left) for until, left in data.pop("caps", ())}
        policies = {float(window): (int(limit), float(until)) for window, limit, until in data.pop("policies", ())}
        return cls(**data, levels=levels, caps=caps, policies=policies)


def apply(state: GateState, event: Event) -> None:
    """Let one event happen. Events come in the order in which they were written down."""
    advance(state, now=event.now)
    state.seq += 1
    match event.kind:
        case "grant":
            state.flying[event.permit] = event.at
            _count_down(state, by=1)
        case "settle":
            granted = state.flying.pop(event.permit, None)
            # A permit that nobody knows was held past MAX_HOLD (a laptop slept, say) and has been charged then. Its
            # call may have gone out only now, so it is charged again: better one too many than one too few.
            least = event.now if granted is None else granted
            _charge(state, at=min(max(event.at, least), event.now + AHEAD))
        case "unused":
            if state.flying.pop(event.permit, None) is not None:
                _count_down(state, by=-1)
        case "close":
            state.closed_until = max(state.closed_until, event.at)
        case "slow":
            state.slow_until = max(state.slow_until, event.at)
        case "shift":
            state.shift = event.at
        case "cap":
            state.caps[event.at] = min(int(event.permit), state.caps.get(event.at, int(event.permit)))
        case "policy":
            limit, _, window = event.permit.partition("/")
            state.policies[float(window)] = (int(limit), event.at)


def advance(state: GateState, *, now: float) -> None:
    """Let time pass: permits of the dead count as answered, old answers go into minutes."""
    if now <= state.last:
        return
    state.last = now
    for until in [until for until in state.caps if until <= now]:
        del state.caps[until]
    for window in [window for window, (_, until) in state.policies.items() if until <= now]:
        del state.policies[window]
    while state.flying:
        permit, granted = next(iter(state.flying.items()))
        if granted + MAX_HOLD > now:
            break
        del state.flying[permit]
        _charge(state, at=granted + MAX_HOLD)
    fold(state, now=now)


def track(state: GateState, *, leak: float) -> None:
    """Keep a leaky bucket from now on, filled as if it had been kept all the time."""
    if leak not in state.levels:
        state.levels[leak] = (0.0, 0.0)
        for at in state.settled:
            _fill(state, leak=leak, at=at)


def level(state: GateState, *, leak: float, now: float) -> float:
    """How full the tracked bucket of answered calls is by now."""
    filled, at = state.levels[leak]
    return max(0.0, filled - leak * max(0.0, now - at))


def uncounted(state: GateState, *, since: float) -> int:
    """Calls that an API may not have counted yet when it answered one that was granted at `since`.

    Answers come out of order: every other call that was in flight at any time since then may be one.
    """
    answered = len(state.settled) - bisect_left(state.settled, since)
    return len(state.flying) + answered


def _count_down(state: GateState, *, by: int) -> None:
    for until in state.caps:
        state.caps[until] -= by


def _charge(state: GateState, *, at: float) -> None:
    insort(state.settled, at)  # nearly always the newest, so nothing moves
    for leak in state.levels:
        _fill(state, leak=leak, at=at)


def _fill(state: GateState, *, leak: float, at: float) -> None:
    # An answer told late (its process wrote it down after others) fills the bucket as of the later time: rather too
    # full than too empty.
    at = max(at, state.levels[leak][1])
    state.levels[leak] = (level(state, leak=leak, now=at) + 1.0, at)


def fold(state: GateState, *, now: float, all_of_it: bool = False) -> None:
    """Move answers older than an hour into their minutes, in lots, so that the list is not moved for each of them."""
    old = bisect_left(state.settled, now - HOUR * STRETCH)
    if old == 0 or (old * 4 < len(state.settled) and not all_of_it):
        return
    for at in state.settled[:old]:
        minute = int(at // MINUTE)
        if state.minutes and state.minutes[-1] >= minute:
            state.upto[-1] += 1
        else:
            state.upto.append((state.upto[-1] if state.upto else state.dropped) + 1)
            state.minutes.append(minute)
    del state.settled[:old]
    _drop(state, before=int((now - MONTH * STRETCH) // MINUTE) - 1)


def _drop(state: GateState, *, before: int) -> None:
    """Forget minutes that no window reaches any more."""
    gone = bisect_left(state.minutes, before)
    if gone and gone * 4 >= len(state.minutes):
        state.dropped = state.upto[gone - 1]
        del state.minutes[:gone], state.upto[:gone]
