"""Ledgers of every kind on a clock turned by hand: takes a kind, gives as many of one place as a test opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ladle.collect.ledger import Ledger, MemoryLedger
from ladle.collect.ledger_sqlite import SqliteLedger
from tests.collect.by_hand import Clock, redis_ledger

Open = Callable[[], Ledger]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "redis"])
def opened(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Open]:
    """Opens one more ledger that shares its gates with the others: another process's, or the same one's later."""
    ledgers: list[Ledger] = []
    place = str(uuid4()) if request.param == "redis" else str(tmp_path / "ledger.sqlite3")
    valkey = request.getfixturevalue("valkey") if request.param == "redis" else None

    def one() -> Ledger:
        ledgers.append(redis_ledger(valkey.url, place, clock) if valkey else SqliteLedger(Path(place), clock=clock))
        return ledgers[-1]

    yield one
    for ledger in ledgers:
        ledger.shut()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def ledger(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Ledger]:
    """One of every kind."""
    if request.param == "memory":
        yield MemoryLedger(clock=clock)
        return
    if request.param == "sqlite":
        own: Ledger = SqliteLedger(tmp_path / "ledger.sqlite3", clock=clock)
    else:
        own = redis_ledger(request.getfixturevalue("valkey").url, str(uuid4()), clock)
    yield own
    own.shut()
