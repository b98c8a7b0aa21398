"""Ledgers through their front door: takes memory, real files and a real Redis, gives one quota to all who share it."""

from __future__ import annotations

import json
import resource
import sqlite3
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.collect.ledger import Ledger, MemoryLedger
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.collect.permits import MAX_HOLD, Event, GateState, apply
from ladle.errors import Damaged, LadleError
from ladle.sources.source import Pace, Quota
from tests.collect.by_hand import Clock

Open = Callable[[], Ledger]

MINUTELY = Quota(limit=60, seconds=60, text="60 per minute")
FIVE = Quota(limit=5, seconds=10, text="5 per 10 seconds")
WINDOW = 10 * 1.001 + 0.001


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def take(ledger: Ledger, wanted: int, *, quota: Quota = FIVE, pace: Pace = "fast", gate: str = "g") -> list[str]:
    return ledger.ask(gate, quotas=[quota], pace=pace, wanted=wanted).permits


def used(ledger: Ledger, *, quota: Quota = FIVE, gate: str = "g") -> int:
    return ledger.use(gate, quotas=[quota])[0].used


def test_a_ledger_for_which_there_is_no_room_is_told_in_words(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(LadleError, match=r"ledger\.sqlite3 can't be written: .*\. Is there room on the disk"):
            SqliteLedger(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    SqliteLedger(path).shut()
    assert list(path.parent.iterdir()) == [path]


def test_permits_run_out_and_come_back_a_window_after_the_answer(ledger: Ledger, clock: Clock) -> None:
    permits = take(ledger, 9)
    assert len(set(permits)) == 5
    clock.now += 3
    ledger.settle("g", quotas=[FIVE], settled=[(permit, clock.now) for permit in permits])
    asked = ledger.ask("g", quotas=[FIVE], pace="fast", wanted=1)
    assert asked.permits == []
    assert asked.wait == pytest.approx(10 * 1.001)
    clock.now += WINDOW - 0.1
    assert take(ledger, 1) == []
    clock.now += 0.1
    assert len(take(ledger, 9)) == 5


def test_answers_are_written_down_in_the_same_step_as_the_next_ask(ledger: Ledger, clock: Clock) -> None:
    permits = take(ledger, 5)
    answered = clock.now + 1
    clock.now += WINDOW + 1
    asked = ledger.ask("g", quotas=[FIVE], pace="fast", wanted=5, settled=[(permit, answered) for permit in permits])
    assert len(asked.permits) == 5


def test_a_permit_without_a_call_is_given_again(ledger: Ledger) -> None:
    first, *_ = take(ledger, 5)
    ledger.settle("g", quotas=[FIVE], settled=[(first, None)])
    assert used(ledger) == 4
    assert len(take(ledger, 5)) == 1


def test_permits_of_the_dead_count_for_70_seconds_and_the_window(ledger: Ledger, clock: Clock) -> None:
    take(ledger, 5)
    clock.now += MAX_HOLD + WINDOW - 0.1
    assert take(ledger, 1) == []
    clock.now += 0.1
    assert len(take(ledger, 5)) == 5


def test_an_answer_after_70_seconds_is_charged_again_because_its_call_may_have_gone_late(
    ledger: Ledger, clock: Clock
) -> None:
    (permit,) = take(ledger, 1)
    clock.now += MAX_HOLD + WINDOW
    assert used(ledger) == 0
    ledger.settle("g", quotas=[FIVE], settled=[(permit, clock.now)])
    assert used(ledger) == 1


def test_gates_do_not_touch_each_other(ledger: Ledger) -> None:
    take(ledger, 5)
    assert used(ledger, gate="other") == 0
    assert len(take(ledger, 5, gate="other")) == 5


def test_a_refusal_closes_the_gate_and_slows_it_afterwards(ledger: Ledger, clock: Clock) -> None:
    ledger.close("g", quotas=[MINUTELY], until=clock.now + 30)
    asked = ledger.ask("g", quotas=[MINUTELY], pace="fast", wanted=60)
    assert (asked.permits, asked.wait) == ([], 30)
    clock.now += 30
    assert len(take(ledger, 60, quota=MINUTELY)) == 10


def test_a_clock_that_is_put_back_a_year_neither_opens_nor_freezes_the_gate(ledger: Ledger, clock: Clock) -> None:
    permits = take(ledger, 5)
    ledger.settle("g", quotas=[FIVE], settled=[(permit, clock.now) for permit in permits])
    clock.now -= 365 * 86_400
    assert take(ledger, 1) == []
    ledger.close("g", quotas=[FIVE], until=clock.now + 20)
    clock.now += 19
    assert take(ledger, 1) == []
    clock.now += 1
    sixty = Quota(limit=60, seconds=10, text="60 per 10 seconds")
    assert len(take(ledger, 60, quota=sixty, pace="fast")) == 10, "after a refusal everyone is safe"


def test_two_ledgers_of_one_place_share_the_quota_and_a_restart_forgets_nothing(opened: Open) -> None:
    one, other = opened(), opened()
    assert len(take(one, 3)) == 3
    assert len(take(other, 9)) == 2
    one.shut()
    other.shut()
    again = opened()
    assert used(again) == 5
    assert take(again, 1) == []


def test_many_processes_decide_as_one_however_old_their_view_is(opened: Open, path: Path, clock: Clock) -> None:
    random, oracle = Random(2), MemoryLedger(clock=clock)
    ledgers = [opened() for _ in range(3)]
    quotas = [Quota(limit=400, seconds=20, text=""), Quota(limit=5000, seconds=7200, text="")]
    flying: list[str] = []
    for turn in range(2500):
        clock.now += random.choice([0.0, 0.01, 0.5, 30.0 if turn % 50 == 0 else 0.1])
        settled = [(permit, clock.now) for permit in flying if random.random() < 0.5]
        flying = [permit for permit in flying if (permit, clock.now) not in settled]
        # The third looks so seldom that checkpoints have taken what it has not seen.
        ledger = ledgers[2] if turn % 900 == 899 else random.choice(ledgers[:2])
        pace: Pace = random.choice(["safe", "fast"])
        wanted = random.randrange(4)
        asked = ledger.ask("g", quotas=quotas, pace=pace, wanted=wanted, settled=settled)
        assert asked == oracle.ask("g", quotas=quotas, pace=pace, wanted=wanted, settled=settled)
        flying += asked.permits
    assert ledgers[2].use("g", quotas=quotas) == oracle.use("g", quotas=quotas)
    if not path.exists():
        return  # Redis's checkpoints are tried in test_ledger_redis.py
    with sqlite3.connect(path) as database:
        ((events, newest),) = database.execute("SELECT count(*), max(seq) FROM event").fetchall()
    assert events < newest / 2, "what a checkpoint holds is no longer kept as events"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda file: file.write_bytes(b""), id="emptied"),
        pytest.param(lambda file: file.write_bytes(b"not a database at all" * 500), id="another file"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:5000]), id="cut short"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 8192), id="overwritten"),
    ],
)
def test_a_damaged_ledger_is_refused_with_the_remedy_and_never_replaced(
    path: Path, damage: Callable[[Path], object]
) -> None:
    ledger = SqliteLedger(path)
    take(ledger, 5)
    ledger.shut()
    damage(path)
    before = path.read_bytes()
    with pytest.raises(Damaged, match=r"ledger\.sqlite3 can't be used.*delete ledger\.sqlite3"):
        SqliteLedger(path)
    assert path.read_bytes() == before


