"""A Redis that goes away in the middle of a run: takes it away in several ways, looks at what the run says and asks."""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest

import ladle
from ladle.cli.bar import told
from ladle.testing import ScriptedApi
from tests.apis import KEY, cities, openweather, start
from tests.valkey import Valkey

CITIES, BEFORE = 60, 25
LIMIT, SECONDS = 20, 1.0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Valkey]:
    folder = tmp_path / "valkey"
    folder.mkdir()
    with Valkey(folder) as server:
        yield server


def begun(api: ScriptedApi, folder: Path) -> ladle.Run:
    where = {"OPENWEATHER_CITIES": cities(folder, CITIES), "OPENWEATHER_API_KEY": KEY}
    quota = f"{LIMIT} per {SECONDS:g} seconds"
    return start(api, folder / "home", dataset="openweather/cities", quota=quota, pace="fast", **where)


def fullest(api: ScriptedApi) -> int:
    times = sorted(request.arrived for request in api.requests)
    return max(n + 1 - bisect_right(times, at - SECONDS) for n, at in enumerate(times))


async def driven(run: ladle.Run, redis: Valkey, heard: list[ladle.Progress], *, seconds: float | None = None) -> None:
    env = {"OPENWEATHER_API_KEY": KEY, "LADLE_QUOTA_URL": redis.url}
    await ladle.drive(run, env=env, seconds=seconds, on_progress=heard.append, chance=lambda: 0.0)


@pytest.mark.parametrize("how", ["hangs", "is killed"])
def test_a_run_whose_redis_goes_away_says_so_and_goes_on_by_itself_when_it_is_back(
    own: Valkey, tmp_path: Path, how: str
) -> None:
    heard: list[ladle.Progress] = []
    with openweather() as api:
        run = begun(api, tmp_path)
        driving = threading.Thread(target=lambda: asyncio.run(driven(run, own, heard)))
        driving.start()
        api.wait_for(BEFORE)
        (own.stop if how == "hangs" else own.kill)()
        while not (heard and heard[-1].reason):
            driving.join(0.02)
            assert driving.is_alive()
        waiting = heard[-1]
        (own.go_on if how == "hangs" else own.start)()
        driving.join()
        assert waiting.state == "waiting"
        assert waiting.reason.startswith(f"The quota ledger redis://127.0.0.1:{own.port}/0 can't be reached")
        assert "waiting: The quota ledger redis" in told(waiting)
        assert (heard[-1].state, heard[-1].done, heard[-1].reason) == ("complete", CITIES, "")
        assert len(api.requests) == CITIES
        assert fullest(api) <= LIMIT


def test_a_slice_that_ends_while_redis_is_away_leaves_the_run_waiting_with_the_reason(
    own: Valkey, tmp_path: Path
) -> None:
    heard: list[ladle.Progress] = []
    own.kill()
    with openweather() as api:
        run = begun(api, tmp_path)
        asyncio.run(driven(run, own, heard, seconds=1.5))
        assert (run.state, api.requests) == ("waiting", [])
        assert "can't be reached" in run.progress().reason
        own.start()
        asyncio.run(driven(run, own, heard))
        assert run.state == "complete"


def test_a_run_of_the_command_line_is_refused_where_redis_cannot_be_reached_at_its_start(
    own: Valkey, tmp_path: Path
) -> None:
    own.kill()
    with openweather() as api:
        run, heard = begun(api, tmp_path), list[ladle.Progress]()
        asyncio.run(driven(run, own, heard))
        assert (heard[-1].state, api.requests) == ("failed", [])
        assert "Is Redis running there?" in heard[-1].reason
