"""Where permits are shared: takes wishes and answers from gates, gives permits (`ledger_sqlite`: to many processes).

Both ledgers do the same: bring the gate's state up to date, take one `step` (a pure decision that returns what
happened), and keep the events. What differs is where they are kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ladle.collect.permits import Event, GateState, advance, apply
from ladle.collect.quota import QuotaUse, closing, decide, prepare, use
from ladle.sources.source import Pace, Quota

Clock = Callable[[], float]

Settled = tuple[str, float | None]
"""A permit and when its answer was complete, in the clock's seconds; None: no call was made with it."""

BACKSTEP = 1.0
"""Seconds that a clock may lag behind the last event before it counts as put back, not as read a moment too soon."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The permits that were given, and the seconds until asking again makes sense (None: nothing was left wanting)."""

    permits: list[str]
    wait: float | None


class Ledger(Protocol):
    """Holds every gate's state. A gate is a name: the source's and a hash of the credential, never the credential."""

    @property
    def blocking(self) -> bool:
        """Whether calls may wait for a disk or another process, so that an event loop must make them in a thread."""

    def ask(
        self, gate: str, *, quotas: Sequence[Quota], pace: Pace, wanted: int, settled: Sequence[Settled] = ()
    ) -> Asked:
        """Write down what is settled, then give up to `wanted` permits: all in one atomic step."""

    def settle(self, gate: str, *, quotas: Sequence[Quota], settled: Sequence[Settled]) -> None:
        """Write down what is settled, and ask for nothing."""

    def close(self, gate: str, *, quotas: Sequence[Quota], until: float | None) -> None:
        """A 429 came: nobody passes before `until` (the clock's seconds; None: it did not say), then all go `safe`."""

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """How much of each quota is spent by now."""

    def shut(self) -> None:
        """Let go of files. The ledger is of no use afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one step is to do at a gate."""

    quotas: Sequence[Quota]
    pace: Pace = "safe"
    wanted: int = 0
    settled: Sequence[Settled] = ()
    close: bool = False
    until: float | None = None


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
    prepare(state, quotas=wish.quotas)
    for permit, at in wish.settled:
        happen(Event("unused", permit, now, now) if at is None else Event("settle", permit, at + state.shift, now))
    if wish.close:
        until = None if wish.until is None else wish.until + state.shift
        closed, slow = closing(quotas=wish.quotas, now=now, until=until)
        happen(Event("close", "", closed, now))
        happen(Event("slow", "", slow, now))
    grant = decide(state, quotas=wish.quotas, pace=wish.pace, now=now, wanted=wish.wanted)
    permits = [str(state.seq + n) for n in range(grant.count)]
    for permit in permits:
        happen(Event("grant", permit, now, now))
    return events, Asked(permits, grant.wait)


class MemoryLedger:
    """A ledger of this process alone; it ends with it."""

    blocking = False

    def __init__(self, *, clock: Clock = time.time) -> None:
        self._clock = clock
        self._gates: dict[str, GateState] = {}
        self._lock = threading.Lock()

    def ask(
        self, gate: str, *, quotas: Sequence[Quota], pace: Pace, wanted: int, settled: Sequence[Settled] = ()
    ) -> Asked:
        """As `Ledger.ask`."""
        return self._step(gate, Wish(quotas=quotas, pace=pace, wanted=wanted, settled=settled))

    def settle(self, gate: str, *, quotas: Sequence[Quota], settled: Sequence[Settled]) -> None:
        """As `Ledger.settle`."""
        self._step(gate, Wish(quotas=quotas, settled=settled))

    def close(self, gate: str, *, quotas: Sequence[Quota], until: float | None) -> None:
        """As `Ledger.close`."""
        self._step(gate, Wish(quotas=quotas, close=True, until=until))

    def use(self, gate: str, *, quotas: Sequence[Quota]) -> list[QuotaUse]:
        """As `Ledger.use`."""
        self._step(gate, Wish(quotas=quotas))
        with self._lock:
            state = self._gates[gate]
            return use(state, quotas=quotas, now=state.last)

    def shut(self) -> None:
        """Nothing to let go of."""

    def _step(self, gate: str, wish: Wish) -> Asked:
        with self._lock:
            return step(self._gates.setdefault(gate, GateState()), wish, clock=self._clock())[1]
