"""Runs of a home on S3: takes drivers on several machines, wishes, deaths, a server that goes; gives one snapshot."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

import ladle
from ladle.collect import shared
from ladle.errors import Conflict, NotFound, Unreachable
from ladle.home import Home
from ladle.storage.lease import TERM, Lease
from ladle.testing import Request, ScriptedApi, answer
from tests.apis import CALLS, good, swapi
from tests.s3 import S3Server

SECONDS = 60.0
Machine = Callable[[str], Home]


@pytest.fixture
def machine(home: str, on_s3: S3Server, tmp_path: Path) -> Machine:
    """The home as a machine of that name sees it, with a cache of its own."""
    return lambda name: Home.open(home, env={**on_s3.settings, "LADLE_CACHE": str(tmp_path / name)})


def start(home: Home, api: ScriptedApi, **settings: Any) -> ladle.Run:
    return ladle.start(home, "swapi/people", base_url=f"{api.url}api/", quota="none", **settings)


def drive(run: ladle.Run, **settings: Any) -> ladle.Progress:
    return asyncio.run(ladle.drive(run, **settings))


@contextmanager
def driven(run: ladle.Run) -> Iterator[list[ladle.Progress]]:
    """The run, driven by a thread; at the end of the block what it came to."""
    ended: list[ladle.Progress] = []
    thread = threading.Thread(target=lambda: ended.append(drive(run)))
    thread.start()
    try:
        yield ended
    finally:
        thread.join(SECONDS)
    assert ended, "the drive has not ended"


def until(true: Callable[[], Any]) -> Any:
    """Ask again until the answer is true: another thread or machine sends no event."""
    over = time.monotonic() + SECONDS
    while not (value := true()):
        assert time.monotonic() < over, "it did not come to pass"
        time.sleep(0.02)
    return value


def asked(api: ScriptedApi) -> Counter[str]:
    return Counter(request.target for request in api.requests)


def hanging(name: str) -> Callable[[Request], object]:
    """A page that hangs until the API is let go."""
    route = good(name)
    return lambda request: replace(route(request), fault="hang")


def test_what_one_machine_has_begun_another_ends_and_nothing_is_asked_twice(machine: Machine) -> None:
    with swapi(people5=hanging("people5")) as api:
        run = start(machine("a"), api)
        with driven(run):
            until(lambda: run.progress_here().done >= 4)
            there = ladle.open_run(machine("b"), run.id)
            until(lambda: there.progress().done >= 4)
            assert there.progress().state == "running"
            assert there.is_driven()
            with pytest.raises(Conflict, match="driven by another process"):
                drive(there)
            paused = ladle.pause(there, by="the other machine")
            assert (paused.state, paused.reason) == ("paused", "Paused by the other machine.")
        assert not there.is_driven()
        api.release()
        before = asked(api)
        third = ladle.open_run(machine("c"), run.id)
        assert ladle.resume(third).state == "queued"
        assert drive(third).state == "complete"
        assert sum(asked(api).values()) == CALLS + 1, "the page that hung is asked for again"
        assert before.total() >= 5
    assert ladle.snapshot("swapi/people", home=machine("d")).manifest.rows == 82
    lines = ladle.open_run(machine("d"), run.id).requests(limit=100)
    assert len([line for line in lines if line.kind == "answer"]) == CALLS
    assert [each.state for each in ladle.list_runs(machine("d"))] == ["complete"]


def test_a_run_is_known_everywhere_from_its_start(machine: Machine) -> None:
    with swapi() as api:
        run = start(machine("a"), api)
    there = ladle.open_run(machine("b"), run.id)
    assert replace(there, home=run.home) == run
    assert there.state == "queued"
    assert ladle.run_ids(home=machine("b")) == {run.id}
    assert ladle.cancel(there, by="b").state == "cancelled"
    assert run.progress().state == "cancelled"
    with pytest.raises(NotFound):
        ladle.open_run(machine("b"), "20200101-000000-000000")


def test_a_machine_that_dies_is_followed_by_another_when_its_lease_is_over(
    machine: Machine, home: str, on_s3: S3Server, tmp_path: Path
) -> None:
    with swapi(people7=hanging("people7")) as api:
        command = [sys.executable, "-m", "ladle", "collect", "swapi/people", "--base-url", f"{api.url}api/"]
        env = {**os.environ, "LADLE_HOME": home, "LADLE_CACHE": str(tmp_path / "dying"), "LADLE_SWAPI_QUOTA": "none"}
        with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
            here = machine("next")
            (run,) = until(lambda: ladle.list_runs(here))
            until(lambda: run.progress().done >= 6)
            until(lambda: shared.get(run.folder, shared.COUNTS))
            process.kill()
        assert run.is_driven(), "its lease is not over"
        store, key = on_s3.store(home), f"runs/{run.id}/{shared.DRIVER}"
        told = store.get(key)
        assert told is not None
        assert 0 < orjson.loads(told.data)["until"] - time.time() <= TERM <= 30
        store.put(key, orjson.dumps({**orjson.loads(told.data), "until": time.time() - 1}))  # TERM seconds later
        assert run.was_left
        api.release()
        before = asked(api)
        assert drive(run).state == "complete"
        assert sum((asked(api) - before).values()) <= CALLS + 3 - 6, "but for what was in flight or not put yet"
    assert ladle.snapshot("swapi/people", home=machine("third")).manifest.rows == 82


def test_a_run_goes_on_while_s3_is_away_and_publishes_when_it_is_back(machine: Machine, on_s3: S3Server) -> None:
    with swapi(people2=hanging("people2")) as api:
        run = start(machine("a"), api)
        with driven(run) as ended:
            until(lambda: run.progress_here().done >= 1)
            on_s3.stop()
            try:
                api.release()
                waits = until(lambda: (now := run.progress_here()).state == "waiting" and now)
                assert waits.done == CALLS, "collecting went on"
                assert "can't be reached" in waits.reason
                assert not ended
            finally:
                on_s3.start()
        assert ended[0].state == "complete"
        assert set(asked(api).values()) == {1}
    there = ladle.open_run(machine("b"), run.id)
    assert there.progress().state == "complete"
    assert len(there.requests(limit=100)) == CALLS
    assert ladle.snapshot("swapi/people", home=machine("b")).manifest.rows == 82


def test_who_drives_in_slices_is_told_to_come_again_when_s3_is_away(machine: Machine, on_s3: S3Server) -> None:
    with swapi() as api:
        run = start(machine("a"), api)
        on_s3.stop()
        try:
            waits = drive(run, seconds=30)
            assert waits.state == "waiting"
            assert waits.wake_at is not None
            assert "can't be reached" in waits.reason
            with pytest.raises(Unreachable):
                ladle.list_runs(run.home)
        finally:
            on_s3.start()
        assert not api.requests
        assert drive(run, seconds=30).state == "complete"


def test_the_gaps_of_a_run_are_tried_again_on_another_machine(machine: Machine) -> None:
    there, route = threading.Event(), good("people4")
    with swapi(people4=lambda request: route(request) if there.is_set() else answer("gone", status=410)) as api:
        run = start(machine("a"), api)
        assert drive(run).state == "incomplete"
        before = asked(api)
        there.set()
        again = ladle.retry(machine("b"), run.id)
        assert drive(ladle.open_run(machine("c"), again.id)).state == "complete"
        assert set(asked(api) - before) == {"/api/people/?page=4"}
    assert ladle.snapshot(again.id, home=machine("d")).manifest.continues == run.id


def test_what_a_killed_driver_left_of_a_snapshot_is_finished_or_removed_by_the_next(
    machine: Machine, home: str, on_s3: S3Server
) -> None:
    store = on_s3.store(home)
    with swapi() as api:
        published, begun = start(machine("a"), api), start(machine("a"), api)
        ended = drive(published)
        assert ended.state == "complete"
    # As after a kill behind the manifest, and after one in the middle of the files.
    store.delete("snapshots/swapi/people/series.json", "snapshots/datasets.json")
    left = f"snapshots/swapi/people/{begun.id}/data.0123456789abcdef.csv"
    store.put(left, b"half of it")
    for run in (published, begun):
        store.put(f"runs/{run.id}/progress.json", replace(ended, run=run.id, state="finishing").to_json())
    assert not ladle.snapshot_ids(home=machine("b"))
    assert drive(ladle.open_run(machine("b"), published.id)).state == "complete"
    assert ladle.snapshot("swapi/people", home=machine("c")).id == published.id
    assert ladle.cancel(ladle.open_run(machine("b"), begun.id)).state == "cancelled"
    assert store.get(left) is None
    with pytest.raises(Conflict, match="has ended"):
        ladle.cancel(ladle.open_run(machine("b"), published.id))


def test_a_later_run_on_another_machine_asks_only_what_has_changed(machine: Machine) -> None:
    def tagged(name: str) -> Callable[[Request], object]:
        route = good(name)

        def page(request: Request) -> object:
            if request.headers.get("if-none-match") == '"same"':
                return answer(b"", status=304)
            found = route(request)
            return replace(found, headers={**found.headers, "ETag": '"same"'})

        return page

    script = {path: tagged(name) for name, path in (("people", "/api/people/"), ("planets", "/api/planets/"))}
    with swapi(**script) as api:
        assert drive(start(machine("a"), api)).unchanged == 0
        assert drive(start(machine("b"), api)).unchanged == CALLS


def test_a_lease_has_one_holder_and_a_greater_number_each_time(home: str, on_s3: S3Server) -> None:
    now = [1000.0]
    one, other = (Lease(on_s3.store(home), "lease", by=name, clock=lambda: now[0]) for name in ("one", "other"))
    assert not one.is_held_elsewhere()
    assert one.acquire()
    assert other.is_held_elsewhere()
    assert not other.acquire()
    now[0] += TERM - 1
    assert one.renew()
    now[0] += TERM - 1
    assert not other.acquire()
    now[0] += 2
    assert other.acquire(), "the term is over"
    assert (one.fence, other.fence) == (1, 2)
    assert not one.renew()
    one.release()
    assert one.is_held_elsewhere(), "what is not ours any more is not given back"
    other.release()
    assert one.acquire()
    assert one.fence == 3
    now[0] += 10 * TERM
    assert one.renew(), "nobody has taken it meanwhile"
