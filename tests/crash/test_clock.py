"""A clock that is put back an hour, between two commands or under a run, neither opens the gate nor freezes it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

import ladle
from ladle.testing import Numbered, Request, ScriptedApi, fullest, paged
from tests.apis import settings
from tests.crash.warm import HOUR, fast, warm

PAGES, SIZE = 150, 2
LIMIT, WINDOW = 40, 60.0
SPEED = 60.0
"""A minute passes in a second."""


def person(number: int) -> dict[str, object]:
    return {"name": f"person {number}", "url": f"/api/people/{number}/", "edited": "2014-12-20T21:17:56.891Z"}


class Api:
    """The people; does something to the process that it is told of when so many requests have come."""

    def __init__(self) -> None:
        self._pages = paged(Numbered(PAGES * SIZE, person), page_size=SIZE)
        self._left, self._sent, self._pid = 0, signal.SIGUSR1, threading.Event()
        self.victim = 0

    def send(self, sent: signal.Signals, *, after: int) -> None:
        self._left, self._sent = after, sent

    def __call__(self, request: Request) -> object:
        self._left -= 1
        if self._left == 0:
            self._pid.wait(10)
            os.kill(self.victim, self._sent)
        return self._pages(request)

    def aim(self, pid: int) -> None:
        self.victim = pid
        self._pid.set()


@pytest.mark.parametrize("way", ["under a run", "between two commands"])
def test_a_clock_put_back_an_hour_keeps_the_quota_and_the_run_goes_on(tmp_path: Path, way: str) -> None:
    script, log = Api(), tmp_path / "log"
    with ScriptedApi(script, clock=lambda: fast(time.time(), speed=SPEED)) as api, warm() as process:
        quota = f"{LIMIT} per {WINDOW:.0f} seconds"
        env = {**settings(api, tmp_path), "LADLE_SWAPI_QUOTA": quota, "LADLE_SWAPI_PACE": "fast"}
        script.send(signal.SIGUSR1 if way == "under a run" else signal.SIGKILL, after=LIMIT + 10)
        begun = time.monotonic()
        script.aim(process.start("collect", "swapi/people", env=env, log=log, speed=SPEED))
        status = process.status()
        if way != "under a run":
            assert status == -signal.SIGKILL
            words = ("collect", "swapi/people", "--resume")
            status = process.run(*words, env=env, log=log, speed=SPEED, behind=HOUR)
        assert status == 0, log.read_text()
        assert fullest(api.arrivals, seconds=WINDOW) <= LIMIT
        # Four windows are needed and the dead's permits are held for 70 seconds; an hour would be sixty windows.
        assert (time.monotonic() - begun) * SPEED < HOUR / 2
        asked = Counter(request.query["page"] for request in api.requests)
    assert len(asked) == PAGES
    (manifest,) = ladle.all_snapshots(home=tmp_path)
    assert (manifest.rows, manifest.complete) == (PAGES * SIZE, True)
