"""What APIs say of their limits: takes headers of every form and random ones, gives permits that only become fewer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.collect.ledger import Ledger, MemoryLedger, Told
from ladle.collect.limits import LONGEST_RESET, Left, Limits, Policy, read
from ladle.sources.source import Pace, Quota
from tests.collect.by_hand import Clock
from tests.collect.wire import door, saying, server, to

NOW = 1_800_000_000.0
SIXTY = Quota(limit=60, seconds=6, text="60 per 6 seconds")
WINDOW = 6 * 1.001


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "30"}, [(5, 30)]),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": str(int(NOW) + 30)}, [(5, 30)]),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": str(int(NOW + 30) * 1000)}, [(5, 30)]),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": formatdate(NOW + 30, usegmt=True)}, [(5, 30)]),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": str(int(NOW) - 9)}, [(5, 0)]),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1.5"}, [(0, 1.5)]),
        ({"ratelimit-limit": "100", "ratelimit-remaining": "50", "ratelimit-reset": "50"}, [(50, 50)]),
        ({"ratelimit": '"default";r=50;t=30'}, [(50, 30)]),
        ({"ratelimit": '"a;b,c";t=30;r=50, "daily";r=7'}, [(50, 30), (7, None)]),
        ({"ratelimit": "limit=100, remaining=50, reset=50"}, [(50, 50)]),
        ({"x-ratelimit-remaining": "0"}, [(0, None)]),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "30"}, []),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "30"}, []),
        ({"x-ratelimit-remaining": "9" * 40, "x-ratelimit-reset": "30"}, []),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "soon"}, [(5, None)]),
        ({"ratelimit": '"default";r=-5;t=30'}, []),
        ({"ratelimit": ";;,,=,\"'"}, []),
        ({}, []),
    ],
)
def test_what_is_left_is_read_in_every_form(headers: Mapping[str, str], left: list[tuple[int, float | None]]) -> None:
    assert list(read(headers, now=NOW).left) == left


async def test_of_limits_that_come_on_several_lines_all_are_read() -> None:
    lines = b'RateLimit-Policy: "burst";q=5;w=10\r\nRateLimit-Policy: "daily";q=1000;w=86400\r\n'
    lines += b'RateLimit: "burst";r=0;t=7\r\nRateLimit: "daily";r=900;t=3600\r\n'
    head = b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\n{}"
    async with server(saying(head)) as api, door(api.url) as way_in:
        outcome = await way_in.fetcher.fetch(to(api.url))
    limits = read(outcome.headers, now=NOW)
    assert [(each.limit, each.seconds) for each in limits.policies] == [(5, 10), (1000, 86400)]
    assert [(each.calls, each.seconds) for each in limits.left] == [(0, 7), (900, 3600)]


@pytest.mark.parametrize(
    ("headers", "policies"),
    [
        ({"ratelimit-policy": '"default";q=100;w=60'}, [(100, 60)]),
        ({"ratelimit-policy": '"burst";q=100;w=60,"daily";q=1000;w=86400'}, [(100, 60), (1000, 86400)]),
        ({"ratelimit-policy": "100;w=60"}, [(100, 60)]),
        ({"ratelimit-limit": "100, 100;w=60;burst=9, 1000;w=3600"}, [(100, 60), (1000, 3600)]),
        ({"ratelimit-policy": '"none";q=0;w=60, "ever";q=5;w=99999999, "half";q=5, "no";q=-1;w=60'}, []),
    ],
)
def test_policies_are_read_in_both_forms(headers: Mapping[str, str], policies: list[tuple[int, float]]) -> None:
    assert list(read(headers, now=NOW).policies) == policies


def test_a_reset_is_told_against_the_clock_of_the_api_that_wrote_it() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 30)}
    assert read({**headers, "date": formatdate(NOW - 3600, usegmt=True)}, now=NOW).left == (Left(0, 3630),)


NAMES = ["ratelimit", "ratelimit-policy", "ratelimit-limit", "date", "x-ratelimit-reset", "x-ratelimit-remaining"]
VALUES = st.text(max_size=40) | st.from_regex(r'"?\w*"?;[rq]=-?\d{1,20};[tw]=\d+')


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_header_is_the_end_of_a_run(headers: Mapping[str, str]) -> None:
    read(headers, now=NOW)


def take(
    ledger: Ledger, wanted: int, *limits: Limits, granted: float = NOW, quotas: tuple[Quota, ...] = (SIXTY,)
) -> int:
    told = [Told(each, granted, NOW) for each in limits]
    return len(ledger.ask("g", quotas=quotas, pace="fast", wanted=wanted, told=told).permits)


def test_no_more_are_granted_than_are_left_until_the_reset(ledger: Ledger, clock: Clock) -> None:
    assert take(ledger, 60, Limits((Left(5, 4.0),))) == 5
    clock.now += 3.9
    asked = ledger.ask("g", quotas=[SIXTY], pace="fast", wanted=9)
    assert (asked.permits, asked.wait) == ([], pytest.approx(0.1))
    clock.now += 0.1
    assert take(ledger, 60) == 55


def test_nothing_left_closes_the_gate_and_without_a_time_for_the_shortest_window(ledger: Ledger, clock: Clock) -> None:
    assert take(ledger, 1, Limits((Left(0, None),))) == 0
    clock.now += 5.9
    assert take(ledger, 1) == 0
    clock.now += 1.1
    assert take(ledger, 1) == 1


def test_calls_that_were_under_way_meanwhile_are_not_believed_to_be_counted(ledger: Ledger, clock: Clock) -> None:
    assert take(ledger, 20) == 20
    ledger.settle("g", quotas=[SIXTY], settled=[(str(n), NOW) for n in range(8)])
    # Of 30 that were left when the answer was written, 12 in flight and 7 other answers may have gone since.
    assert take(ledger, 60, Limits((Left(30, 3.0),))) == 30 - 19


def test_a_reset_is_not_believed_to_be_further_away_than_a_day(ledger: Ledger, clock: Clock) -> None:
    assert take(ledger, 1, Limits((Left(0, 9e9),))) == 0
    clock.now += LONGEST_RESET
    assert take(ledger, 1) == 1


def test_a_tighter_policy_is_a_further_quota_and_a_looser_one_is_none(ledger: Ledger, clock: Clock) -> None:
    assert take(ledger, 60, Limits((), (Policy(1000, 6.0), Policy(10, 60.0)))) == 10
    clock.now += 30
    assert take(ledger, 60) == 0
    assert ledger.use("g", quotas=[SIXTY])[0].limit == 60


def test_without_quotas_too_what_the_api_says_holds_for_everyone(ledger: Ledger, clock: Clock) -> None:
    assert ledger.ask("g", quotas=[], pace="fast", wanted=99).permits == [""] * 99
    assert take(ledger, 99, Limits((Left(3, 50.0),)), quotas=()) == 3
    assert take(ledger, 99, quotas=()) == 0
    clock.now += 50
    assert ledger.ask("g", quotas=[], pace="fast", wanted=99).free


def test_what_was_told_outlives_a_restart_and_reaches_other_processes(
    opened: Callable[[], Ledger], clock: Clock
) -> None:
    one, other = opened(), opened()
    assert take(one, 60, Limits((Left(5, 4.0),), (Policy(7, 60.0),))) == 5
    assert take(other, 60) == 0
    one.shut()
    other.shut()
    clock.now += 4
    assert take(opened(), 60) == 2


numbers = st.integers(0, 80) | st.sampled_from([10**9, 10**15, -1])
texts = st.text(max_size=12)
said = st.fixed_dictionaries(
    {},
    optional={
        "x-ratelimit-remaining": numbers.map(str) | texts,
        "x-ratelimit-reset": (numbers | numbers.map(lambda n: int(NOW) + n)).map(str) | texts,
        "ratelimit": st.builds('"x";r={};t={}'.format, numbers, numbers) | texts,
        "ratelimit-policy": st.builds('"x";q={};w={}'.format, numbers, numbers) | texts,
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(said, min_size=1, max_size=12), st.integers(0, 2**32), st.sampled_from(["safe", "fast"]), st.booleans())
def test_whatever_headers_come_no_grant_is_given_that_would_not_be_without_them(
    answers: list[Mapping[str, str]], seed: int, pace: Pace, quotas_too: bool
) -> None:
    random, clock = Random(seed), Clock()
    quotas = [SIXTY, Quota(limit=100, seconds=20, text="100 per 20 seconds")] if quotas_too else []
    told, untold = MemoryLedger(clock=clock), MemoryLedger(clock=clock)
    flying: list[str] = []
    names: dict[str, str] = {}
    for headers in answers:
        clock.now += random.choice([0.0, 0.05, 1.0, 7.0])
        settled = [(permit, clock.now) for permit in flying if random.random() < 0.6]
        flying = [permit for permit in flying if (permit, clock.now) not in settled]
        wanted, limits = random.randrange(1, 70), Told(read(headers, now=clock.now), clock.now - 0.1, clock.now)
        asked = told.ask("g", quotas=quotas, pace=pace, wanted=wanted, settled=settled, told=[limits])
        # The other ledger lives through the same calls, and says how many more it would have given.
        mirror = [(names[permit], at) for permit, at in settled] if quotas else []
        allowed = untold.ask("g", quotas=quotas, pace=pace, wanted=wanted, settled=mirror).permits
        assert len(asked.permits) <= len(allowed)
        if quotas:
            names |= dict(zip(asked.permits, allowed, strict=False))
            untold.settle("g", quotas=quotas, settled=[(permit, None) for permit in allowed[len(asked.permits) :]])
            flying += asked.permits
