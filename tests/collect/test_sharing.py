"""One run over several workers in one process: the same files as one makes, and nothing asked for twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.segment import of_helpers
from ladle.testing import Answer, Numbered, Request, ScriptedApi, answer, fullest, hang, paged
from tests.apis import drive, entries, targets
from tests.collect.many import Helper, Office, begun, files, helping, together

PAGES = 400
QUICK = paged(Numbered(PAGES * 10))
BATCHED = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
concurrency = 2
workers = {workers}
[resources.people]
path = "api/people"
params = {{ ids = "{{id}}" }}
records = "results"
key = "id"
each = {{ values = [{values}], key = "id" }}
batch = {{ size = 4, join = "," }}
[datasets.people]
resource = "people"
"""


@pytest.fixture(scope="module")
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi({"/api/people": good}) as api:
        yield api


@pytest.fixture(scope="module")
def alone(api: ScriptedApi, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that one worker makes."""
    home = tmp_path_factory.mktemp("alone")
    return files(home, drive(begun(api.url, home, workers=1)))


def good(request: Request) -> Answer:
    """A page that takes a moment, so that one worker is not done before another has come."""
    return replace(QUICK(request), fault="drip", chunk=1 << 20, pause=0.03)


def repeated(api: ScriptedApi, *, since: int = 0) -> list[str]:
    """What was asked for more than once."""
    return [target for target, times in Counter(targets(api)[since:]).items() if times > 1]


def broken(pages: dict[int, Answer]) -> Callable[[Request], Answer]:
    """The pages, but for some."""
    return lambda request: pages.get(int(request.query.get("page", "1"))) or good(request)


def test_the_files_are_those_of_one_worker_and_every_page_is_asked_for_once(
    api: ScriptedApi, alone: dict[str, bytes], tmp_path: Path
) -> None:
    before = len(api.requests)
    run = begun(api.url, tmp_path)
    seen: list[ladle.Progress] = []
    office = Office()
    progress, made = asyncio.run(together(run, office=office, on_progress=seen.append))
    assert (progress.state, progress.done, progress.requests) == ("complete", PAGES, PAGES)
    assert files(tmp_path, progress) == alone
    assert repeated(api, since=before) == []
    assert min(made) > 0
    assert max(each.workers for each in seen) == 3
    assert (progress.workers, office.rows, office.most_waiting <= 2) == (1, {}, True)
    assert [line.number for line in run.requests(limit=1000)] == list(range(1, PAGES + 1))


def test_a_source_that_does_not_say_so_is_collected_by_one_worker(api: ScriptedApi, tmp_path: Path) -> None:
    run, office = begun(api.url, tmp_path, workers=1), Office()
    progress, made = asyncio.run(together(run, office=office))
    assert (progress.state, office.given, made) == ("complete", 0, [0, 0])
    assert of_helpers(run.folder) == []


def test_what_fails_for_one_worker_fails_for_several_and_is_asked_for_as_often(tmp_path: Path) -> None:
    bad = {
        40: answer("gone", status=410),
        41: answer("down", status=500),
        150: answer("<html>", headers={"Content-Type": "text/html"}),
        151: answer({"detail": "Not found."}, status=410),
    }
    with ScriptedApi({"/api/people": broken(bad)}) as api:
        one = drive(begun(api.url, tmp_path / "one", workers=1))
        before = Counter(targets(api))
        run = begun(api.url, tmp_path / "three")
        three, made = asyncio.run(together(run))
        assert Counter(targets(api)) == Counter({target: 2 * times for target, times in before.items()})
    assert (one.state, three.state) == ("incomplete", "incomplete")
    assert sorted((gap.key, gap.reason) for gap in three.gaps) == sorted((gap.key, gap.reason) for gap in one.gaps)
    assert (three.requests, three.done, three.records) == (one.requests, one.done, one.records)
    assert files(tmp_path / "three", three) == files(tmp_path / "one", one)
    assert min(made) > 0


def test_a_failure_of_the_moment_is_tried_again_by_the_helper_that_met_it(
    alone: dict[str, bytes], tmp_path: Path
) -> None:
    with ScriptedApi({"/api/people": good}) as api:
        for page in (50, 120, 200):
            api.fail(f"/api/people?page={page}", answer("", status=503))
        progress, _ = asyncio.run(together(begun(api.url, tmp_path)))
        assert sorted(repeated(api)) == [f"/api/people?page={page}" for page in (120, 200, 50)]
    assert (progress.state, progress.requests) == ("complete", PAGES + 3)
    assert files(tmp_path, progress) == alone


async def _until(true: Callable[[], Any]) -> None:
    while not true():  # noqa: ASYNC110 - files tell nobody
        await asyncio.sleep(0.01)


def test_a_helper_that_dies_in_the_middle_costs_what_it_had_under_way(alone: dict[str, bytes], tmp_path: Path) -> None:
    held = asyncio.Event()

    def script(request: Request) -> Answer:
        return hang(good(request).body) if held.is_set() else good(request)

    async def killed(api: ScriptedApi, run: ladle.Run) -> ladle.Progress:
        office, stop = Office(), asyncio.Event()
        helper = asyncio.create_task(helping(run, Helper(office, "doomed"), stop=stop, env={}))
        driving = asyncio.create_task(ladle.drive(run, hands=office, env={}))
        await asyncio.wait_for(office.taken.wait(), 30)
        held.set()
        await asyncio.sleep(0.2)  # whatever is under way hangs now
        office.ended.add("doomed")
        helper.cancel()
        await asyncio.gather(helper, return_exceptions=True)
        held.clear()
        api.release()
        return await driving

    with ScriptedApi({"/api/people": script}) as api:
        run = begun(api.url, tmp_path)
        progress = asyncio.run(killed(api, run))
        again = repeated(api)
    assert progress.state == "complete"
    assert files(tmp_path, progress) == alone
    assert 0 < len(again) <= 4
    assert of_helpers(run.folder)


def test_a_driver_that_dies_leaves_what_its_helpers_wrote_to_the_next(alone: dict[str, bytes], tmp_path: Path) -> None:
    async def killed(run: ladle.Run) -> ladle.Progress:
        office, stop = Office(), asyncio.Event()
        helpers = [
            asyncio.create_task(helping(run, Helper(office, f"{n}"), stop=stop, env={})) for n in range(2)
        ]  # fmt: skip
        first = asyncio.create_task(ladle.drive(run, hands=office, env={}))
        await asyncio.wait_for(office.taken.wait(), 30)
        await _until(lambda: any(path.stat().st_size > 1000 for path in of_helpers(run.folder)))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        stop.set()
        await asyncio.gather(*helpers)
        assert not run.progress().is_over
        second, _ = await together(run)
        return second

    with ScriptedApi({"/api/people": good}) as api:
        run = begun(api.url, tmp_path)
        progress = asyncio.run(killed(run))
        assert len(repeated(api)) <= 4  # the driver's own; the helpers could finish theirs
    assert (progress.state, progress.done) == ("complete", PAGES)
    assert files(tmp_path, progress) == alone


def test_a_pause_stops_the_helpers_too_and_nothing_is_lost(alone: dict[str, bytes], tmp_path: Path) -> None:
    async def paused(run: ladle.Run) -> tuple[ladle.Progress, Office]:
        office = Office()

        def tell(progress: ladle.Progress) -> None:
            if progress.workers > 1 and progress.state == "running":
                ladle.pause(run, patience=0)

        progress, _ = await together(run, office=office, on_progress=tell)
        return progress, office

    with ScriptedApi({"/api/people": good}) as api:
        run = begun(api.url, tmp_path)
        progress, office = asyncio.run(paused(run))
        assert (progress.state, office.rows) == ("paused", {})
        assert progress.done < PAGES
        ladle.resume(run)
        again, _ = asyncio.run(together(run))
        assert repeated(api) == []
    assert files(tmp_path, again) == alone


def test_a_run_taken_up_again_knows_what_was_taken_up(api: ScriptedApi, tmp_path: Path) -> None:
    run = begun(api.url, tmp_path)

    async def stopped() -> ladle.Progress:
        stop = asyncio.Event()

        def tell(progress: ladle.Progress) -> None:
            if progress.workers > 1:
                stop.set()

        return (await together(run, stop=stop, on_progress=tell))[0]

    first = asyncio.run(stopped())
    lines = run.requests(limit=1000)
    assert not first.is_over
    assert of_helpers(run.folder)
    assert (first.done, len(lines)) == (first.requests, first.requests)
    second, _ = asyncio.run(together(run))
    assert (second.state, second.requests) == ("complete", PAGES)
    assert run.requests(limit=len(lines)) == lines


def test_a_collection_that_moves_is_settled_though_several_read_it(tmp_path: Path) -> None:
    people = [{"id": number, "name": f"record {number}"} for number in range(1, 1501)]

    def script(request: Request) -> Answer:
        if request.query.get("page") == "90" and len(people) == 1500:
            del people[0]
        return paged(people)(request)

    with ScriptedApi({"/api/people": script}) as api:
        run = begun(api.url, tmp_path)
        progress, made = asyncio.run(together(run))
    snapshot = ladle.snapshot(str(progress.snapshot), home=tmp_path)
    assert (progress.state, snapshot.manifest.rows, min(made) > 0) == ("complete", 1499, True)
    assert snapshot.manifest.reread > 0
    assert [row["id"] for row in snapshot.rows(limit=2)] == [2, 3]


def test_batches_that_fall_are_asked_for_one_by_one_by_whoever_has_them(tmp_path: Path) -> None:
    def script(request: Request) -> Answer:
        ids = [int(each) for each in request.query["ids"].split(",")]
        if any(each % 50 == 0 for each in ids):
            return answer("one is unknown", status=404)
        return answer({"results": [{"id": each} for each in ids]})

    text = BATCHED.replace("{values}", ", ".join(f'"{number}"' for number in range(1, 601)))
    with ScriptedApi({"/api/people": script}) as api:
        one = drive(begun(api.url, tmp_path / "one", workers=1, text=text))
        before = Counter(targets(api))
        three, made = asyncio.run(together(begun(api.url, tmp_path / "three", text=text)))
        assert Counter(targets(api)) == Counter({target: 2 * times for target, times in before.items()})
    assert len(one.gaps) == 12
    assert {gap.key for gap in three.gaps} == {gap.key for gap in one.gaps}
    assert files(tmp_path / "three", three) == files(tmp_path / "one", one)
    assert max(made) > 0


def test_all_workers_together_keep_one_quota(tmp_path: Path) -> None:
    with ScriptedApi({"/api/people": paged(Numbered(1200))}) as api:
        run = begun(api.url, tmp_path, quota='quota = "40 per second"\npace = "fast"')
        progress, _ = asyncio.run(together(run))
        assert (progress.state, progress.refused) == ("complete", 0)
        assert fullest(api.arrivals, seconds=1.0) <= 40


def test_a_site_that_is_down_ends_the_run_whoever_notices(tmp_path: Path) -> None:
    down = asyncio.Event()

    def script(request: Request) -> Answer:
        if int(request.query.get("page", "1")) > 120:
            down.set()
        return answer("down", status=500) if down.is_set() else good(request)

    with ScriptedApi({"/api/people": script}) as api:
        progress, _ = asyncio.run(together(begun(api.url, tmp_path)))
    assert (progress.state, len(progress.gaps) <= 4) == ("failed", True)  # what came late may have been good
    assert "seems to be down" in progress.reason


def test_every_reader_sees_the_same_order_whenever_it_reads(api: ScriptedApi, tmp_path: Path) -> None:
    run = begun(api.url, tmp_path)
    seen: list[str] = []

    def look(_: ladle.Progress) -> None:
        seen.extend(line.key for line in run.requests(after=len(seen), limit=1000))

    asyncio.run(together(run, on_progress=look))
    assert len(seen) > 0
    assert [entry.key for entry in entries(run)][: len(seen)] == seen
