"""Pause, cancel, resume: takes runs at every stage and wishes from elsewhere, looks at what becomes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle import control
from ladle.collect import slice as slice_module
from ladle.collect.slice import GRACE
from ladle.control import Wish
from ladle.home import write_whole
from ladle.testing import Answer, Request, ScriptedApi, answer, hang, later
from tests.apis import CALLS, KEY, cities, drive, entries, openweather, start, swapi, targets, weather

CITIES = "openweather/cities"
WISHES: dict[str, Callable[..., ladle.Progress]] = {"paused": ladle.pause, "cancelled": ladle.cancel}
both = pytest.mark.parametrize("state", sorted(WISHES))


def hanging(first: int) -> Callable[[Request], Answer]:
    """Cities that never answer, but for the first so many."""

    def script(request: Request) -> Answer:
        city = int(request.query["id"])
        return answer(weather(city)) if city <= first else hang(weather(city))

    return script


def of_cities(api: ScriptedApi, folder: Path, number: int, **settings: Any) -> ladle.Run:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(folder, number), "OPENWEATHER_API_KEY": KEY}
    return start(api, folder / "home", dataset=CITIES, **where, **settings)


def driven_until(run: ladle.Run, happens: Callable[[], object], then: Callable[[], Any]) -> tuple[ladle.Progress, Any]:
    """Drive the run in a thread's loop; when `happens` returns, do `then` from here. Gives what both came to."""

    async def both_of_them() -> tuple[ladle.Progress, Any]:
        driving = asyncio.create_task(ladle.drive(run, env={"OPENWEATHER_API_KEY": KEY}, chance=lambda: 0.0))
        await asyncio.to_thread(happens)
        told = await asyncio.to_thread(then)
        return await driving, told

    return asyncio.run(both_of_them())


@both
def test_a_driven_run_stops_though_the_api_hangs_and_what_was_in_flight_counts_in_the_quota(
    tmp_path: Path, state: str
) -> None:
    with ScriptedApi(hanging(1)) as api:
        run = of_cities(api, tmp_path, 30, quota="20 per hour", pace="fast")
        begun = time.monotonic()
        end, told = driven_until(run, lambda: api.wait_for(9), lambda: WISHES[state](run, by="a test"))
        assert time.monotonic() - begun < GRACE + 10
        assert (end.state, end.done, end.reason) == (state, 1, f"{state.capitalize()} by a test.")
        assert (told.state, run.state, run.is_driven()) == (state, state, False)
        assert end.is_over == (state == "cancelled")
        assert [line.used for line in end.quota] == [9]
        assert len(api.requests) == 9
        assert control.read_wish(run) is None


def test_a_paused_run_is_resumed_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    with ScriptedApi(hanging(0)) as api:
        run = of_cities(api, tmp_path, 20)

        def ask() -> ladle.Progress:
            told = ladle.pause(run, patience=1)  # by then the driver knows, and what hangs has another second
            api.release()
            return told

        end, told = driven_until(run, lambda: api.wait_for(1), ask)
        assert (told.state, end.state, end.done) == ("running", "paused", 1)
        assert drive(run).state == ladle.pause(run).state == "paused"
        assert ladle.resume(run).state == ladle.resume(run).state == "queued"
        again = drive(run)
        assert (again.state, again.done, again.reason) == ("complete", 20, "")
        assert len(set(targets(api))) == len(api.requests) == 20


@both
def test_a_run_that_nobody_drives_is_stopped_by_who_asks(tmp_path: Path, state: str) -> None:
    with swapi() as api:
        run = start(api, tmp_path)
        assert WISHES[state](run).state == WISHES[state](run).state == state
        assert drive(run).state == run.state == state
        assert api.requests == []


def test_what_a_cancelled_run_collected_stays_to_be_looked_at(tmp_path: Path) -> None:
    with swapi(people2=hang()) as api:
        run = start(api, tmp_path)
        end, _ = driven_until(run, lambda: api.wait_for(9), lambda: ladle.cancel(run))
        assert (end.state, end.snapshot) == ("cancelled", None)
        assert next(run.so_far())["name"] == "Luke Skywalker"
        assert len(run.requests()) == end.done > 0
        assert ladle.all_snapshots(home=tmp_path) == []


@pytest.mark.parametrize(
    ("ended", "wrong"),
    [
        ("complete", ladle.pause),
        ("complete", ladle.cancel),
        ("complete", ladle.resume),
        ("failed", ladle.pause),
        ("failed", ladle.cancel),
        ("cancelled", ladle.pause),
        ("cancelled", ladle.resume),
    ],
)
def test_what_can_t_be_done_names_the_state_and_the_remedy(
    tmp_path: Path, ended: str, wrong: Callable[[ladle.Run], object]
) -> None:
    with swapi(people1=answer("", status=403)) if ended == "failed" else swapi() as api:
        run = start(api, tmp_path)
        assert (ladle.cancel(run) if ended == "cancelled" else drive(run)).state == ended
        remedy = f"Go on with: ladle resume {run.id}" if ended == "failed" else "ladle collect swapi/people"
        with pytest.raises(ladle.Conflict, match=f"has ended: {ended}") as raised:
            wrong(run)
    assert remedy in str(raised.value)
    assert run.state == ended


