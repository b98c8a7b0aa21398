"""A run over its life: takes limits, slices, stops and two drivers at once, looks at who is called and how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.testing import Answer, Request, ScriptedApi, answer, hang, later
from tests.apis import (
    CALLS,
    KEY,
    cities,
    collected,
    drive,
    openweather,
    page,
    start,
    swapi,
    taken,
    targets,
    weather,
)

CITIES = "openweather/cities"


def test_a_run_is_driven_in_slices_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 15), "OPENWEATHER_API_KEY": KEY}
    with openweather() as api:
        run = start(api, tmp_path / "home", dataset=CITIES, quota="5 per second", pace="fast", **where)
        slices = [drive(run, seconds=0.5)]
        while not slices[-1].is_over:
            assert run.progress() == slices[-1]
            if slices[-1].state == "waiting":
                assert slices[-1].wake_at is not None
                time.sleep(max(0.0, slices[-1].wake_at - time.time()))  # as a worker does
            slices.append(drive(run, seconds=0.5))
        assert {each.state for each in slices[:-1]} <= {"waiting", "running"}
        assert "waiting" in {each.state for each in slices}
        assert [each.done for each in slices] == sorted(each.done for each in slices)
        assert (slices[-1].state, slices[-1].done) == ("complete", 15)
        assert len(set(targets(api))) == len(api.requests) == 15
    assert [row["city_id"] for row in taken(slices[-1], tmp_path / "home").rows(limit=20)] == list(range(1, 16))


def data(home: Path) -> dict[str, bytes]:
    """The files of the home's only snapshot, but for the manifest with its times."""
    (folder,) = (home / "snapshots" / "openweather" / "cities").iterdir()
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def test_a_run_that_was_taken_up_again_has_the_files_of_an_undisturbed_one(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 12), "OPENWEATHER_API_KEY": KEY}
    with openweather() as api:
        assert drive(start(api, tmp_path / "whole", dataset=CITIES, **where)).state == "complete"
    with ScriptedApi(hanging(1)) as api:
        run = start(api, tmp_path / "parts", dataset=CITIES, **where)
        asyncio.run(stopped(run, api, after=5))
        assert list((tmp_path / "parts/snapshots").rglob("*.*")) == [], "nothing is left of a table that was begun"
        assert drive(run).state == "complete"
    assert data(tmp_path / "whole") == data(tmp_path / "parts")


def test_a_slice_without_time_leaves_the_run_for_the_next_one(tmp_path: Path) -> None:
    with swapi() as api:
        run = start(api, tmp_path)
        assert drive(run, seconds=0).state == "running"
        assert run.state == "running"
        assert drive(run).state == "complete"
        assert len(set(targets(api))) == len(api.requests) == CALLS


async def stopped(run: ladle.Run, api: ScriptedApi, *, after: int) -> ladle.Progress:
    """Drive a run, ask it to stop when so many requests have arrived, then let go what hangs."""
    stop = asyncio.Event()
    driving = asyncio.create_task(ladle.drive(run, stop=stop, env={"OPENWEATHER_API_KEY": KEY}))
    await asyncio.to_thread(api.wait_for, after)
    stop.set()
    api.release()
    return await driving


def hanging(first: int) -> Callable[[Request], Answer]:
    """Cities that answer when they are let go, but for the first so many."""

    def script(request: Request) -> Answer:
        city = int(request.query["id"])
        return answer(weather(city)) if city <= first else hang(weather(city))

    return script


def test_a_stop_lets_what_is_in_flight_come_home_and_no_more_than_the_definitions_number_is(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 30), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(hanging(1)) as api:
        run = start(api, tmp_path / "home", dataset=CITIES, **where)
        assert run.source.concurrency == 8
        end = asyncio.run(stopped(run, api, after=1 + 8))
        assert (end.state, end.done, len(api.requests)) == ("running", 9, 9)
        assert not run.is_driven()
        again = drive(run)
        assert (again.state, again.done, again.gaps) == ("complete", 30, ())
        assert len(set(targets(api))) == len(api.requests) == 30


