"""Where permits are shared: takes wishes and answers from gates, gives permits.

`ledger_sqlite` shares them among processes, `ledger_redis` among machines. All ledgers do the same: bring the gate's
state up to date, take one `step` (a pure decision that returns what happened), and keep the events. What differs is
where they are kept.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import NamedTuple, Protocol

from ladle.collect.holders import HELD_BY, Holders, holder
from ladle.collect.limits import LONGEST_RESET, Limits
from ladle.collect.outlook import Prospect, seconds_left
from ladle.collect.permits import HELD, Event, GateState, advance, apply, uncounted
from ladle.collect.quota import QuotaUse, closing, decide, prepare, use
from ladle.errors import LadleError
from ladle.sources.source import Pace, Quota

Clock = Callable[[], float]

Settled = tuple[str, float | None]
"""A permit and when its answer was complete, in the clock's seconds; None: no call was made with it."""

BACKSTEP = 1.0
"""Seconds that a clock may lag behind the last event before it counts as put back, not as read a moment too soon."""


class LedgerAway(LadleError):
    """The ledger can't be reached for now: nothing is known to be lost, and asking again later is the remedy."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The permits that were given, and the seconds until asking again makes sense (None: nothing was left wanting)."""

    permits: list[str]
    wait: float | None
    free: bool = False
    """Nothing but quotas holds anybody back: without quotas, permits need no ledger for a while."""


class Told(NamedTuple):
    """What an answer said of the API's limits. Times are the clock's."""

    limits: Limits
    granted: float
    """When its call got its permit: others of that time may not have been counted yet."""
    at: float
    """When it came."""
    flying: int = 0
    """Calls in flight that the ledger knows nothing of."""


class Ledger(Protocol):
    """Holds every gate's state. A gate is a name: the source's and a hash of the credential, never the credential."""

    @property
    def blocking(self) -> bool:
        """Whether calls may wait for a disk or another process, so that an event loop must make them in a thread."""

    def ask(
        self,
        gate: str,
        *,
        quotas: Sequence[Quota],
        pace: Pace,
        wanted: int,
        settled: Sequence[Settled] = (),
        told: Sequence[Told] = (),
    ) -> Asked:
        """Write down what is settled and told, then give up to `wanted` permits: all in one atomic step.

        Without quotas permits have no name and are not counted while nothing else holds anybody back. LedgerAway: ask
        again later, with all that was to be written down.
        """

    def settle(self, gate: str, *, quotas: Sequence[Quota], settled: Sequence[Settled]) -> None:
        """Write down what is settled, and ask for nothing."""

    def close(self, gate: str, *, quotas: Sequence[Quota], until: float | None) -> None:
        """A 429 came: nobody passes before `until` (the clock's seconds; None: it did not say), then all go `safe`."""

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """How much of each quota is spent by now."""

    def outlook(self, gate: str, prospect: Prospect) -> float:
        """Seconds that the calls of `prospect` will take from now on."""

    def shut(self) -> None:
        """Let go of files. The ledger is of no use afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one step is to do at a gate."""

    quotas: Sequence[Quota]
    pace: Pace = "safe"
    wanted: int = 0
    settled: Sequence[Settled] = ()
    told: Sequence[Told] = ()
    close: bool = False
    until: float | None = None
    me: str = ""
    """Whose permits these are: the process's name by which others can tell that it is dead."""
    dead: Collection[str] = ()
    """Processes that are known to be dead, for so long that no request of theirs is still to be counted."""


def step(state: GateState, wish: Wish, *, clock: float) -> tuple[list[Event], Asked]:
    """Do what is wished: the state is brought to the new time; the events have happened in it, and are to be kept."""
    events: list[Event] = []

    def happen(event: Event) -> None:
        apply(state, event)
        events.append(event)

    now = max(clock + state.shift, state.last)
    if now - clock - state.shift > BACKSTEP:
        # The clock was put back. Time goes on from the last event, it does not stand still until the clock catches up.
        happen(Event("shift", "", now - clock, now))
    advance(state, now=now)
    prepare(state, quotas=wish.quotas)  # before answers are charged, so that every bucket gets them
    for permit in [permit for permit in state.flying if holder(permit) in wish.dead]:
        happen(Event("settle", permit, now, now))
    for permit, at in wish.settled:
        happen(Event("unused", permit, now, now) if at is None else Event("settle", permit, at + state.shift, now))
    if wish.close:
        until = None if wish.until is None else wish.until + state.shift
        closed, slow = closing(quotas=wish.quotas, now=now, until=until)
        happen(Event("close", "", closed, now))
        happen(Event("slow", "", slow, now))
    for told in wish.told:
        for event in _tightened(state, told, quotas=wish.quotas, now=now):
            happen(event)
    prepare(state, quotas=wish.quotas)
    grant = decide(state, quotas=wish.quotas, pace=wish.pace, now=now, wanted=wish.wanted)
    free = state.is_free
    if free and not wish.quotas:
        return events, Asked([""] * grant.count, grant.wait, free)
    permits = [f"{state.seq + n}{HELD_BY}{wish.me}" if wish.me else f"{state.seq + n}" for n in range(grant.count)]
    for permit in permits:
        happen(Event("grant", permit, now, now))
    return events, Asked(permits, grant.wait, free)


