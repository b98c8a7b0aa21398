"""The gate as the collector uses it: takes ledgers and a clock turned by its event loop, gives permits in order."""

from __future__ import annotations

import asyncio
import selectors
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any, TypeVar

import pytest

from ladle.collect.gate import Gate, QuotaWait
from ladle.collect.ledger import Asked, MemoryLedger, Settled, Told
from ladle.sources.source import Pace, Quota

T = TypeVar("T")
MINUTELY = Quota(limit=60, seconds=60, text="60 per minute")
TWO = Quota(limit=2, seconds=10, text="2 per 10 seconds")


class TurnedSelector(selectors.SelectSelector):
    """Where the loop would wait for its next timer, the clock is turned to it; each turn takes a microsecond."""

    now = 1_800_000_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += (timeout or 0.0) + 1e-6
        return super().select(0 if timeout is not None else None)


class TurnedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.turned = TurnedSelector()
        super().__init__(self.turned)

    def time(self) -> float:
        return self.turned.now


def play(work: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
    """Run `work(clock)` in a loop whose hours pass at once."""
    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        loop = runner.get_loop()
        return runner.run(work(loop.time))


class CountingLedger(MemoryLedger):
    """A ledger that knows how often it was asked."""

    asks = 0

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
        self.asks += 1
        return super().ask(gate, quotas=quotas, pace=pace, wanted=wanted, settled=settled, told=told)


async def collect(gates: Sequence[Gate], clock: Callable[[], float], *, calls: int, workers: int) -> list[float]:
    """Make so many calls by so many workers at each gate; gives when the server saw each."""
    random, left, seen = Random(1), iter(range(calls)), list[float]()

    async def work(gate: Gate) -> None:
        for _ in left:
            async with gate.permit():
                latency, place = random.uniform(0.02, 0.17), random.random()
                await asyncio.sleep(latency * place)
                seen.append(clock())
                await asyncio.sleep(latency * (1 - place))

    await asyncio.gather(*(work(gate) for gate in gates for _ in range(workers)))
    for gate in gates:
        await gate.aclose()
    return seen


def most_within(seen: list[float], window: float) -> int:
    return max(n + 1 - bisect_right(seen, at - window) for n, at in enumerate(seen))


@pytest.mark.parametrize(("pace", "longest"), [("safe", 165), ("fast", 125)])
@pytest.mark.parametrize("gates", [1, 2])
def test_167_calls_at_60_a_minute_end_in_time_by_however_many_gates(pace: Pace, longest: float, gates: int) -> None:
    ledger = CountingLedger()

    async def work(clock: Callable[[], float]) -> tuple[list[float], float]:
        ledger._clock, start = clock, clock()
        shared = [Gate(ledger, "g", quotas=[MINUTELY], pace=pace, clock=clock) for _ in range(gates)]
        return await collect(shared, clock, calls=167, workers=8), clock() - start

    seen, took = play(work)
    assert len(seen) == 167
    assert most_within(seen, 60) <= 60
    assert took <= longest
    assert ledger.asks < 167 * 2 * gates + 50, "the gate sleeps until something can have changed"


def test_600_calls_in_fast_reach_95_percent_of_60_per_6_seconds() -> None:
    async def work(clock: Callable[[], float]) -> tuple[list[float], float]:
        quota, start = Quota(limit=60, seconds=6, text=""), clock()
        gate = Gate(MemoryLedger(clock=clock), "g", quotas=[quota], pace="fast", clock=clock)
        return await collect([gate], clock, calls=600, workers=16), clock() - start

    seen, took = play(work)
    assert most_within(seen, 6) <= 60
    assert 9 * 6 / took >= 0.95


def test_a_hundred_waiters_are_served_by_one_ask() -> None:
    async def work(clock: Callable[[], float]) -> int:
        ledger = CountingLedger(clock=clock)
        gate = Gate(ledger, "g", quotas=[Quota(limit=100, seconds=1, text="")], pace="fast", clock=clock)
        permits = [gate.permit() for _ in range(100)]
        await asyncio.gather(*(permit.__aenter__() for permit in permits))
        return ledger.asks

    assert play(work) == 1


def test_permits_come_in_the_order_of_asking() -> None:
    async def work(clock: Callable[[], float]) -> list[int]:
        gate = Gate(MemoryLedger(clock=clock), "g", quotas=[TWO], pace="fast", clock=clock)
        order: list[int] = []

        async def call(number: int) -> None:
            async with gate.permit():
                order.append(number)

        await asyncio.gather(*(call(number) for number in range(9)))
        return order

    assert play(work) == list(range(9))


@pytest.mark.parametrize("moment", [0, 1, 2, 3, 4])
def test_a_waiter_that_is_cancelled_at_any_moment_leaks_nothing(moment: int) -> None:
    async def work(clock: Callable[[], float]) -> int:
        gate = Gate(MemoryLedger(clock=clock), "g", quotas=[TWO], pace="fast", clock=clock)
        task = asyncio.create_task(anext(aiter_of(gate)))
        for _ in range(moment):
            await asyncio.sleep(0)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        await gate.aclose()
        return gate.use()[0].used if task.cancelled() else 0

    assert play(work) == 0


async def aiter_of(gate: Gate) -> Any:
    async with gate.permit() as permit:
        yield permit


def test_a_cancelled_waiter_makes_way_for_the_next() -> None:
    async def work(clock: Callable[[], float]) -> float:
        gate, start = Gate(MemoryLedger(clock=clock), "g", quotas=[TWO], pace="fast", clock=clock), clock()
        for _ in range(2):
            async with gate.permit():
                pass
        gone = asyncio.create_task(gate.permit().__aenter__())
        stays = asyncio.create_task(gate.permit().__aenter__())
        await asyncio.sleep(1)
        gone.cancel()
        await stays
        return clock() - start

    assert play(work) == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("quotas", [[MINUTELY], []], ids=["with quotas", "without"])
@pytest.mark.parametrize(("retry_after", "seconds"), [(7.0, 7.0), (0.0, 60.0), (None, 60.0)])
def test_a_429_closes_the_gate_for_those_who_wait_and_those_who_come(
    quotas: list[Quota], retry_after: float | None, seconds: float
) -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        gate, start = Gate(MemoryLedger(clock=clock), "g", quotas=quotas, pace="fast", clock=clock), clock()
        passed: list[float] = []

        async def call() -> None:
            async with gate.permit():
                passed.append(clock() - start)

        early = asyncio.create_task(call())
        gate.closed_by(retry_after)
        await asyncio.gather(early, call(), asyncio.create_task(call()))
        await gate.aclose()
        return passed

    assert play(work) == pytest.approx([seconds] * 3, abs=0.1)


def test_whoever_cannot_be_served_in_time_is_told_at_once_when_to_come_back() -> None:
    async def work(clock: Callable[[], float]) -> None:
        quota, start = Quota(limit=1, seconds=86_400, text="1 per day"), clock()
        gate = Gate(MemoryLedger(clock=clock), "g", quotas=[quota], pace="safe", clock=clock)
        async with gate.permit(give_up_after=5):
            pass
        patient = asyncio.create_task(gate.permit().__aenter__())
        for _ in range(2):
            with pytest.raises(QuotaWait, match="no call left before 2027") as caught:
                await gate.permit(give_up_after=5).__aenter__()
            assert caught.value.wake_at - start == pytest.approx(86_400 * 1.001)
        assert clock() - start < 1
        assert gate.next_in() == pytest.approx(86_400 * 1.001)
        await patient
        assert clock() >= caught.value.wake_at
        assert gate.next_in() is None

    play(work)


def test_without_quotas_the_ledger_is_asked_four_times_a_second_at_most() -> None:
    async def work(clock: Callable[[], float]) -> tuple[int, float]:
        ledger, start = CountingLedger(clock=clock), clock()
        await collect([Gate(ledger, "g", quotas=[], pace="safe", clock=clock)], clock, calls=1000, workers=50)
        return ledger.asks, clock() - start

    asks, took = play(work)
    assert 1 <= asks <= 4 * took + 2
