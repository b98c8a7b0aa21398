"""DuckDB stands behind everybody else: one database with little memory, whose threads have a low priority."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ladle.explore import query
from ladle.explore.desk import Desk
from ladle.explore.priority import NICE, step_back
from ladle.explore.query import ask, table
from tests.snapshots.kit import from_records

linux = pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux alone")


def mine() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def priorities(threads: set[int]) -> set[int]:
    """Of those threads that are still there: some may end in the moment between being listed and being asked."""
    found = set()
    for thread in threads:
        with suppress(ProcessLookupError):
            found.add(os.getpriority(os.PRIO_PROCESS, thread))
    return found


@linux
def test_questions_step_back_and_whoever_asks_does_not(tmp_path: Path) -> None:
    parquet = from_records(tmp_path, [{"n": number} for number in range(50)]).path("parquet")
    before, threads = mine(), {int(each.name) for each in Path("/proc/self/task").iterdir()}
    query._opened.cache_clear()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(ask, parquet, f"SELECT sum(c0) FROM {table(1)}").result(60) == [(1225,)]
    new = {int(each.name) for each in Path("/proc/self/task").iterdir()} - threads
    assert NICE in priorities(new)
    assert Desk("test", most=1).ask("a", lambda _: mine()).result(60) == NICE
    assert mine() == before


@linux
def test_a_thread_steps_back_for_itself_alone() -> None:
    with ThreadPoolExecutor(1, initializer=step_back) as behind:
        assert behind.submit(mine).result(60) == NICE
    assert mine() < NICE


def test_threads_that_ask_at_the_same_time_share_one_database(tmp_path: Path) -> None:
    query._opened.cache_clear()
    together = threading.Barrier(8)

    def opened(_: int) -> int:
        together.wait(60)
        return id(query._connection(tmp_path))

    with ThreadPoolExecutor(8) as people:
        assert len(set(people.map(opened, range(8)))) == 1


def test_all_questions_together_hold_what_they_may(tmp_path: Path) -> None:
    parquet = from_records(tmp_path, [{"n": 1}]).path("parquet")
    ((limit,),) = ask(parquet, f"SELECT current_setting('memory_limit') FROM {table(1)} LIMIT 1")
    assert limit == "572.2 MiB"
