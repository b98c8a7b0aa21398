"""Runs whose collection moves under real requests: takes an API that changes as it is read, looks at the snapshot."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

import ladle
from ladle.collect.journal import Journal
from ladle.demo.records import load_collections
from ladle.home import Home, new_id
from ladle.runs import Run, keep_run
from ladle.sources.definition import parse
from ladle.testing import Answer, Request, ScriptedApi, answer, paged
from tests.apis import CALLS, PEOPLE, PLANETS, drive, entries, start, swapi, taken, targets
from tests.collect.world import paged as resource

Records = list[dict[str, Any]]


def people() -> Records:
    return [dict(each) for each in load_collections()["people"]]


def changing(records: Records, changes: dict[int, Callable[[Records], object]]) -> Callable[[Request], Answer]:
    """Pages of a list that changes just before the request of a number (from 1)."""
    route, asked = paged(records), iter(range(1, 1_000_000))

    def script(request: Request) -> Answer:
        changes.get(next(asked), len)(records)
        return route(request)

    return script


def names(snapshot: ladle.Snapshot) -> list[object]:
    return [row["name"] for row in snapshot.rows(limit=100)]


@pytest.mark.parametrize(
    "change",
    [
        lambda records: records.pop(0),
        lambda records: records.insert(0, {**records[0], "url": "https://swapi.dev/api/people/900/", "name": "New"}),
        lambda records: records.append(records.pop(3)),
        lambda records: records.insert(2, records.pop()),
    ],
    ids=["deleted", "inserted", "moved down", "moved up"],
)
@pytest.mark.parametrize("at", [2, 5, 9])
def test_a_change_while_pages_are_read_loses_and_repeats_nothing(
    tmp_path: Path, change: Callable[[Records], object], at: int
) -> None:
    records = people()
    with swapi(**{PEOPLE: changing(records, {at: change})}) as api:
        run = start(api, tmp_path)
        end = drive(run)
    snapshot = taken(end, tmp_path)
    manifest = snapshot.manifest
    assert (end.state, end.done, end.total, end.exact) == ("complete", end.total, end.total, True)
    assert names(snapshot) == [each["name"] for each in records]
    assert (manifest.rows, manifest.claimed, manifest.duplicates) == (len(records), len(records), 0)
    assert (manifest.readings, manifest.gaps) == (2, ())
    assert end.total == len(api.requests) == CALLS + manifest.reread


def test_a_last_page_that_is_gone_when_it_is_asked_for_is_no_gap(tmp_path: Path) -> None:
    records = people()[:81]
    with swapi(**{PEOPLE: changing(records, {9: lambda found: found.pop()})}) as api:
        run = start(api, tmp_path, quota="none")
        end = drive(run)
    assert (end.state, end.gaps, end.records) == ("complete", (), 80)
    past = [entry for entry in entries(run) if entry.key == "people?page=9" and entry.kind == "answer"]
    assert [(entry.status, entry.body, entry.records) for entry in past][-1] == (404, b"", 0)
    again = ladle.open_run(ladle.Home.open(tmp_path), run.id)
    assert list(again.so_far()) == taken(end, tmp_path).rows(limit=100)


def test_a_page_beyond_the_end_that_repeats_the_last_one_is_no_second_helping(tmp_path: Path) -> None:
    records = people()[:81]
    route = paged(records)

    def script(request: Request) -> Answer:
        if request.query.get("page") == "4" and len(records) == 81:
            records.pop(0)
        given = route(request)
        return given if given.status == 200 else paged(records)(_page(request, 8))

    with swapi(**{PEOPLE: script}) as api:
        end = drive(start(api, tmp_path))
    manifest = taken(end, tmp_path).manifest
    assert (end.state, manifest.rows, manifest.claimed) == ("complete", 80, 80)


def _page(request: Request, number: int) -> Request:
    return Request(
        **{name: getattr(request, name) for name in ("method", "path", "target", "headers", "body", "arrived")},
        query={**request.query, "page": str(number)},
    )


@pytest.mark.parametrize("beyond", [answer({"detail": "Not found"}, status=404), None], ids=["404", "empty"])
def test_a_count_that_lies_is_told_and_does_not_send_us_past_the_end(tmp_path: Path, beyond: Answer | None) -> None:
    records = people()

    def script(request: Request) -> Answer:
        first = (int(request.query.get("page", "1")) - 1) * 10
        found = records[first : first + 10]
        if not found and beyond:
            return beyond
        return answer({"count": 1_000_000, "next": None, "results": found})

    with swapi(**{PEOPLE: script}) as api:
        end = drive(start(api, tmp_path))
    assert (end.state, end.records, end.claimed) == ("incomplete", 82, 1_000_000)
    assert "1,000,000 records; 82 were found" in end.reason
    assert len(api.requests) < 40


def test_a_count_that_never_rests_ends_incomplete_after_three_readings(tmp_path: Path) -> None:
    records, fresh = people(), iter(range(1000, 2000))

    def script(request: Request) -> Answer:
        records.insert(0, {**records[0], "url": f"https://swapi.dev/api/people/{next(fresh)}/"})
        return paged(records)(request)

    with swapi(**{PEOPLE: script}) as api:
        end = drive(start(api, tmp_path))
    manifest = taken(end, tmp_path).manifest
    assert (end.state, manifest.readings) == ("incomplete", 3)
    assert "kept moving while it was read" in end.reason
    assert "still did not fit the others after 3 readings" in end.reason
    assert manifest.reread >= 10


@pytest.mark.parametrize("kept", [9, 12, 15, 18, 20])
def test_a_run_that_was_left_while_reading_again_goes_on_there(tmp_path: Path, kept: int) -> None:
    records = people()
    with swapi(**{PEOPLE: changing(records, {9: lambda found: found.pop(0)})}) as api:
        whole = start(api, tmp_path)
        end = drive(whole)
        before = len(api.requests)
        left = start(api, tmp_path)
        with Journal(left.folder, fence=1) as journal:
            for entry in entries(whole)[:kept]:
                journal.append(entry)
        resumed = drive(left)
        # Less where a page that the change made stale had not been read yet.
        assert len(api.requests) - before <= end.total - kept
    assert (resumed.state, resumed.done) == ("complete", resumed.total)
    assert taken(resumed, tmp_path).path("csv").read_bytes() == taken(end, tmp_path).path("csv").read_bytes()


def test_a_run_that_was_left_at_any_moment_knows_which_page_is_gone(tmp_path: Path) -> None:
    records = people()[:81]
    with swapi(**{PEOPLE: changing(records, {9: lambda found: found.pop()})}) as api:
        whole = start(api, tmp_path)
        end = drive(whole)
        for kept in range(9, len(entries(whole)) + 1, 3):
            left = start(api, tmp_path)
            with Journal(left.folder, fence=1) as journal:
                for entry in entries(whole)[:kept]:
                    journal.append(entry)
            resumed = drive(left)
            assert (resumed.state, resumed.records, resumed.gaps) == ("complete", 80, ()), kept
            assert taken(resumed, tmp_path).path("csv").read_bytes() == taken(end, tmp_path).path("csv").read_bytes()


def own(home: Path, url: str, *, style: str, more: str) -> Run:
    """A run of `own/things` at an address."""
    text = f'ladle = 1\nname = "own"\ntitle = "Own"\nbase_url = "{url}"\n{resource("things", style=style, told=more)}\n'
    text += '[datasets.things]\ntitle = "Things"\nresource = "things"\ncolumns = ["url"]\n'
    source = parse(text, where="own.toml", lists=lambda _resource, file, _setting: (file, ""))
    now = datetime.now(UTC)
    place, dataset = Home.open(home), source.datasets["things"]
    run = Run(home=place, id=new_id(now), created=now, source=source, dataset_definition=dataset)
    run.folder.mkdir()
    keep_run(run)
    return run


@pytest.mark.parametrize("style", ["page", "link"])
@pytest.mark.parametrize(
    "told", ['count = "count"\nnext = "next"', 'next = "next"\nverify = true'], ids=["count", "verify"]
)
def test_random_changes_under_real_requests_are_never_a_silent_loss(tmp_path: Path, style: str, told: str) -> None:
    complete = 0
    for seed in range(12):
        random = Random(seed)
        records: Records = [{"url": f"/things/{number}/"} for number in range(random.randint(5, 40))]
        states, left = [sorted(each["url"] for each in records)], random.randint(0, 3)
        route = paged(records, 4, style="page" if style == "page" else "link")
        kinds = random.choice([("insert",), ("delete",), ("move",)])

        def script(request: Request, records=records, random=random, states=states, route=route, kinds=kinds) -> Answer:  # type: ignore[no-untyped-def]
            nonlocal left
            if left and random.random() < 0.3:
                left -= 1
                change(records, random.choice(kinds), random)
                states.append(sorted(each["url"] for each in records))
            given = route(request)
            if style == "page" or given.status != 200:
                return given
            return answer({**json.loads(given.body), "count": len(records)})

        with ScriptedApi({"/v1/things/": script}) as api:
            end = drive(own(tmp_path / str(seed), f"{api.url}v1/", style=style, more=told))
        snapshot = taken(end, tmp_path / str(seed))
        found = sorted(row["url"] for row in snapshot.rows(limit=100))
        assert len(set(found)) == len(found)
        assert end.state == "incomplete" or found in states, seed
        complete += end.state == "complete"
    assert complete >= 6


def change(records: Records, kind: str, random: Random) -> None:
    """One change at a random place."""
    taken_out = records.pop(random.randrange(len(records))) if kind != "insert" else {"url": f"/new/{random.random()}/"}
    if kind != "delete":
        records.insert(random.randint(0, len(records)), taken_out)


def test_without_a_count_the_snapshot_says_what_could_not_be_seen(tmp_path: Path) -> None:
    records: Records = [{"url": f"/things/{number}/"} for number in range(9)]
    with ScriptedApi({"/v1/things/": paged(records, 4, style="link")}) as api:
        once = drive(own(tmp_path, f"{api.url}v1/", style="link", more='next = "next"'))
        twice = drive(own(tmp_path, f"{api.url}v1/", style="link", more='next = "next"\nverify = true'))
    (note,) = taken(once, tmp_path).manifest.notes
    assert note.startswith("The API tells no count")
    assert (once.total, once.state) == (3, "complete")
    assert (twice.total, twice.state, taken(twice, tmp_path).manifest.notes) == (6, "complete", ())


def test_what_stands_still_costs_15_requests(tmp_path: Path) -> None:
    with swapi() as api:
        end = drive(start(api, tmp_path))
    manifest = taken(end, tmp_path).manifest
    assert (len(targets(api)), manifest.readings, manifest.reread, manifest.notes) == (CALLS, 1, 0, ())
    assert {target.partition("?")[0] for target in targets(api)} == {PEOPLE, PLANETS}