def test_a_failed_run_is_resumed_and_what_it_had_is_not_asked_for_again(tmp_path: Path) -> None:
    with swapi(people2=[answer("", status=403), answer(b"")]) as api:
        run = start(api, tmp_path)
        assert drive(run).state == "failed"
        had = [entry.key for entry in entries(run) if entry.kind == "answer"]
        assert ladle.resume(run).state == "queued"
        drive(run)
        asked = targets(api)
    assert had
    assert all(asked.count(f"/api/{key.replace('?', '/?')}") == 1 for key in had)


def test_a_wish_that_a_killed_driver_left_is_carried_out_by_the_next(tmp_path: Path) -> None:
    with swapi() as api:
        run = start(api, tmp_path)
        write_whole(run.folder / "wish.json", b'{"kind": "pause", "by": "a test", "at": 1.0}')
        assert drive(run).state == "paused"
        assert api.requests == []
        ladle.resume(run)
        assert drive(run).state == "complete"


@both
def test_a_build_is_thrown_away_before_it_is_published(tmp_path: Path, state: str) -> None:
    with swapi() as api:
        run = start(api, tmp_path)

        def leave_a_wish(progress: ladle.Progress) -> None:
            if progress.state == "finishing":
                control._leave(run, Wish(kind="pause" if state == "paused" else "cancel", by="a test", at=1.0))

        assert drive(run, on_progress=leave_a_wish).state == state
        assert ladle.all_snapshots(home=tmp_path) == []
        assert [path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()] == []
        if state == "paused":
            ladle.resume(run)
            assert drive(run).state == "complete"
            assert len(api.requests) == CALLS


def test_it_is_too_late_to_cancel_what_is_published(tmp_path: Path) -> None:
    with swapi() as api:
        run = start(api, tmp_path)
        kept: list[bytes] = []

        def remember(progress: ladle.Progress) -> None:
            if progress.state == "finishing":
                kept.append((run.folder / "progress.json").read_bytes())

        assert drive(run, on_progress=remember).state == "complete"
        # As a kill leaves it between the snapshot's name and the run's last word.
        (run.folder / "progress.json").write_bytes(kept[0])
        with pytest.raises(ladle.Conflict, match="too late to cancel"):
            ladle.cancel(run)
        assert (run.state, drive(run).state) == ("finishing", "complete")


def test_a_run_whose_quota_is_spent_says_that_it_waits_and_until_when(tmp_path: Path) -> None:
    seen: list[ladle.Progress] = []
    with openweather() as api:
        run = of_cities(api, tmp_path, 5, quota="3 per hour", pace="fast")

        async def until_it_waits() -> ladle.Progress:
            waits, stop = asyncio.Event(), asyncio.Event()

            def look(progress: ladle.Progress) -> None:
                seen.append(progress)
                if progress.state == "waiting":
                    waits.set()

            env = {"OPENWEATHER_API_KEY": KEY}
            driving = asyncio.create_task(ladle.drive(run, stop=stop, env=env, on_progress=look))
            await asyncio.wait_for(waits.wait(), 60)
            stop.set()
            return await driving

        begun = time.time()
        end = asyncio.run(until_it_waits())
    waiting = next(each for each in seen if each.state == "waiting")
    assert waiting.wake_at is not None
    assert begun + 3500 < waiting.wake_at < time.time() + 3700
    assert (waiting.done, waiting.asked_to_wait) == (3, False)
    assert (end.state, end.wake_at) == ("running", None)


def test_a_run_that_was_told_to_come_back_later_says_that_it_waits_and_goes_on_by_itself(tmp_path: Path) -> None:
    waits: list[float] = []
    with ScriptedApi(hanging(0)) as api:

        def look(progress: ladle.Progress) -> None:
            waits.extend([progress.wake_at] if progress.wake_at else [])
            if waits and progress.state == "running":
                api.release()

        api.fail("*", later(status=429, after=6))
        run = of_cities(api, tmp_path, 3, quota="100 per minute", pace="fast")
        assert drive(run, on_progress=look).state == "complete"
    woken = max(waits)
    assert 0 <= api.arrivals[1] - (woken - time.time() + time.monotonic()) < 1


async def test_a_stop_is_bounded_though_the_api_hangs(tmp_path: Path) -> None:
    with ScriptedApi(hanging(1)) as api:
        run = of_cities(api, tmp_path, 30)
        stop = asyncio.Event()
        driving = asyncio.create_task(ladle.drive(run, stop=stop, env={"OPENWEATHER_API_KEY": KEY}))
        await asyncio.to_thread(api.wait_for, 9)
        stop.set()
        end = await asyncio.wait_for(driving, GRACE + 10)
        assert (end.state, end.done, run.is_driven()) == ("running", 1, False)
        api.release()
        again = await ladle.drive(run, env={"OPENWEATHER_API_KEY": KEY})
    assert (again.state, len(api.requests)) == ("complete", 9 + 29)


def test_a_build_that_outlasts_the_grace_of_a_stop_is_thrown_away_and_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with swapi() as api:
        run = start(api, tmp_path)

        async def stopped_while_finishing() -> ladle.Progress:
            stop = asyncio.Event()

            def look(progress: ladle.Progress) -> None:
                if progress.state == "finishing":
                    stop.set()

            return await ladle.drive(run, stop=stop, on_progress=look)

        with monkeypatch.context() as patch:
            patch.setattr(slice_module, "GRACE", -1.0)
            end = asyncio.run(stopped_while_finishing())
        assert (end.state, end.done, run.is_driven()) == ("finishing", CALLS, False)
        assert [path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()] == []
        assert (drive(run).state, len(api.requests)) == ("complete", CALLS)
