"""The time that is left: takes gates with a past, played on by a clock turned by hand, gives seconds that come true."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

import pytest

from ladle.collect.gate import RECENT
from ladle.collect.ledger import MemoryLedger, Told
from ladle.collect.limits import Left, Limits
from ladle.collect.outlook import Prospect
from ladle.collect.permits import STRETCH
from ladle.sources.source import Pace, Quota
from ladle.testing import Clock

SHORT = Quota(limit=60, seconds=6, text="60 per 6 seconds")
MINUTELY = Quota(limit=60, seconds=60, text="60 per minute")
HOURLY = Quota(limit=500, seconds=3600, text="500 per hour")
DAILY = Quota(limit=2000, seconds=86_400, text="2000 per day")


class Worker:
    """A process at a shared ledger: it makes calls, and asks now and then how long the rest will take."""

    def __init__(self, quotas: Sequence[Quota], pace: Pace, *, ledger: MemoryLedger, clock: Clock, seed: int) -> None:
        self.quotas, self.pace, self.ledger, self.clock = quotas, pace, ledger, clock
        self.random, self.flying, self.ended = Random(seed), deque[tuple[float, str]](), list[float]()
        self.told: list[tuple[float, float]] = []
        self.begun, self.next = clock.time(), 0.0

    def turn(self, calls: int) -> int:
        """What can be done now; gives how many calls are left."""
        now = self.clock.time()
        settled = [(permit, end) for end, permit in self.flying if end <= now]
        self.flying = deque(each for each in self.flying if each[0] > now)
        self.ended += [end for _, end in settled]
        wanted = min(calls, 8 - len(self.flying))
        asked = self.ledger.ask("g", quotas=self.quotas, pace=self.pace, wanted=wanted, settled=settled)
        for permit in asked.permits:
            self.flying.append((now + self.random.uniform(0.02, 0.2), permit))
        self.flying = deque(sorted(self.flying))
        waits = [now + asked.wait] if asked.wait is not None else []
        self.next = min(waits + [end for end, _ in self.flying], default=now)
        return calls - len(asked.permits)

    def tell(self, calls: int) -> float:
        """Seconds left."""
        since = max(self.begun, self.clock.time() - RECENT)
        prospect = Prospect(
            calls=calls,
            quotas=self.quotas,
            pace=self.pace,
            latency=0.11,
            mine=sum(end >= since for end in self.ended),
            since=since,
        )
        return self.ledger.outlook("g", prospect)


def live_through(
    calls: int, quotas: Sequence[Quota], pace: Pace, *, crowd: int = 1, spent: int = 0
) -> tuple[list[tuple[float, float]], float]:
    """What was told, at each fiftieth of the calls of the first worker; and when its last answer came."""
    clock = Clock(1_800_000_000.0)
    ledger = MemoryLedger(clock=clock.time)
    workers = [Worker(quotas, pace, ledger=ledger, clock=clock, seed=n) for n in range(crowd)]
    if spent:
        left = spent
        while left:
            left = workers[0].turn(left)
            clock.advance(max(1e-3, workers[0].next - clock.time()))
        clock.advance(1.0)
        workers[0].turn(0)
        workers[0].ended.clear()
        workers[0].begun = clock.time() + 1e-3
    order = Random(0)
    begun, lefts, told = clock.time(), [calls] + [10 * calls] * (crowd - 1), list[tuple[float, float]]()
    asked_at = calls
    while lefts[0] or workers[0].flying:
        for n in order.sample(range(crowd), crowd):  # nobody is always first
            lefts[n] = workers[n].turn(lefts[n])
        if lefts[0] <= asked_at and lefts[0]:
            told.append((clock.time(), workers[0].tell(lefts[0])))
            asked_at = lefts[0] - max(1, calls // 50)
        clock.advance(max(1e-4, min(worker.next for worker in workers) - clock.time()))
    return [(at - begun, left) for at, left in told], clock.time() - begun


@pytest.mark.parametrize(
    ("calls", "quotas", "pace", "crowd", "spent"),
    [
        pytest.param(600, [SHORT], "safe", 1, 0, id="safe, a short window"),
        pytest.param(600, [SHORT], "fast", 1, 0, id="fast, a short window"),
        pytest.param(400, [MINUTELY], "safe", 1, 0, id="safe, a minute"),
        pytest.param(400, [MINUTELY], "fast", 1, 0, id="fast, a minute"),
        pytest.param(400, [MINUTELY], "fast", 1, 45, id="fast, a minute half spent before"),
        pytest.param(900, [MINUTELY, HOURLY], "safe", 1, 0, id="safe, a minute and an hour"),
        pytest.param(900, [MINUTELY, HOURLY], "fast", 1, 100, id="fast, a minute and an hour, some spent before"),
        pytest.param(300, [], "safe", 1, 0, id="without quotas"),
        pytest.param(900, [MINUTELY], "safe", 3, 0, id="safe, shared by three"),
        pytest.param(900, [MINUTELY], "fast", 2, 0, id="fast, shared by two"),
    ],
)
def test_the_time_left_comes_true_within_a_tenth_and_is_steady(
    calls: int, quotas: list[Quota], pace: Pace, crowd: int, spent: int
) -> None:
    told, whole = live_through(calls, quotas, pace, crowd=crowd, spent=spent)
    later = [(at, left) for n, (at, left) in enumerate(told) if n >= 5]
    for at, left in later:
        assert left >= 0
        assert at + left == pytest.approx(whole, rel=0.1)
    for (at, left), (then, less) in pairwise(later):
        assert less <= left - (then - at) + 0.05 * whole, "it jumped up"


def test_a_day_that_is_spent_is_waited_for() -> None:
    clock = Clock(1_800_000_000.0)
    ledger = MemoryLedger(clock=clock.time)
    permits = ledger.ask("g", quotas=[DAILY], pace="fast", wanted=2000).permits
    ledger.settle("g", quotas=[DAILY], settled=[(permit, clock.time()) for permit in permits])
    clock.advance(3600)
    for calls, days in ((1, 1), (2000, 1), (2001, 2), (10_000, 5)):
        left = ledger.outlook("g", Prospect(calls=calls, quotas=[DAILY], pace="fast"))
        assert left == pytest.approx(days * 86_400 * STRETCH - 3600, rel=0.01)


def test_a_closed_gate_and_what_an_api_has_left_are_waited_for() -> None:
    clock = Clock(1_800_000_000.0)
    ledger = MemoryLedger(clock=clock.time)
    prospect = Prospect(calls=100, quotas=[SHORT], pace="fast", latency=0.1)
    plain = ledger.outlook("g", prospect)
    limits = Told(Limits((Left(10, 300.0),)), clock.time(), clock.time())
    ledger.ask("g", quotas=[SHORT], pace="fast", wanted=0, told=[limits])
    assert ledger.outlook("g", prospect) >= 300
    ledger.close("g", quotas=[SHORT], until=clock.time() + 1000)
    assert ledger.outlook("g", prospect) == pytest.approx(1000 + plain, rel=0.02)


@pytest.mark.parametrize("calls", [0, -5])
def test_nothing_left_takes_no_time(calls: int) -> None:
    ledger = MemoryLedger(clock=Clock(1_800_000_000.0).time)
    assert ledger.outlook("g", Prospect(calls=calls, quotas=[MINUTELY], pace="safe")) == 0


def calls_made(work: Callable[[], object]) -> int:
    """Calls of Python's functions that the work takes: the same on every machine."""
    made = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made


def test_asking_costs_no_more_however_much_is_left() -> None:
    clock = Clock(1_800_000_000.0)
    ledger = MemoryLedger(clock=clock.time)
    worker = Worker([SHORT, DAILY], "safe", ledger=ledger, clock=clock, seed=1)
    left = 400
    while left:
        left = worker.turn(left)
        clock.advance(max(1e-4, worker.next - clock.time()))
    few, many = (calls_made(lambda calls=calls: worker.tell(calls)) for calls in (1_000, 1_000_000))
    assert 0 < many <= 2 * few
