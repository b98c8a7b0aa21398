"""The door that every call passes: takes a ledger and a source's quotas, gives permits, first come, first served.

    async with gate.permit():
        ... one attempt on the wire ...

The ledger is asked by one `Dispenser` for all who wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import inf
from types import TracebackType
from urllib.parse import urlsplit

from ladle.collect.dispenser import Dispenser, Sleep
from ladle.collect.ledger import Clock, Ledger, Told
from ladle.collect.limits import NO_LIMITS, read
from ladle.collect.outlook import Prospect
from ladle.collect.quota import QuotaUse
from ladle.collect.waiters import QuotaWait
from ladle.sources.source import Pace, Quota, Source

__all__ = ["RECENT", "Gate", "Permit", "QuotaWait", "gate_name"]

RECENT, REMEMBERED = 300.0, 2000
"""Seconds, and calls, by which it is told how many of the calls that pass the gates are this one's."""


def gate_name(source: Source, key: str | None) -> str:
    """The gate that all who use this credential at this host share. The credential can't be read from it."""
    whose = f"{urlsplit(source.base_url).netloc} {key or ''}"
    return f"{source.name}-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


class Gate:
    """One source's gate in this process; other gates of the same ledger and name, in any process, share its quotas.

    Without quotas permits cost microseconds, for the ledger is asked four times a second only: whether a refusal, or
    what the API told of its limits, holds everybody back. `clock` must be the ledger's.
    """

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        *,
        quotas: Sequence[Quota],
        pace: Pace,
        clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._name = name
        self._quotas = tuple(quotas)
        self._pace: Pace = pace
        self._clock = clock
        self._dispenser = Dispenser(ledger, name, quotas=quotas, pace=pace, clock=clock, sleep=sleep)
        self._flying = 0
        self._mine: deque[float] = deque([clock()], maxlen=REMEMBERED)
        """When calls of this gate were answered, or it was opened."""

    def permit(self, *, give_up_after: float | None = None) -> Permit:
        """`async with` it around one attempt on the wire, time-out below 70 seconds: by then it counts as answered.

        QuotaWait as soon as it is certain that no permit comes within `give_up_after` seconds.
        """
        return Permit(self, inf if give_up_after is None else self._clock() + give_up_after)

    def closed_by(self, retry_after: float | None) -> None:
        """The API answered 429: nobody passes for so many seconds, then everyone is `safe` for a while.

        None or 0: for the shortest window.
        """
        now = self._clock()
        until = now + retry_after if retry_after and 0 < retry_after < inf else None
        self._dispenser.close(until)

    def told(self, status: int | None, headers: Mapping[str, str], *, started: float | None = None) -> None:
        """What an answer's headers say of limits holds for all gates from now on: it only ever tightens.

        `headers` have names in small letters; `started`: when the call left. Retry-After is `closed_by`'s.
        """
        if status is None or (limits := read(headers, now=(now := self._clock()))) is NO_LIMITS:
            return
        if limits.left or limits.policies:
            since = now if started is None else started
            # Without quotas the ledger knows of no calls; as there, the answered one itself is among them.
            unnamed = 0 if self._quotas else self._flying + max(1, self._mine_since(since))
            self._dispenser.tell(Told(limits, since, now, unnamed))

    def left(self, calls: int, *, latency: float, concurrency: int) -> float:
        """Seconds until so many calls have been made, those under way too. Up to about 5 ms."""
        since = max(self._mine[0], self._clock() - RECENT)
        prospect = Prospect(
            calls=calls - self._flying,
            quotas=self._quotas,
            pace=self._pace,
            latency=latency,
            concurrency=concurrency,
            mine=self._mine_since(since),
            since=since,
        )
        return max(self._ledger.outlook(self._name, prospect), latency / 2 if calls > 0 else 0.0)

    def _mine_since(self, since: float) -> int:
        return sum(1 for _ in takewhile(lambda at: at >= since, reversed(self._mine)))

    def use(self) -> list[QuotaUse]:
        """How much of each quota is spent, over all processes. With SQLite about 0.1 ms: for displays."""
        return self._ledger.use(self._name, quotas=self._quotas)

    def next_in(self) -> float | None:
        """Seconds until those who wait can expect the next permit; None while nobody has to wait."""
        waiters, next_at = self._dispenser.waiters, self._dispenser.next_at
        return max(0.0, next_at - self._clock()) if waiters and next_at is not None else None

    @property
    def away(self) -> str:
        """Why the ledger can't be asked for now, in words; empty while it can. It goes on by itself when it can."""
        return str(self._dispenser.away or "")

    @property
    def waiting(self) -> int:
        """How many wait for a permit."""
        return self._dispenser.waiters.open

    async def aclose(self) -> None:
        """Turn those who wait away and write down what is settled. Forgotten, permits count for 70 seconds more."""
        await self._dispenser.aclose()

    async def enter(self, deadline: float) -> str:
        """A permit's name, when it is this caller's turn."""
        while True:
            permit = "" if not self._quotas and self._dispenser.is_free else await self._dispenser.permit(deadline)
            if self._clock() >= self._dispenser.closed_until:
                self._flying += 1
                return permit
            self.leave(permit, used=False)  # closed in the moment between the permit and its call

    def leave(self, permit: str, *, used: bool) -> None:
        """The call is over; or was never made, and the permit is the next one's."""
        at = self._clock() if used else None
        if at is not None:
            self._flying -= 1
            self._mine.append(at)
        self._dispenser.settle(permit, at)


class Permit:
    """The right to make one call, from entering until leaving."""

    __slots__ = ("_deadline", "_gate", "_inside", "name")

    def __init__(self, gate: Gate, deadline: float) -> None:
        self._gate = gate
        self._deadline = deadline
        self._inside = False
        self.name = ""

    def leave(self) -> None:
        """Earlier than the block ends, from within it: the API has counted the call."""
        if self._inside:
            self._inside = False
            self._gate.leave(self.name, used=True)

    async def __aenter__(self) -> Permit:
        self.name = await self._gate.enter(self._deadline)
        self._inside = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
