"""Another machine's clock and ours: takes the times of one round trip, gives bounds of its time at any moment of ours.

The other read its clock somewhere between our sending and the answer's coming. So its time is at least what it said
plus what has passed since the answer came, and at most what it said plus what has passed since we sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf

FRESH = 2.0
"""Seconds for which a round trip is believed: clocks that are slewed drift apart by a thousandth."""
SURE = 0.5
"""Seconds that a round trip may have taken to be believed at all."""
STEPPED = 0.1
"""Seconds by which our clock moves against the steady one before it counts as put forward or back."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One question and its answer."""

    told: float
    """The other's time."""
    sent: float
    """When the question went, by the steady clock (one that is never put forward or back)."""
    came: float
    clock: float
    """Our clock, which may be put forward or back, when the answer came."""
    stepped: float = -inf
    """What our clock showed when it was last noticed to have been put forward or back."""

    def after(self, before: Trip | None) -> Trip:
        """The same trip, with what the one before it knew of steps."""
        if before is None:
            return self
        moved = abs((self.clock - self.came) - (before.clock - before.came)) > STEPPED
        return Trip(self.told, self.sent, self.came, self.clock, self.clock if moved else before.stepped)

    def is_good(self, steady: float) -> bool:
        """Whether it is to be relied on now."""
        return self.came - self.sent <= SURE and steady - self.came <= FRESH

    def earliest(self, steady: float) -> float:
        """The other's time now, at least."""
        return self.told + (steady - self.came)

    def latest(self, steady: float) -> float:
        """The other's time now, at most."""
        return self.told + (steady - self.sent)

    def latest_at(self, at: float, *, clock: float, steady: float) -> float:
        """The other's time, at most, when our clock showed `at`. After a step of our clock that may only be now."""
        if isinf(at):
            return at
        ago = max(0.0, clock - at) if at > self.stepped and not self._steps(clock, steady) else 0.0
        return self.latest(steady) - ago

    def earliest_at(self, at: float, *, clock: float, steady: float) -> float:
        """The other's time, at least, when our clock showed `at`; after a step that may be long ago."""
        if isinf(at):
            return at
        if at <= self.stepped or self._steps(clock, steady):
            return -inf
        return self.earliest(steady) - max(0.0, clock - at)

    def _steps(self, clock: float, steady: float) -> bool:
        return abs((clock - steady) - (self.clock - self.came)) > STEPPED
