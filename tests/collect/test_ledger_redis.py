"""The Redis ledger: takes a real Valkey, many processes, kills and stops, gives one quota that is never exceeded."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ladle.collect.ledger import Ledger, LedgerAway
from ladle.collect.ledger_redis import CHECKPOINT_EVERY, RedisLedger
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.collect.ledgers import open_ledger
from ladle.collect.permits import MAX_HOLD
from ladle.errors import SettingError
from ladle.home import Home
from ladle.sources.source import Quota
from tests.collect.by_hand import Clock, redis_ledger
from tests.processes import running
from tests.valkey import Valkey

FIVE = Quota(limit=5, seconds=10, text="5 per 10 seconds")
DAILY = Quota(limit=1000, seconds=86_400, text="1000 per day")
WINDOW = 10 * 1.001 + 0.001


@pytest.fixture
def prefix() -> str:
    return str(uuid4())


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Valkey]:
    """A server that the test may stop and kill; it keeps what it is told."""
    with Valkey(tmp_path) as server:
        yield server


def take(ledger: Ledger, wanted: int, *, quota: Quota = FIVE) -> list[str]:
    return ledger.ask("g", quotas=[quota], pace="fast", wanted=wanted).permits


def used(ledger: Ledger, *, quota: Quota = FIVE) -> int:
    return ledger.use("g", quotas=[quota])[0].used


def lose_everything(valkey: Valkey, prefix: str) -> None:
    with valkey.client() as client:
        client.delete(f"{prefix}:{{g}}:log", f"{prefix}:{{g}}:head")


def test_of_many_who_ask_at_once_every_permit_is_given_once_and_no_more_than_there_are(
    valkey: Valkey, prefix: str
) -> None:
    quota = Quota(limit=300, seconds=3600, text="")
    given: list[str] = []

    def ask() -> None:
        ledger = RedisLedger(valkey.url, prefix=prefix)
        for _ in range(60):
            given.extend(take(ledger, 1, quota=quota))
        ledger.shut()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(set(given)) == 300


TAKE_AND_HANG = """
import sys; from ladle.collect.ledger_redis import RedisLedger; from ladle.sources.source import Quota
quota = Quota(limit=5, seconds=10, text="")
ledger = RedisLedger(sys.argv[1], prefix=sys.argv[2])
print(len(ledger.ask("g", quotas=[quota], pace="fast", wanted=3).permits), flush=True)
sys.stdin.read()
"""


def test_the_permits_of_a_killed_process_are_charged_and_nothing_else_of_it_stays(valkey: Valkey, prefix: str) -> None:
    command = [sys.executable, "-c", TAKE_AND_HANG, valkey.url, prefix]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "3\n"
        process.kill()
    ledger = RedisLedger(valkey.url, prefix=prefix)
    assert used(ledger) == 3
    assert len(take(ledger, 5)) == 2


def test_the_log_is_cut_at_checkpoints_and_kept_for_as_long_as_anything_counts(
    valkey: Valkey, prefix: str, clock: Clock
) -> None:
    ledger, plenty = redis_ledger(valkey.url, prefix, clock), Quota(limit=10**6, seconds=60, text="")
    for _ in range(3):
        permits = take(ledger, CHECKPOINT_EVERY // 2, quota=plenty)
        ledger.settle("g", quotas=[plenty], settled=[(permit, clock.now) for permit in permits])
    with valkey.client() as client:
        assert client.llen(f"{prefix}:{{g}}:log") < 2 * CHECKPOINT_EVERY
        assert client.hget(f"{prefix}:{{g}}:head", "base")
        assert client.ttl(f"{prefix}:{{g}}:head") > 31 * 86_400
    assert used(redis_ledger(valkey.url, prefix, clock), quota=plenty) == 3 * (CHECKPOINT_EVERY // 2)


def test_times_are_rediss_however_wrong_the_clock_of_a_process_is(valkey: Valkey, prefix: str, clock: Clock) -> None:
    clock.apart = 5000.0
    slow = redis_ledger(valkey.url, prefix, clock)
    permits = take(slow, 5)
    answered = clock.now + 1
    clock.now += 3
    slow.settle("g", quotas=[FIVE], settled=[(permit, answered) for permit in permits])
    assert slow.ask("g", quotas=[FIVE], pace="fast", wanted=1).wait == pytest.approx(WINDOW - 2, abs=0.002)
    slow.close("g", quotas=[FIVE], until=clock.now + 100)
    assert slow.ask("g", quotas=[FIVE], pace="fast", wanted=1).wait == pytest.approx(100)


def test_a_redis_whose_clock_is_behind_after_a_failover_goes_on_from_the_last_event(
    valkey: Valkey, prefix: str, clock: Clock
) -> None:
    ledger = redis_ledger(valkey.url, prefix, clock)
    permits = take(ledger, 5)
    ledger.settle("g", quotas=[FIVE], settled=[(permit, clock.now) for permit in permits])
    clock.apart = -3600.0
    assert take(ledger, 1) == []
    clock.now += WINDOW - 0.1
    assert take(ledger, 1) == take(redis_ledger(valkey.url, prefix, clock), 1) == []
    clock.now += 0.1
    assert len(take(ledger, 9)) == 5


def test_a_redis_that_comes_back_empty_is_told_again_and_its_gate_held_until_nothing_unknown_counts(
    valkey: Valkey, prefix: str, clock: Clock
) -> None:
    one, other = redis_ledger(valkey.url, prefix, clock), redis_ledger(valkey.url, prefix, clock)
    seen = take(one, 3)
    unseen = take(other, 1)
    one.settle("g", quotas=[FIVE], settled=[(permit, clock.now) for permit in seen])
    lose_everything(valkey, prefix)
    clock.now += 0.01
    fresh = redis_ledger(valkey.url, prefix, clock)
    assert len(take(fresh, 1, quota=DAILY)) == 1, "who knows of nothing can't miss it"
    assert take(other, 5) == []
    assert take(fresh, 5) == [], "held for everybody"
    one.settle("g", quotas=[FIVE], settled=[])
    other.settle("g", quotas=[FIVE], settled=[(permit, clock.now) for permit in unseen])
    clock.now += MAX_HOLD + WINDOW - 0.1
    assert take(fresh, 5) == take(one, 5) == []
    clock.now += 0.2
    # Three that one of them did not know to be answered count twice: rather too many than too few.
    assert used(fresh, quota=DAILY) == used(one, quota=DAILY) == used(other, quota=DAILY) == 5 + 3


def test_a_redis_that_lost_its_last_events_is_told_again(valkey: Valkey, prefix: str, clock: Clock) -> None:
    ledger, other = redis_ledger(valkey.url, prefix, clock), redis_ledger(valkey.url, prefix, clock)
    with valkey.client() as client:
        take(ledger, 2)
        kept = client.hgetall(f"{prefix}:{{g}}:head")
        take(ledger, 3)
        client.ltrim(f"{prefix}:{{g}}:log", 0, 1)
        client.hset(f"{prefix}:{{g}}:head", mapping=kept)
    clock.now += 0.01
    assert used(other) == 2
    assert len(take(other, 1)) == 1, "as many events again: only the marks tell them from those that were lost"
    assert len(take(other, 2)) == 2
    assert take(ledger, 5) == []
    assert used(ledger) == 8


def test_a_step_that_was_written_down_although_nothing_was_heard_of_it_is_not_counted_twice(own: Valkey) -> None:
    ledger = RedisLedger(own.url)
    first = take(ledger, 2)
    own.stop()
    with pytest.raises(LedgerAway, match=r"redis://127\.0\.0\.1:\d+/0 can't be reached"):
        ledger.ask("g", quotas=[FIVE], pace="fast", wanted=2, settled=[(first[0], None)])
    assert used(ledger) == 2, "displays go on from what is known"
    own.go_on()
    asked = ledger.ask("g", quotas=[FIVE], pace="fast", wanted=9, settled=[(first[0], None)])
    assert len(asked.permits) == 4
    assert used(ledger) == 5


def test_a_redis_that_was_killed_and_started_again_has_everything(own: Valkey) -> None:
    ledger = RedisLedger(own.url)
    take(ledger, 3)
    own.kill()
    with pytest.raises(LedgerAway):
        take(ledger, 1)
    own.start()
    assert len(take(ledger, 9)) == 2


def test_a_gate_is_shared_by_those_who_name_the_same_prefix_alone(valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    env = {"LADLE_QUOTA_URL": valkey.url, "LADLE_QUOTA_PREFIX": prefix}
    home = Home(tmp_path)
    assert len(take(open_ledger(home, env=env), 5)) == 5
    assert take(open_ledger(home, env=env), 5) == []
    assert len(take(open_ledger(home, env={**env, "LADLE_QUOTA_PREFIX": str(uuid4())}), 5)) == 5
    with valkey.client() as client:
        assert all(key.startswith(prefix) for key in client.keys(f"*{prefix}*"))


def test_without_the_setting_the_ledger_is_the_homes_file(tmp_path: Path) -> None:
    assert isinstance(open_ledger(Home(tmp_path), env={}), SqliteLedger)
    assert (tmp_path / "ledger.sqlite3").exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://:open-sesame@db/1", "LADLE_QUOTA_URL is not the address of a Redis"),
        ("redis://:open-sesame@", "LADLE_QUOTA_URL is not the address of a Redis"),
        ("redis://:open-sesame@127.0.0.1:1/0", r"redis://127\.0\.0\.1:1/0 can't be reached.*Is Redis running there"),
        ("redis://:open-sesame@127.0.0.1:{port}/0", "refuses: .*Set the user and password in LADLE_QUOTA_URL"),
        ("redis://:right@127.0.0.1:{port}/99", "refuses: .*LADLE_QUOTA_URL must name"),
        ("rediss://:right@127.0.0.1:{port}/0", "can't be reached.*rediss://"),
    ],
)
def test_a_wrong_setting_is_told_with_its_remedy_and_without_its_password(
    locked: Valkey, tmp_path: Path, url: str, told: str
) -> None:
    with pytest.raises(SettingError, match=told) as error:
        open_ledger(Home(tmp_path), env={"LADLE_QUOTA_URL": url.format(port=locked.port)})
    assert "open-sesame" not in str(error.value)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey(tmp_path_factory.mktemp("locked"), password="right") as server:
        yield server


def test_who_is_patient_takes_a_ledger_that_is_away(tmp_path: Path) -> None:
    ledger = open_ledger(Home(tmp_path), env={"LADLE_QUOTA_URL": "redis://127.0.0.1:1/0"}, patient=True)
    with pytest.raises(LedgerAway):
        take(ledger, 1)


@pytest.mark.parametrize(
    ("worsen", "mend"),
    [
        pytest.param("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", id="full"),
        pytest.param("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", id="a replica"),
    ],
)
def test_a_redis_that_takes_nothing_for_now_is_away_and_not_a_mistake(own: Valkey, worsen: str, mend: str) -> None:
    ledger = RedisLedger(own.url)
    take(ledger, 2)
    with own.client() as redis:
        redis.execute_command(*worsen.split())
        with pytest.raises(LedgerAway):
            take(ledger, 1)
        redis.execute_command(*mend.split())
    assert len(take(ledger, 9)) == 3


@pytest.mark.parametrize("gone", ["log", "head"])
def test_a_gate_of_which_a_part_was_evicted_is_told_again(valkey: Valkey, prefix: str, clock: Clock, gone: str) -> None:
    ledger = redis_ledger(valkey.url, prefix, clock)
    take(ledger, 3)
    with valkey.client() as client:
        client.delete(f"{prefix}:{{g}}:{gone}")
    assert take(ledger, 1) == []
    assert used(ledger) == used(redis_ledger(valkey.url, prefix, clock)) == 3


def test_the_library_loads_redis_only_where_the_setting_names_one() -> None:
    program = "import sys; from ladle import *; print('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"
