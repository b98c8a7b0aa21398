"""One ledger, many at once: takes real processes, files, a Redis and an API on loopback, gives one kept quota."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from bisect import bisect_right
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from time import time
from uuid import uuid4

import pytest

from ladle.collect.gate import Gate, QuotaWait
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.errors import Damaged
from ladle.sources.source import Quota
from tests.processes import running

MINUTELY = Quota(limit=60, seconds=60, text="60 per minute")
TWO = Quota(limit=2, seconds=10, text="2 per 10 seconds")
CALLS = 80
WORKER = Path(__file__).with_name("quota_worker.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, path: Path) -> str:
    """Where the ledger of several processes is: a file's path, or a Redis's address and a prefix."""
    if request.param == "sqlite":
        return str(path)
    return f"{request.getfixturevalue('valkey').url} {uuid4()}"


class Server:
    """An API on loopback that keeps a log of arrivals and answers after 5 to 50 ms."""

    def __init__(self) -> None:
        self.log: list[float] = []
        self.random = Random(3)
        self.enough = asyncio.Event()
        self.alarm_at = 60

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.log.append(time())
        if len(self.log) >= self.alarm_at:
            self.enough.set()
        await asyncio.sleep(self.random.uniform(0.005, 0.05))
        writer.write(b"OK\n")
        writer.close()

    def most_in_half_a_second(self) -> int:
        return max(n + 1 - bisect_right(self.log, at - 0.5) for n, at in enumerate(self.log))


async def spawn(place: str, port: int, *, calls: int, workers: int = 12) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, str(WORKER), *map(str, (place, port, calls, workers)))


async def called_by_two_processes(place: str, *, kill: bool) -> Server:
    api = Server()
    async with await asyncio.start_server(api.answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        one, other = await spawn(place, port, calls=CALLS), await spawn(place, port, calls=CALLS)
        if kill:
            await api.enough.wait()
            other.kill()
        assert await one.wait() == 0
        assert await other.wait() == (-9 if kill else 0)
    return api


def test_two_processes_never_exceed_20_per_half_second_together(place: str) -> None:
    api = asyncio.run(called_by_two_processes(place, kill=False))
    assert len(api.log) == 2 * CALLS
    assert api.most_in_half_a_second() <= 20


def test_one_of_two_processes_killed_in_the_middle_lets_the_other_go_on_within_the_quota(place: str) -> None:
    api = asyncio.run(called_by_two_processes(place, kill=True))
    assert CALLS <= len(api.log) < 2 * CALLS
    assert api.most_in_half_a_second() <= 20


TAKE_AND_HANG = """
import sys; from pathlib import Path
from ladle.collect.ledger_sqlite import SqliteLedger; from ladle.sources.source import Quota
quota = Quota(limit=5, seconds=10, text="")
print(len(SqliteLedger(Path(sys.argv[1])).ask("g", quotas=[quota], pace="fast", wanted=3).permits), flush=True)
sys.stdin.read()
"""


def test_the_permits_of_a_killed_process_are_charged(path: Path) -> None:
    command = [sys.executable, "-c", TAKE_AND_HANG, str(path)]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "3\n"
        process.kill()
    ledger = SqliteLedger(path)
    quota = Quota(limit=5, seconds=10, text="")
    assert ledger.use("g", quotas=[quota])[0].used == 3
    assert len(ledger.ask("g", quotas=[quota], pace="fast", wanted=5).permits) == 2


def test_a_429_closes_the_gates_of_other_processes_too(path: Path) -> None:
    async def work() -> float | None:
        one, other = (Gate(SqliteLedger(path), "g", quotas=[MINUTELY], pace="fast") for _ in range(2))
        one.closed_by(1000)
        await one.aclose()
        with pytest.raises(QuotaWait):
            await other.permit(give_up_after=900).__aenter__()
        return other.next_in()

    assert asyncio.run(work()) is None


def test_after_aclose_all_answers_are_written_down_and_nobody_waits(path: Path) -> None:
    async def work() -> tuple[int, float | None, bool]:
        gate = Gate(SqliteLedger(path), "g", quotas=[TWO], pace="fast")
        for _ in range(2):
            async with gate.permit():
                pass
        waiting = asyncio.create_task(gate.permit().__aenter__())
        await asyncio.sleep(0)
        await gate.aclose()
        await asyncio.wait({waiting})
        (use,) = SqliteLedger(path).use("g", quotas=[TWO])
        return use.used, use.frees_in, waiting.cancelled()

    used, frees_in, cancelled = asyncio.run(work())
    assert (used, cancelled) == (2, True)
    assert frees_in is not None, "answered calls free up by themselves; forgotten ones would still be in flight"


def test_a_ledger_that_breaks_is_told_to_everyone_who_waits(path: Path) -> None:
    async def work() -> list[BaseException | object]:
        ledger = SqliteLedger(path)
        gate = Gate(ledger, "g", quotas=[TWO], pace="fast")
        ledger.shut()
        return await asyncio.gather(*(gate.permit().__aenter__() for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in asyncio.run(work())] == [Damaged] * 3


def test_two_gates_on_one_file_in_one_process_share_the_quota(path: Path) -> None:
    async def work() -> int:
        quota = Quota(limit=7, seconds=3600, text="")
        gates = [Gate(SqliteLedger(path), "g", quotas=[quota], pace="fast") for _ in range(2)]
        passed = count()

        async def call(gate: Gate) -> None:
            async with gate.permit(give_up_after=1):
                next(passed)

        await asyncio.gather(*(call(gate) for gate in gates for _ in range(7)), return_exceptions=True)
        for gate in gates:
            await gate.aclose()
        return next(passed)

    assert asyncio.run(work()) == 7


@pytest.mark.parametrize("reason", ["the waiter left", "a 429 came"])
def test_a_permit_that_comes_too_late_to_be_used_is_given_back(path: Path, reason: str) -> None:
    async def work() -> int:
        gate = Gate(SqliteLedger(path), "g", quotas=[TWO], pace="fast")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(gate.permit(give_up_after=500).__aenter__())
            for _ in range(3):  # the waiter enters, the dispenser starts, the ask is on its way and held up
                await asyncio.sleep(0)
            if reason == "the waiter left":
                waiting.cancel()
            else:
                gate.closed_by(1000)
        with pytest.raises((QuotaWait, asyncio.CancelledError)):
            await waiting
        await gate.aclose()
        return gate.use()[0].used

    assert asyncio.run(work()) == 0


def test_without_quotas_too_a_429_closes_the_gates_of_other_processes(path: Path) -> None:
    async def until_closed(gate: Gate) -> None:
        while True:
            async with gate.permit(give_up_after=900):
                await asyncio.sleep(0)

    async def work() -> None:
        one, other = (Gate(SqliteLedger(path), "g", quotas=[], pace="fast") for _ in range(2))
        async with other.permit():
            pass
        one.closed_by(1000)
        await one.aclose()
        async with asyncio.timeout(5):
            with pytest.raises(QuotaWait):
                await until_closed(other)
        await other.aclose()

    asyncio.run(work())


def test_what_an_answer_said_holds_in_other_processes_too(path: Path) -> None:
    async def work() -> None:
        one, other = (Gate(SqliteLedger(path), "g", quotas=[MINUTELY], pace="fast") for _ in range(2))
        one.told(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000"})
        await one.aclose()
        with pytest.raises(QuotaWait):
            await other.permit(give_up_after=900).__aenter__()
        await other.aclose()

    asyncio.run(work())
