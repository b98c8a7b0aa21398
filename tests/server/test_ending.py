"""A process that is asked to end while DuckDB works: it ends, says so to who waits, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

import ladle
from ladle.explore.running import Running
from ladle.explore.spill import PREFIX
from tests.cli.command import started
from tests.server.site import SECONDS, Site, until
from tests.servers.stack import home_with
from tests.slow_question import WHERE, slow_table

DRAWN = urlencode([("kind", "bars"), ("of", "n"), *WHERE])
ASKED = urlencode([("by", "n"), *WHERE])


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """A table with a question that takes minutes."""
    return slow_table(tmp_path_factory.mktemp("slow"))


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files, in which a process that was killed an hour ago and another program left theirs."""
    left = tmp_path / f"{PREFIX}killed"
    left.mkdir()
    (left / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"spilled")
    os.utime(left, (time.time() - 3600, time.time() - 3600))
    (tmp_path / "ladle-own").mkdir()
    return tmp_path


def test_the_server_ends_while_a_question_is_worked_on_and_says_so_to_who_waits(
    slow: ladle.Snapshot, temporary: Path
) -> None:
    home = home_with(slow.folder)
    with Site(home, LADLE_ANSWER_SECONDS="0", TMPDIR=str(temporary)) as site:
        asked = (f"counts.json?{ASKED}", f"chart.json?{DRAWN}")
        waits = [_asking(site, f"/snapshots/{slow.id}/{page}") for page in asked]
        told = until(lambda: _still(site, f"/api/v1/snapshots/{slow.id}/counts?{ASKED}"))
        assert told["state"] == "running"
        assert until(lambda: _still(site, f"/api/v1/snapshots/{slow.id}/chart?{DRAWN}"))["state"] == "running"
        assert [path.name for path in temporary.glob("ladle-*")] != []
        page = site.get(f"/snapshots/{slow.id}/chart/?{DRAWN}")
        assert (page.status, b"Looking through 150,000 rows" in page.body) == (200, True)
        assert site.end() == 0
        for connection in waits:
            answer = connection.getresponse()
            assert (answer.status, b"Ladle is being ended" in answer.read()) == (503, True)
            connection.close()
    assert [path.name for path in temporary.glob("ladle-*")] == ["ladle-own"]
    assert [path for path in (site.folder / "orders").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "words", [("count", "own/slow", "n"), ("show", "own/slow"), ("chart", "own/slow", "bars", "n")]
)
def test_ctrl_c_ends_a_command_while_a_question_is_worked_on(
    slow: ladle.Snapshot, temporary: Path, words: tuple[str, ...]
) -> None:
    where = [word for key, value in WHERE for word in ("--where", f"{key}={value}")]
    home = home_with(slow.folder)
    with started(*words, *where, LADLE_HOME=home, TMPDIR=str(temporary)) as process:
        assert process.stderr
        assert process.stderr.readline().endswith(" …\n")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err.split()) == (1, ["Aborted!"])
    assert {path.name for path in temporary.glob("ladle-*")} <= {"ladle-own", f"{PREFIX}killed"}  # none of its own
    assert [path for path in (slow.folder.parents[3] / "orders").rglob("*") if path.is_file()] == []


class Late:
    """A cursor that hears only the second interruption, as DuckDB's does when the first comes before it has begun."""

    def __init__(self) -> None:
        self.heard = threading.Semaphore(0)

    def interrupt(self) -> None:
        self.heard.release()


def test_an_interruption_comes_until_it_is_heard_and_is_told_in_words() -> None:
    running, cursor, begun = Running(), Late(), threading.Event()

    def ask() -> None:
        with running.asking(cursor):
            begun.set()
            assert cursor.heard.acquire(timeout=SECONDS)
            assert cursor.heard.acquire(timeout=SECONDS)
            raise ValueError("Interrupted!")

    with pytest.raises(ValueError, match="its own"), running.asking(cursor):
        raise ValueError("its own")
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(ask)
        assert begun.wait(SECONDS)
        running.end()
        for question in (lambda: asked.result(SECONDS), ask):
            with pytest.raises(ladle.Ending, match=r"given up: Ladle is being ended\. Ask again"):
                question()


def _asking(site: Site, path: str) -> HTTPConnection:
    """A request under way, its answer not there yet."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=SECONDS)
    connection.request("GET", path)
    return connection


def _still(site: Site, path: str) -> dict[str, object] | None:
    answer = site.get(path)
    assert answer.status == 202, answer.body
    told: dict[str, object] = answer.json
    return told
