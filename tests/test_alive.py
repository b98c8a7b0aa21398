"""Signs of life: takes processes that are killed, stopped and forked, says of each whether it is certainly dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ladle
from ladle import alive
from ladle.collect.holders import AFTERMATH, Holders
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.collect.ledgers import open_ledger
from ladle.home import Home
from ladle.sources.source import Quota
from tests.processes import running
from tests.valkey import Valkey

LIVE = """
import os, sys, time
from pathlib import Path
import ladle
print(ladle.sign_of_life(Path(sys.argv[1])), flush=True)
if len(sys.argv) > 2 and os.fork() == 0:
    print(ladle.sign_of_life(Path(sys.argv[1])), os.getpid(), flush=True)
time.sleep(600)
"""
TAKE = """
import sys; from ladle.collect.ledgers import open_ledger; from ladle.home import Home
from ladle.sources.source import Quota
ledger = open_ledger(Home.open(sys.argv[1]))
quota = Quota(limit=5, seconds=10, text="")
print(len(ledger.ask("g", quotas=[quota], pace="fast", wanted=3).permits), flush=True)
sys.stdin.read()
"""
FIVE = Quota(limit=5, seconds=10, text="5 per 10 seconds")


@contextmanager
def living(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    with running([sys.executable, "-c", LIVE, folder, *words], stdout=subprocess.PIPE) as process:
        yield process


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def test_a_process_that_was_killed_is_dead_and_one_that_only_stands_still_is_not(tmp_path: Path) -> None:
    with living(tmp_path) as process:
        name = line(process)
        assert ladle.dead_among(tmp_path, [name]) == set()
        process.send_signal(signal.SIGSTOP)
        assert ladle.dead_among(tmp_path, [name]) == set()
        killed(process)
        assert ladle.dead_among(tmp_path, [name, "00000000-00000000", ""]) == {name}


def test_a_forked_child_neither_keeps_its_parent_alive_nor_goes_by_its_name(tmp_path: Path) -> None:
    with living(tmp_path, "fork") as process:
        parent = line(process)
        child, pid = line(process).split()
        try:
            assert child != parent
            killed(process)
            assert ladle.dead_among(tmp_path, [parent, child]) == {parent}
        finally:
            os.kill(int(pid), signal.SIGKILL)


def test_to_ask_about_oneself_does_not_end_ones_own_life(tmp_path: Path) -> None:
    mine = ladle.sign_of_life(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path)
    assert ladle.sign_of_life(tmp_path / "again") == mine
    assert ladle.dead_among(tmp_path, [mine]) == set()
    code = f"import ladle, pathlib; print(ladle.dead_among(pathlib.Path({str(tmp_path)!r}), [{mine!r}]))"
    assert subprocess.check_output((sys.executable, "-c", code), text=True) == "set()\n"


def test_who_died_is_remembered_for_an_hour_and_then_forgotten(tmp_path: Path) -> None:
    with living(tmp_path) as process:
        name = line(process)
        killed(process)
    with living(tmp_path) as process:  # who comes next notes it
        line(process)
        assert (tmp_path / f"{name}{alive.DEAD}").exists()
        assert ladle.dead_among(tmp_path, [name]) == {name}
    old = time.time() - alive.KEPT - 1
    os.utime(tmp_path / f"{name}{alive.DEAD}", (old, old))
    with living(tmp_path) as process:
        line(process)
        assert ladle.dead_among(tmp_path, [name]) == set()


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_permits_of_a_dead_process_count_as_answered_a_moment_after_its_end(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "redis":
        valkey: Valkey = request.getfixturevalue("valkey")
        monkeypatch.setenv("LADLE_QUOTA_URL", valkey.url)
        monkeypatch.setenv("LADLE_QUOTA_PREFIX", tmp_path.name)
    steady = 0.0
    ledger = open_ledger(Home.open(tmp_path))
    ledger.holders = Holders(tmp_path / "alive", steady=lambda: steady)  # type: ignore[attr-defined]
    with running([sys.executable, "-c", TAKE, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert line(process) == "3"
        assert ledger.ask("g", quotas=[FIVE], pace="fast", wanted=1).permits
        killed(process)
    for steady, frees_in in ((1.0, None), (AFTERMATH, None), (1.0 + AFTERMATH, 10.01)):  # noqa: B007 - the clock
        assert ledger.ask("g", quotas=[FIVE], pace="fast", wanted=0).permits == []
        assert ledger.use("g", quotas=[FIVE])[0].used == 4
        told = ledger.use("g", quotas=[FIVE])[0].frees_in
        assert told is None if frees_in is None else told is not None and told <= frees_in
    ledger.shut()


def test_a_home_that_nobody_may_write_to_still_has_its_quota(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger")
    (tmp_path / "alive").write_text("no folder")
    ledger.holders = Holders(tmp_path / "alive")
    assert ledger.ask("g", quotas=[FIVE], pace="fast", wanted=2).permits == ["0", "1"]
    ledger.shut()
