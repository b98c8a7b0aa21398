"""The quota's promise, by search: takes random servers, latencies and deaths, gives no window that ever overflows."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from math import floor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.permits import MAX_HOLD, Event, GateState, advance, apply
from ladle.collect.quota import SHORTEST_WAIT, closing, decide, prepare, use
from ladle.sources.source import Pace, Quota

START = 1_800_000_000.0


def quota(limit: int, seconds: float) -> Quota:
    return Quota(limit=limit, seconds=seconds, text=f"{limit} per {seconds:g} seconds")


MINUTELY = quota(60, 60)
DAILY = quota(10_000, 86_400)
MONTHLY = quota(1_000_000, 31 * 86_400)


class Play:
    """Workers at a gate, and the times at which a server saw their calls: anywhere between grant and answer."""

    def __init__(
        self,
        quotas: Sequence[Quota],
        pace: Pace,
        *,
        seed: int = 0,
        latency: tuple[float, float] = (0.02, 0.17),
        workers: int = 8,
        deaths: float = 0.0,
        impatience: float = 0.0,
    ) -> None:
        self.quotas, self.pace, self.latency, self.workers = quotas, pace, latency, workers
        self.deaths, self.impatience, self.random = deaths, impatience, Random(seed)
        self.state, self.now, self.seen = GateState(), START, list[float]()
        self.flying: list[tuple[float, str]] = []
        self.not_before = START
        prepare(self.state, quotas=quotas)

    def run(self, calls: int) -> float:
        """Seconds until the last answer."""
        while calls:
            self._settle()
            wanted = min(calls, self.workers - len(self.flying))
            grant = decide(self.state, quotas=self.quotas, pace=self.pace, now=self.now, wanted=wanted)
            assert not grant.count or self.now >= self.not_before - SHORTEST_WAIT, (
                "asking before the wait was over gave a permit"
            )
            for _ in range(grant.count):
                self._call()
            calls -= grant.count
            if grant.wait is not None:
                self.not_before = max(self.not_before, self.now + grant.wait)
            self._let_time_pass(grant.wait)
        self.now = max([START, *(end for end, _ in self.flying)])
        self._settle()
        return self.now - START

    def _settle(self) -> None:
        while self.flying and self.flying[0][0] <= self.now:
            end, permit = heappop(self.flying)
            apply(self.state, Event("settle", permit, end, self.now))
        advance(self.state, now=self.now)

    def _call(self) -> None:
        permit = str(self.state.seq)
        apply(self.state, Event("grant", permit, self.now, self.now))
        dead = self.random.random() < self.deaths
        end = self.now + (self.random.random() * MAX_HOLD if dead else self.random.uniform(*self.latency))
        self.seen.append(self.random.choice([self.now, end, self.random.uniform(self.now, end)]))
        if not dead:
            heappush(self.flying, (end, permit))

    def _let_time_pass(self, wait: float | None) -> None:
        until = self.now + wait if wait is not None else self.flying[0][0] if self.flying else self.now + 0.001
        hasty = self.random.random() < self.impatience
        self.now = self.random.uniform(self.now, until) if hasty else until


def sliding_log(seen: Sequence[float], limit: int, window: float) -> int:
    """The most calls in any window that ends with a call."""
    times = sorted(seen)
    return max(n + 1 - bisect_right(times, at - window) for n, at in enumerate(times)) - limit


def fixed_window(seen: Sequence[float], limit: int, window: float, phase: float) -> int:
    return max(Counter(floor((at - START) / window + phase) for at in seen).values()) - limit


def token_bucket(seen: Sequence[float], limit: int, window: float, capacity: int) -> bool:
    """Whether a bucket that is full at first ever lacks a token."""
    tokens, last = float(capacity), min(seen)
    for at in sorted(seen):
        tokens = min(capacity, tokens + (at - last) * limit / window) - 1
        last = at
        if tokens < -1e-6:
            return True
    return False


def sliding_counter(seen: Sequence[float], limit: int, window: float, phase: float) -> int:
    """Calls that a counter refuses: as Cloudflare, Upstash, limits and throttled-py have it, before being below."""
    number, before, present, refused = 0, 0, 0, 0
    for at in sorted(seen):
        now, share = divmod((at - START) / window + phase, 1.0)
        if now != number:
            number, before, present = int(now), present if now == number + 1 else 0, 0
        if before * (1 - share) + present >= limit:
            refused += 1
        else:
            present += 1
    return refused


quotas_of_all_kinds = st.builds(quota, st.integers(1, 70), st.sampled_from([0.5, 1, 6, 60, 900, 3600, 7200, 86_400]))
plays = {
    "seed": st.integers(0, 2**32),
    "slowest": st.sampled_from([0.0, 0.2, 2.0, 30.0]),
    "workers": st.integers(1, 30),
    "deaths": st.sampled_from([0.0, 0.1]),
    "impatience": st.sampled_from([0.0, 0.3]),
}


@settings(max_examples=150, deadline=None)
@given(quotas=st.lists(quotas_of_all_kinds, min_size=1, max_size=3), pace=st.sampled_from(["safe", "fast"]), **plays)
def test_no_sliding_log_and_no_fixed_window_of_any_phase_ever_holds_more_than_the_limit(
    quotas: list[Quota], pace: Pace, seed: int, slowest: float, workers: int, deaths: float, impatience: float
) -> None:
    play = Play(quotas, pace, seed=seed, latency=(0, slowest), workers=workers, deaths=deaths, impatience=impatience)
    play.run(200)
    for each in quotas:
        assert sliding_log(play.seen, each.limit, each.seconds) <= 0
        for phase in (0.0, 0.1, 0.5, play.random.random()):
            assert fixed_window(play.seen, each.limit, each.seconds, phase) <= 0


@settings(max_examples=150, deadline=None)
@given(limit=st.integers(2, 70), window=st.sampled_from([0.5, 1, 6, 60]), **plays)
def test_in_safe_no_token_bucket_of_ten_or_of_the_limit_ever_runs_dry(
    limit: int, window: float, seed: int, slowest: float, workers: int, deaths: float, impatience: float
) -> None:
    play = Play(
        [quota(limit, window)],
        "safe",
        seed=seed,
        latency=(0, slowest),
        workers=workers,
        deaths=deaths,
        impatience=impatience,
    )
    play.run(200)
    assert not token_bucket(play.seen, limit, window, min(10, limit))
    assert not token_bucket(play.seen, limit, window, limit)


@settings(max_examples=100, deadline=None)
@given(limit=st.integers(1, 70), window=st.sampled_from([0.5, 1, 6, 30]), **plays)
def test_in_safe_no_sliding_counter_of_any_alignment_refuses_in_windows_up_to_30_seconds(
    limit: int, window: float, seed: int, slowest: float, workers: int, deaths: float, impatience: float
) -> None:
    play = Play(
        [quota(limit, window)],
        "safe",
        seed=seed,
        latency=(0, slowest),
        workers=workers,
        deaths=deaths,
        impatience=impatience,
    )
    play.run(250)
    for phase in range(60):
        assert sliding_counter(play.seen, limit, window, (phase + play.random.random()) / 60) == 0


def test_safe_spends_at_least_87_percent_of_60_per_6_seconds_and_no_counter_refuses() -> None:
    for seed in range(3):
        play = Play([quota(60, 6)], "safe", seed=seed, latency=(0.02, 0.2))
        assert 9 * 6 / play.run(600) >= 0.87
        assert not any(sliding_counter(play.seen, 60, 6, phase / 97) for phase in range(97))


@pytest.mark.parametrize(("pace", "longest"), [("safe", 165), ("fast", 125)])
def test_167_calls_at_60_a_minute_end_in_time(pace: Pace, longest: float) -> None:
    for seed in range(10):
        assert Play([MINUTELY, MONTHLY], pace, seed=seed).run(167) <= longest


def test_fast_spends_at_least_95_percent_of_60_per_6_seconds() -> None:
    play = Play([quota(60, 6)], "fast", workers=16)
    possible = 9 * 6  # 600 calls are ten windows, and the tenth opens after nine
    assert possible / play.run(600) >= 0.95
    assert sliding_log(play.seen, 60, 6) == 0


def test_a_long_quota_is_only_counted_so_15_calls_of_10000_a_day_go_at_once() -> None:
    assert decide(GateState(), quotas=[DAILY], pace="safe", now=START, wanted=15).count == 15


def test_without_quotas_everything_goes_at_once() -> None:
    grant = decide(GateState(), quotas=[], pace="safe", now=START, wanted=1000)
    assert (grant.count, grant.wait) == (1000, None)


def test_the_strictest_of_several_quotas_decides() -> None:
    quotas = [quota(5, 1), quota(8, 60)]
    play = Play(quotas, "fast", latency=(0, 0))
    play.run(8)
    grant = decide(play.state, quotas=quotas, pace="fast", now=START + 30, wanted=1)
    assert grant.count == 0
    assert grant.wait == pytest.approx(60 * 1.001 - 30)


def test_a_month_back_is_counted_by_the_minute_and_still_never_exceeded() -> None:
    play = Play([quota(300, 31 * 86_400)], "fast", latency=(0, 60))
    play.run(1000)
    assert sliding_log(play.seen, 300, 31 * 86_400) == 0
    assert len(play.state.settled) + len(play.state.minutes) < 700, "what no window reaches is forgotten"


def test_a_lowered_quota_waits_until_enough_calls_have_left() -> None:
    play = Play([MINUTELY], "fast", latency=(0, 0), workers=60)
    play.run(60)
    grant = decide(play.state, quotas=[quota(10, 60)], pace="fast", now=START + 1, wanted=1)
    assert grant.count == 0
    assert grant.wait == pytest.approx(60 * 1.001 - 1)


def test_a_refusal_closes_until_the_time_given_and_then_keeps_everyone_safe() -> None:
    closed, slow = closing(quotas=[MINUTELY, DAILY], now=START, until=START + 5)
    assert (closed, slow) == (START + 5, START + 65)
    state = GateState(closed_until=closed, slow_until=slow)
    prepare(state, quotas=[MINUTELY])
    shut = decide(state, quotas=[MINUTELY], pace="fast", now=START + 4, wanted=60)
    assert (shut.count, shut.wait) == (0, 1)
    assert decide(state, quotas=[MINUTELY], pace="fast", now=START + 5, wanted=60).count == 10
    assert decide(state, quotas=[MINUTELY], pace="fast", now=START + 65, wanted=60).count == 60


@pytest.mark.parametrize(
    ("quotas", "seconds"), [([MINUTELY, DAILY], 60), ([DAILY], 3600), ([quota(5, 1), MINUTELY], 1), ([], 60)]
)
def test_a_refusal_without_a_time_closes_for_the_shortest_window(quotas: list[Quota], seconds: float) -> None:
    for until in (None, START - 1):
        assert closing(quotas=quotas, now=START, until=until)[0] == START + seconds


def test_the_state_survives_being_written_as_text() -> None:
    play = Play([MINUTELY, quota(300, 7200)], "safe", deaths=0.1)
    play.run(700)
    assert GateState.from_json(play.state.to_json()) == play.state
    assert play.state.minutes


def test_use_tells_what_is_spent_and_when_the_next_call_comes_back() -> None:
    play = Play([MINUTELY], "fast", latency=(0, 0), workers=3)
    play.run(3)
    (spent,) = use(play.state, quotas=[MINUTELY], now=START + 10)
    assert (spent.text, spent.used, spent.limit) == (MINUTELY.text, 3, 60)
    assert spent.frees_in == pytest.approx(50.06)
    (fresh,) = use(GateState(), quotas=[MINUTELY], now=START)
    assert (fresh.used, fresh.frees_in) == (0, None)