def test_calls_that_wait_for_their_permit_are_let_go_by_a_stop(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 30), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(hanging(1)) as api:
        run = start(api, tmp_path / "home", dataset=CITIES, quota="4 per hour", pace="fast", **where)
        end = asyncio.run(stopped(run, api, after=4))
        assert (end.state, end.done, len(api.requests)) == ("running", 4, 4)


def test_a_run_has_one_driver_at_a_time(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 3), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(hanging(0)) as api:
        run = start(api, tmp_path / "home", dataset=CITIES, **where)

        async def twice() -> ladle.Progress:
            first = asyncio.create_task(ladle.drive(run, env={"OPENWEATHER_API_KEY": KEY}))
            await asyncio.to_thread(api.wait_for, 1)
            assert run.is_driven()
            with pytest.raises(ladle.Conflict, match=run.id):
                await ladle.drive(run, env={"OPENWEATHER_API_KEY": KEY})
            api.release()
            return await first

        assert asyncio.run(twice()).state == "complete"
        assert len(api.requests) == 3


def test_a_run_that_is_over_is_not_driven_again(tmp_path: Path) -> None:
    with swapi() as api:
        run = start(api, tmp_path)
        end = drive(run)
        assert drive(run) == end == run.progress()
        assert len(api.requests) == CALLS


def test_rows_can_be_looked_at_while_a_run_goes_on(tmp_path: Path) -> None:
    with swapi(people2=hang()) as api:
        run = start(api, tmp_path)
        assert list(run.so_far()) == []
        asyncio.run(stopped(run, api, after=9))
        names = [row["name"] for row in run.so_far()]
        assert names[:2] == ["Luke Skywalker", "C-3PO"]
        assert len(names) >= 10


def test_a_wait_that_the_api_asked_for_outlives_its_driver(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 3), "OPENWEATHER_API_KEY": KEY}
    down: dict[str, Any] = {"2": later(status=503, after=3600)}

    with ScriptedApi(lambda request: down.get(request.query["id"]) or weather(int(request.query["id"]))) as api:
        run = start(api, tmp_path / "home", dataset=CITIES, **where)
        begun = time.time()
        first, second = drive(run, seconds=20), drive(run, seconds=20)
        assert len(api.requests) == 3
        for each in (first, second):
            assert (each.state, each.done) == ("waiting", 2)
            assert each.wake_at is not None
            assert begun + 3600 <= each.wake_at <= time.time() + 3600
        assert [trouble.key for trouble in second.troubles] == ["weather?id=2"]


def test_collect_in_one_call_gives_a_snapshot_a_warning_or_an_error(tmp_path: Path) -> None:
    with swapi() as api:
        seen: list[ladle.Progress] = []
        snapshot = ladle.collect("swapi/people", home=tmp_path, base_url=f"{api.url}api", on_progress=seen.append)
        assert len(snapshot) == 82
        assert seen[-1].snapshot == snapshot.id
    with (
        swapi(people4=answer("", status=404)) as api,
        pytest.warns(ladle.IncompleteWarning, match=r"people\?page=4"),
    ):
        assert len(ladle.collect("swapi/people", home=tmp_path, base_url=f"{api.url}api")) == 72
    with swapi(people1=answer("", status=403)) as api, pytest.raises(ladle.UpstreamError, match="403"):
        ladle.collect("swapi/people", home=tmp_path, base_url=f"{api.url}api")


def test_collect_works_where_an_event_loop_runs_already(tmp_path: Path) -> None:
    async def notebook(api: ScriptedApi) -> ladle.Snapshot:
        return ladle.collect("swapi/people", home=tmp_path, base_url=f"{api.url}api/")

    with swapi() as api:
        assert len(asyncio.run(notebook(api))) == 82


def test_a_second_run_takes_the_dataset_anew(tmp_path: Path) -> None:
    with swapi() as api:
        first, second = collected(api, tmp_path), collected(api, tmp_path)
        assert targets(api).count(page("people1")) == 2
    assert first.snapshot != second.snapshot
    assert [manifest.id for manifest in ladle.all_snapshots("swapi/people", home=tmp_path)] == [
        each.id for each in sorted(ladle.list_runs(ladle.Home.open(tmp_path)), key=lambda run: run.id, reverse=True)
    ]
