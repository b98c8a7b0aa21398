"""Who waits at a gate: takes callers in their order, gives each a permit in turn, or the news that it is of no use."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ladle.errors import LadleError


class QuotaWait(LadleError):
    """The quota has no call left in time. `wake_at` (epoch seconds): no earlier than this is there a next one."""

    def __init__(self, wake_at: float) -> None:
        when = datetime.fromtimestamp(wake_at, tz=UTC)
        super().__init__(f"The quota has no call left before {when:%Y-%m-%d %H:%M:%S} UTC.")
        self.wake_at = wake_at


@dataclass(slots=True, eq=False)
class Waiter:
    """One caller."""

    permit: asyncio.Future[str]
    deadline: float


class Waiters:
    """The queue. Who has left it (its future is done, by whomever) does not count."""

    def __init__(self) -> None:
        self._queue: deque[Waiter] = deque()

    def __len__(self) -> int:
        """How many stand in it; a few may have left since `forget_the_gone`."""
        return len(self._queue)

    @property
    def open(self) -> int:
        """How many still wait."""
        return sum(not waiter.permit.done() for waiter in self._queue)

    def join(self, deadline: float) -> Waiter:
        """At its end. `deadline`: a permit that comes later is of no use."""
        waiter = Waiter(asyncio.get_running_loop().create_future(), deadline)
        self._queue.append(waiter)
        return waiter

    def hand_out(self, permits: Iterable[str]) -> list[str]:
        """Give permits to the first; gives back those that nobody was left for."""
        over = []
        for permit in permits:
            while self._queue and self._queue[0].permit.done():
                self._queue.popleft()
            if self._queue:
                self._queue.popleft().permit.set_result(permit)
            else:
                over.append(permit)
        return over

    def turn_away(self, next_at: float | None) -> None:
        """Those whose deadline passes before the next permit can come need not wait for it."""
        for waiter in self._queue:
            if next_at is not None and next_at > waiter.deadline and not waiter.permit.done():
                waiter.permit.set_exception(QuotaWait(next_at))
        self.forget_the_gone()

    def forget_the_gone(self) -> None:
        """Leave only those who still wait."""
        self._queue = deque(waiter for waiter in self._queue if not waiter.permit.done())

    def fail(self, error: Exception) -> bool:
        """Tell everyone of an error; whether there was anyone."""
        waiting = [waiter.permit for waiter in self._queue if not waiter.permit.done()]
        self._queue.clear()
        for permit in waiting:
            permit.set_exception(error)
        return bool(waiting)

    def cancel(self) -> None:
        """Send everyone away."""
        for waiter in self._queue:
            waiter.permit.cancel()