def test_a_checkpoint_that_cannot_be_read_is_told(path: Path) -> None:
    SqliteLedger(path).shut()
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO checkpoint VALUES ('g', 7, '{}')")
    with pytest.raises(Damaged, match="checkpoint"):
        take(SqliteLedger(path), 1)


def test_a_new_ledger_leaves_no_other_file_than_its_own(path: Path) -> None:
    SqliteLedger(path).shut()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_ledger_of_the_first_format_is_taken_over_with_all_that_it_knows(path: Path, clock: Clock) -> None:
    ledger = SqliteLedger(path, clock=clock)
    assert len(take(ledger, 3)) == 3
    ledger.shut()
    old = GateState()
    for event in (Event("grant", "0", clock.now, clock.now), Event("grant", "1", clock.now, clock.now)):
        apply(old, event)
    told = json.loads(old.to_json())
    del told["caps"], told["policies"]  # the first format had neither
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO checkpoint VALUES ('older', 2, ?)", (json.dumps(told),))
        database.execute("PRAGMA user_version = 1")
    again = SqliteLedger(path, clock=clock)
    assert (used(again), used(again, gate="older")) == (3, 2)
    again.shut()
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)


windows = st.sampled_from([(6.0, 20), (60.0, 50), (3600.0, 120), (86_400.0, 300), (31 * 86_400.0, 500)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.lists(windows, min_size=2, max_size=4, unique=True),
    pace=st.sampled_from(["safe", "fast"]),
    seed=st.integers(0, 2**32),
)
def test_several_windows_hold_together_over_kills_and_restarts_of_two_processes(
    opened: Open, clock: Clock, chosen: list[tuple[float, int]], pace: Pace, seed: int
) -> None:
    random, gate = Random(seed), str(uuid4())
    quotas = [Quota(limit=limit, seconds=seconds, text="") for seconds, limit in chosen]
    ledgers = [opened() for _ in range(2)]
    flying: list[dict[str, float]] = [{}, {}]
    seen: list[float] = []
    for _ in range(120):
        clock.now += random.choice([0.0, 0.01, 0.3, 2.0, 61.0, 4000.0, 30_000.0])
        n = random.randrange(2)
        if random.random() < 0.1:  # killed: its permits are never settled
            ledgers[n].shut()
            ledgers[n], flying[n] = opened(), {}
        done = [permit for permit in flying[n] if random.random() < 0.7]
        settled = [(permit, clock.now) for permit in done]
        for permit in done:
            del flying[n][permit]
        asked = ledgers[n].ask(gate, quotas=quotas, pace=pace, wanted=random.randrange(30), settled=settled)
        for permit in asked.permits:
            seen.append(clock.now)
            if random.random() < 0.5:
                flying[n][permit] = clock.now
    for ledger in ledgers:
        ledger.shut()
    for quota in quotas:
        times = sorted(seen)
        fullest = max((n + 1 - bisect_right(times, at - quota.seconds) for n, at in enumerate(times)), default=0)
        assert fullest <= quota.limit
