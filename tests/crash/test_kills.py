"""kill -9 a hundred times in one run: the same files, next to nothing asked twice, the quota kept throughout."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import ladle
from ladle.testing import Numbered, Request, ScriptedApi, fullest, paged
from tests.apis import settings
from tests.crash.warm import Warm, fast, warm
from tests.processes import send

KILLS = 100
PAGES, SIZE = 2000, 3
CONCURRENCY = 8
LIMIT, WINDOW = 300, 60.0
SPEED = 30.0
"""A minute passes in two seconds, for commands and server alike: permits of the dead are held for 70 seconds."""
FILES = ("data.csv", "data.index", "data.parquet", "profile.json")


def person(number: int) -> dict[str, object]:
    return {"name": f"person {number}", "url": f"/api/people/{number}/", "edited": "2014-12-20T21:17:56.891Z"}


class Api:
    """The people, page by page; kills whoever asks for the page that it was told to count down to."""

    def __init__(self, chance: random.Random) -> None:
        self._pages = paged(Numbered(PAGES * SIZE, person), page_size=SIZE)
        self._chance = chance
        self._lock = threading.Lock()
        self._victim: tuple[int, int] | None = None

    def kill_at(self, pid: int, requests: int) -> None:
        """Kill the process when it has made so many more requests."""
        with self._lock:
            self._victim = (pid, requests)

    def __call__(self, request: Request) -> object:
        with self._lock:
            if self._victim is not None:
                pid, left = self._victim
                self._victim = (pid, left - 1) if left > 1 else None
                if left <= 1:
                    send(pid, signal.SIGKILL)
        answer = self._pages(request)
        return replace(answer, fault="drip", chunk=len(answer.body), pause=self._chance.random() * 0.02)


def files(home: Path) -> dict[str, bytes]:
    """The one snapshot's files but for the manifest, which tells the times."""
    (manifest,) = ladle.all_snapshots(home=home)
    folder = ladle.snapshot(manifest.id, home=home).path("manifest").parent
    return {name: (folder / name).read_bytes() for name in FILES}


def where(api: ScriptedApi, home: Path) -> dict[str, str]:
    quota = f"{LIMIT} per {WINDOW:.0f} seconds"
    return {**settings(api, home), "LADLE_SWAPI_QUOTA": quota, "LADLE_SWAPI_PACE": "fast"}


def killed_often(process: Warm, script: Api, env: Mapping[str, str], log: Path, chance: random.Random) -> int:
    """Start, kill, resume, KILLS times; gives how often it had ended before it could be killed."""
    ended = 0
    for number in range(KILLS):
        words = ("collect", "swapi/people", *(("--resume",) if number else ()))
        pid = process.start(*words, env=env, log=log, speed=SPEED)
        if chance.random() < 0.7:
            script.kill_at(pid, chance.randint(1, 24))
        else:
            time.sleep(chance.random() * 0.3)  # any moment: while it starts, replays, waits or builds
            send(pid, signal.SIGKILL)
        ended += process.status() == 0
        if ended:
            break
    return ended


def test_a_hundred_kills_change_no_byte_and_cost_at_most_what_was_in_flight(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    script = Api(chance)
    clock = lambda: fast(time.time(), speed=SPEED)  # noqa: E731 - the server's clock is the commands'
    with ScriptedApi(script, clock=clock) as api, warm() as process:
        env, log = where(api, tmp_path / "often"), tmp_path / "log"
        assert not killed_often(process, script, env, log, chance), log.read_text()
        status = process.run("collect", "swapi/people", "--resume", env=env, log=log, speed=SPEED)
        assert status == 0, log.read_text()
        asked = Counter(request.query["page"] for request in api.requests)
        assert len(asked) == PAGES
        assert sum(asked.values()) - PAGES <= KILLS * CONCURRENCY
        assert fullest(api.arrivals, seconds=WINDOW) <= LIMIT
        undisturbed = where(api, tmp_path / "once") | {"LADLE_SWAPI_QUOTA": "none"}
        assert process.run("collect", "swapi/people", env=undisturbed, log=log) == 0, log.read_text()
    assert files(tmp_path / "often") == files(tmp_path / "once")