def _tightened(state: GateState, told: Told, *, quotas: Sequence[Quota], now: float) -> Iterator[Event]:
    """The events of what an API said, as far as it says anything new."""
    longest = max([LONGEST_RESET, *(quota.seconds for quota in quotas)])
    at = told.at + state.shift
    for left in told.limits.left:
        if left.seconds is None and left.calls:
            continue  # until when is not known, and more are left than none
        wait = closing(quotas=quotas, now=0, until=None)[0] if left.seconds is None else left.seconds
        until = ceil(at + min(wait, longest))  # whole seconds, so that one window's answers speak of one cap
        others = uncounted(state, since=told.granted + state.shift) + told.flying
        calls = max(0, left.calls - max(0, others - 1)) if left.calls else 0  # its own call is counted
        if until > now and calls < min((cap for end, cap in state.caps.items() if end >= until), default=inf):
            yield Event("cap", str(calls), until, now)
    for limit, seconds in told.limits.policies:
        known, held_until = state.policies.get(seconds, (0, 0.0))
        implied = any(quota.seconds >= seconds and quota.limit <= limit for quota in quotas)
        hold = max(HELD, seconds)
        if not implied and (limit != known or held_until < now + hold / 2):
            yield Event("policy", f"{limit}/{seconds!r}", now + hold, now)


class Stepped(ABC):
    """What all ledgers have in common of a `Ledger`: each of these is one step, which `_step` takes and keeps."""

    holders: Holders | None = None
    """Who knows which processes are dead; None: nobody, so that a permit of one counts until MAX_HOLD is over."""

    def ask(
        self,
        gate: str,
        *,
        quotas: Sequence[Quota],
        pace: Pace,
        wanted: int,
        settled: Sequence[Settled] = (),
        told: Sequence[Told] = (),
    ) -> Asked:
        """As `Ledger.ask`."""
        me = self.holders.me() if self.holders is not None and wanted and quotas else ""
        return self._step(gate, Wish(quotas=quotas, pace=pace, wanted=wanted, settled=settled, told=told, me=me))

    def settle(self, gate: str, *, quotas: Sequence[Quota], settled: Sequence[Settled]) -> None:
        """As `Ledger.settle`."""
        self._step(gate, Wish(quotas=quotas, settled=settled))

    def close(self, gate: str, *, quotas: Sequence[Quota], until: float | None) -> None:
        """As `Ledger.close`."""
        self._step(gate, Wish(quotas=quotas, close=True, until=until))

    def _mourned(self, wish: Wish, state: GateState) -> Wish:
        """The wish, with the processes at the gate whose permits need be held no longer."""
        return wish if self.holders is None else replace(wish, dead=self.holders.gone(state.flying))

    @abstractmethod
    def _step(self, gate: str, wish: Wish) -> Asked:
        """Do what is wished at the gate, whole or not at all; raises what keeps it from that."""


class MemoryLedger(Stepped):
    """A ledger of this process alone; it ends with it."""

    blocking = False

    def __init__(self, *, clock: Clock = time.time) -> None:
        self._clock = clock
        self._gates: dict[str, GateState] = {}
        self._lock = threading.Lock()

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """As `Ledger.use`."""
        self._step(gate, Wish(quotas=quotas))
        with self._lock:
            state = self._gates[gate]
            return use(state, quotas=quotas, now=state.last)

    def outlook(self, gate: str, prospect: Prospect) -> float:
        """As `Ledger.outlook`."""
        self._step(gate, Wish(quotas=prospect.quotas))
        with self._lock:
            state = self._gates[gate].copy()
        return seconds_left(state, prospect)

    def shut(self) -> None:
        """Nothing to let go of."""

    def _step(self, gate: str, wish: Wish) -> Asked:
        with self._lock:
            return step(self._gates.setdefault(gate, GateState()), wish, clock=self._clock())[1]
