"""Pause, cancel and resume from another terminal: takes real processes, looks at words, ends and the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ladle as library
from ladle.demo.records import load_collections
from ladle.testing import Answer, ScriptedApi, answer
from tests.apis import CALLS, entries, settings, targets
from tests.cli.command import environment, ladle, started
from tests.cli.test_resume import slow

BOUND = 15
"""Seconds: a request may hang for 60, and a stop has two; the rest is a slow machine's."""


@contextmanager
def hanging(home: Path) -> Iterator[tuple[ScriptedApi, subprocess.Popen[str], library.Run]]:
    """A collection of which all but the first request hang."""
    with slow() as api, started("collect", "swapi/people", **settings(api, home)) as process:
        api.wait_for(1 + 8, seconds=60)
        yield api, process, library.list_runs(library.Home.open(home))[0]


@pytest.mark.parametrize("wish", ["pause", "cancel"])
def test_a_collection_in_another_terminal_stops_at_once(tmp_path: Path, wish: str) -> None:
    state = {"pause": "paused", "cancel": "cancelled"}[wish]
    with hanging(tmp_path) as (api, process, run):
        told = ladle(wish, "swapi/people", "--json", LADLE_HOME=str(tmp_path))
        assert (told.returncode, json.loads(told.stdout)["state"]) == (0, state), told.stderr
        _, err = process.communicate(timeout=BOUND)
        assert process.returncode == 1
        assert err.splitlines()[-1].startswith(f"{state.capitalize()} by the command line. 1 of 15 requests is kept")
        assert state in ladle("runs", LADLE_HOME=str(tmp_path)).stdout
        assert f"swapi/people: {state}. 1 of 15" in ladle("runs", run.id, LADLE_HOME=str(tmp_path)).stdout
        again = ladle(wish, run.id, LADLE_HOME=str(tmp_path))
        assert (again.returncode, f"swapi/people: {state}, 1 of 15 requests is kept" in again.stdout) == (0, True)
        api.release()
        end = ladle("resume", run.id, **settings(api, tmp_path))
        if wish == "pause":
            assert end.returncode == 0, end.stderr
            assert targets(api).count("/api/people/?page=1") == 1
        else:
            assert end.returncode == 1
            assert end.stderr == (
                f"ladle: The run {run.id} has ended: cancelled. Start a new one with: ladle collect swapi/people\n"
            )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_api_that_hangs_does_not_hold_up_the_end(tmp_path: Path, sent: signal.Signals) -> None:
    with hanging(tmp_path) as (api, process, run):
        process.send_signal(sent)
        _, err = process.communicate(timeout=BOUND)
        assert (process.returncode, run.is_driven(), run.state) == (1, False, "running"), err
        assert [entry.key for entry in entries(run)] == ["people?page=1"]
        api.release()
        assert ladle("resume", "swapi/people", **settings(api, tmp_path)).returncode == 0
        assert len(api.requests) == 9 + CALLS - 1


def test_what_goes_on_can_t_be_resumed_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    with hanging(tmp_path) as (api, _, run):
        end = ladle("resume", run.id, **settings(api, tmp_path))
        assert (end.returncode, f"The run {run.id} is going on: running." in end.stderr) == (1, True)
    for wish in ("pause", "cancel", "resume"):
        assert ladle(wish, "swapi/peple", LADLE_HOME=str(tmp_path)).returncode == 2
        assert ladle(wish, "20261121-120103-7f3a9c", LADLE_HOME=str(tmp_path)).returncode == 2
        assert ladle(wish, "openweather/cities", LADLE_HOME=str(tmp_path), OPENWEATHER_API_KEY="x").returncode == 2


def test_a_terminal_says_until_when_the_quota_keeps_it_waiting(tmp_path: Path) -> None:
    people = load_collections()["people"]
    with ScriptedApi(lambda _: answer({"count": 82, "next": None, "results": people[:10]})) as api:
        where = settings(api, tmp_path) | {"LADLE_SWAPI_QUOTA": "1 per hour", "LADLE_SWAPI_PACE": "fast"}
        with started("collect", "swapi/people", **where) as process:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "waiting" in line)
            assert "waiting for quota until " in line
            assert "1 of 1 per hour" in line
            assert "waiting for quota until " in ladle("runs", LADLE_HOME=str(tmp_path)).stdout
            run = json.loads(ladle("runs", "--json", LADLE_HOME=str(tmp_path)).stdout)["results"][0]
            assert (run["state"], run["wake_at"] > run["created_at"]) == ("waiting", True)
            process.send_signal(signal.SIGTERM)
            assert process.wait(BOUND) == 1


def test_a_file_that_can_t_be_written_fails_the_run_with_the_reason_and_resume_loses_nothing(tmp_path: Path) -> None:
    records = [{"name": os.urandom(100_000).hex(), "homeworld": None}]
    pages = {f"/api/people/?page={page}": page_of(records, page) for page in (1, 2, 3)}
    with ScriptedApi(pages) as api:
        where = settings(api, tmp_path) | {"LADLE_SWAPI_QUOTA": "none"}
        limit = 300_000  # one page's room: LZ4 makes nothing smaller of them
        # Set by the process itself before it becomes the command: no Python between fork and exec, among threads.
        limited = (
            f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
            "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
        )
        failed = subprocess.run(
            [sys.executable, "-c", limited, "-m", "ladle", "collect", "swapi/people"],
            # Without coverage, whose own file would grow beyond the limit too.
            env={name: value for name, value in environment(where).items() if not name.startswith("COVERAGE_")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert failed.returncode == 1, failed.stderr
        (run,) = library.list_runs(library.Home.open(tmp_path))
        assert run.state == "failed"
        assert "\nladle: File too large" in f"\n{failed.stderr}"
        assert f"When that is mended: ladle resume {run.id}" in failed.stderr
        assert "Traceback" not in failed.stderr
        kept = [entry.key for entry in entries(run)]
        end = ladle("resume", run.id, **where)
        assert "rows" in end.stdout, end.stderr
        assert kept
        assert all(targets(api).count(f"/api/{key.replace('?', '/?')}") == 1 for key in kept)


def page_of(records: list[dict[str, object]], page: int) -> Answer:
    """One of three pages."""
    following = f"https://swapi.dev/api/people/?page={page + 1}" if page < 3 else None
    return answer({"count": 3, "next": following, "results": [{**records[0], "url": f"https://swapi.dev/{page}/"}]})
