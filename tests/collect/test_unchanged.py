"""Asking whether anything has changed: takes APIs with ETags and dates, looks at what a second run asks and keeps."""

from __future__ import annotations

import hashlib
import json
import shutil
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.journal import Entry, Journal
from ladle.collect.kept import Kept
from ladle.demo import start_replicas
from ladle.demo.records import load_collections
from ladle.testing import Answer, Request, ScriptedApi, answer, hang, paged
from tests.apis import (
    CALLS,
    PEOPLE,
    PLANETS,
    collected,
    drive,
    entries,
    good,
    page,
    settings,
    start,
    swapi,
    taken,
    targets,
)
from tests.cli.command import ladle as ladle_command
from tests.cli.command import started

DATE = "Fri, 21 Nov 2026 12:00:00 GMT"
FILES = ("data.csv", "data.index", "data.parquet", "profile.json")


def tagged(route: Callable[[Request], Answer], *, weak: bool = False) -> Callable[[Request], Answer]:
    """The route, with an ETag of its body; 304 to whoever has it."""

    def scripted(request: Request) -> Answer:
        given = route(request)
        tag = f'{"W/" if weak else ""}"{hashlib.md5(given.body, usedforsecurity=False).hexdigest()}-gzip"'
        if request.headers.get("If-None-Match") == tag:
            return answer(b"", status=304, headers={"ETag": tag})
        return replace(given, headers={**given.headers, "ETag": tag})

    return scripted


def with_tags(**changed: Any) -> ScriptedApi:
    """The Star Wars API with ETags."""
    return swapi(**{PEOPLE: tagged(good("people1")), PLANETS: tagged(good("planets1"))} | changed)


def asked_with(api: ScriptedApi, header: str, *, after: int = 0) -> list[str]:
    """Where requests with that header went, from so many on."""
    return [request.target for request in api.requests[after:] if header in request.headers]


def files(progress: ladle.Progress, home: Path) -> Mapping[str, bytes]:
    """A snapshot's files but its manifest, which tells when it was taken."""
    snapshot = taken(progress, home)
    return {name: (snapshot.path("csv").parent / name).read_bytes() for name in FILES}


def statuses(run: ladle.Run) -> list[int | None]:
    return [line.status for line in run.requests(limit=1000)]


@pytest.mark.parametrize("weak", [False, True])
def test_a_second_collection_asks_only_what_has_changed_and_keeps_the_same_bytes(tmp_path: Path, weak: bool) -> None:
    with with_tags(**{PEOPLE: tagged(good("people1"), weak=weak), PLANETS: tagged(good("planets1"), weak=weak)}) as api:
        first, again = collected(api, tmp_path), start(api, tmp_path)
        second = drive(again)
        assert asked_with(api, "If-None-Match") == targets(api)[CALLS:]
        assert len(api.requests) == 2 * CALLS
    assert (first.state, first.unchanged) == ("complete", 0)
    assert (second.state, second.unchanged, second.done) == ("complete", CALLS, CALLS)
    assert files(first, tmp_path) == files(second, tmp_path)
    assert statuses(again) == [304] * CALLS
    manifest = taken(second, tmp_path).manifest
    assert (manifest.unchanged, manifest.requests, manifest.claimed) == (CALLS, CALLS, 82)


def test_a_journal_stands_alone_so_that_a_third_run_needs_the_second_only(tmp_path: Path) -> None:
    with with_tags() as api:
        first = collected(api, tmp_path)
        second = collected(api, tmp_path)
        shutil.rmtree(tmp_path / "runs" / first.run)
        third = collected(api, tmp_path)
    assert (second.unchanged, third.unchanged) == (CALLS, CALLS)
    assert files(third, tmp_path) == files(first, tmp_path)


def test_pages_that_have_changed_are_fetched(tmp_path: Path) -> None:
    people = [dict(record) for record in load_collections()["people"]]
    with with_tags(**{PEOPLE: tagged(paged(people))}) as api:
        collected(api, tmp_path)
        people[25]["name"] = "Jabba"
        run = start(api, tmp_path)
        end = drive(run)
    assert (end.state, end.unchanged) == ("complete", CALLS - 1)
    assert [line.key for line in run.requests(limit=100) if line.status == 200] == ["people?page=3"]
    assert taken(end, tmp_path).rows(offset=25, limit=1)[0]["name"] == "Jabba"


def test_a_date_is_asked_about_where_there_is_no_etag(tmp_path: Path) -> None:
    def dated(route: Callable[[Request], Answer], **more: str) -> Callable[[Request], Answer]:
        def scripted(request: Request) -> Answer:
            if request.headers.get("If-Modified-Since") == DATE:
                return answer(b"", status=304)
            given = route(request)
            return replace(given, headers={**given.headers, "Last-Modified": DATE, **more})

        return scripted

    with swapi(**{PEOPLE: dated(good("people1")), PLANETS: dated(good("planets1"), ETag='"p"')}) as api:
        collected(api, tmp_path)
        end = collected(api, tmp_path)
        third = collected(api, tmp_path)
        assert {target for target in asked_with(api, "If-Modified-Since") if PLANETS in target} == set()
        assert len(set(asked_with(api, "If-Modified-Since"))) == 9
        assert len(set(asked_with(api, "If-None-Match"))) == 6
    assert (end.unchanged, third.unchanged) == (9, 9)


def test_an_api_without_validators_is_asked_plainly_and_its_journal_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> Kept:
        raise AssertionError("the journal was read")

    monkeypatch.setattr(Kept, "read", refuse)
    with swapi() as api:
        collected(api, tmp_path)
        assert collected(api, tmp_path).unchanged == 0
        assert asked_with(api, "If-None-Match") == asked_with(api, "If-Modified-Since") == []


def test_an_etag_that_is_no_text_is_not_sent_back(tmp_path: Path) -> None:
    def odd(request: Request) -> Answer:
        given = good("people1")(request)
        return replace(given, headers={**given.headers, "ETag": '"café"'})

    with swapi(**{PEOPLE: odd}) as api:
        collected(api, tmp_path)
        assert collected(api, tmp_path).state == "complete"
        assert asked_with(api, "If-None-Match") == []


def test_an_api_whose_etags_lie_is_taken_afresh(tmp_path: Path) -> None:
    people = [dict(record) for record in load_collections()["people"]]

    def lying(request: Request) -> Answer:
        if "If-None-Match" in request.headers:
            return answer(b"", status=304)
        given = paged(people)(request)
        return replace(given, headers={**given.headers, "ETag": '"always"'})

    with swapi(**{PEOPLE: lying}) as api:
        collected(api, tmp_path)
        people[0]["name"] = "Lars"
        assert taken(collected(api, tmp_path), tmp_path).rows(limit=1)[0]["name"] == "Luke Skywalker"
        before = len(api.requests)
        run = ladle.start(
            ladle.Home.open(tmp_path), "swapi/people", base_url=f"{api.url}api/", quota="none", afresh=True
        )
        assert ladle.open_run(run.home, run.id).afresh
        end = drive(ladle.open_run(run.home, run.id))
        assert asked_with(api, "If-None-Match", after=before) == []
        assert (end.unchanged, taken(end, tmp_path).rows(limit=1)[0]["name"]) == (0, "Lars")
        # What was taken afresh is what the next run asks about.
        assert taken(collected(api, tmp_path), tmp_path).rows(limit=1)[0]["name"] == "Lars"


def test_a_304_that_nobody_asked_for_is_asked_again_and_is_no_gap(tmp_path: Path) -> None:
    with swapi(people4=[answer(b"", status=304), good("people4")]) as api:
        run = start(api, tmp_path)
        end = drive(run)
        assert targets(api).count(page("people4")) == 2
    assert (end.state, end.gaps, end.unchanged) == ("complete", (), 0)
    assert ["304 (nothing has changed)" in line.reason for line in run.requests(only="failed")] == [True]


def test_a_304_for_a_body_that_cannot_be_read_is_asked_again_plainly(tmp_path: Path) -> None:
    with with_tags() as api:
        first = start(api, tmp_path)
        drive(first)
        # The same frames, but for one body that says nothing.
        told = [replace(entry, body=b"{}") if entry.key == "people?page=4" else entry for entry in entries(first)]
        for segment in first.folder.glob("*.seg"):
            segment.unlink()
        with Journal(first.folder, fence=9) as journal:
            for entry in told:
                journal.append(entry)
        end = collected(api, tmp_path)
        asked = [request for request in api.requests[CALLS:] if request.target == page("people4")]
    assert ["If-None-Match" in request.headers for request in asked] == [True, False]
    assert (end.state, end.unchanged) == ("complete", CALLS - 1)


def test_a_journal_that_is_damaged_or_removed_on_the_way_costs_plain_requests_only(tmp_path: Path) -> None:
    with with_tags() as api:
        first = start(api, tmp_path)
        drive(first)
        (segment,) = first.folder.glob("*.seg")
        known = Kept.read(first.folder)
        assert known.answer("people?page=4") is not None
        assert known.answer("people?page=5000") is None
        whole = segment.read_bytes()
        segment.write_bytes(whole[:-1])
        assert (
            sum(known.answer(f"people?page={n}") is None for n in range(1, 10))
            + sum(known.answer(f"planets?page={n}") is None for n in range(1, 7))
            == 1
        )
        segment.unlink()
        assert known.answer("people?page=4") is None

        def remove(progress: ladle.Progress) -> None:
            if progress.done:
                shutil.rmtree(first.folder, ignore_errors=True)

        segment.write_bytes(whole)
        end = collected(api, tmp_path, on_progress=remove)
        assert not first.folder.exists()
    assert (end.state, end.done) == ("complete", CALLS)


def test_answers_of_another_site_are_never_asked_about(tmp_path: Path) -> None:
    with with_tags() as one, with_tags() as other:
        collected(one, tmp_path)
        assert collected(other, tmp_path).unchanged == 0
        assert asked_with(other, "If-None-Match") == []
        assert collected(one, tmp_path).unchanged == CALLS


def test_a_run_that_was_left_is_not_asked_about_and_asks_itself_when_it_goes_on(tmp_path: Path) -> None:
    with with_tags() as api:
        first = collected(api, tmp_path)
        run = start(api, tmp_path)
        api.fail(page("people7"), answer("", status=403))
        assert drive(run).state == "failed"
        other = collected(api, tmp_path)
        end = drive(run)
        assert (other.unchanged, end.unchanged, end.state) == (CALLS, CALLS, "complete")
    assert files(first, tmp_path) == files(end, tmp_path) == files(other, tmp_path)


def test_a_kill_in_the_middle_costs_what_was_in_flight_and_the_rest_is_asked_about(tmp_path: Path) -> None:
    with with_tags() as api:
        first = collected(api, tmp_path)
        for number in range(5, 10):
            api.fail(page(f"people{number}"), hang())
        with started("collect", "swapi/people", **settings(api, tmp_path)) as process:
            api.wait_for(CALLS + 9, seconds=60)
            process.kill()
            process.communicate()
        api.release()
        again = ladle_command("collect", "swapi/people", "--resume", "--json", **settings(api, tmp_path))
        told = json.loads(again.stdout)
        assert (told["state"], told["progress"]["unchanged"]) == ("complete", CALLS)
        assert set(asked_with(api, "If-None-Match")) == set(targets(api))
        assert len(api.requests) <= 2 * CALLS + 8
        assert files(first, tmp_path) == files(replace(first, snapshot=told["snapshot"]), tmp_path)
        spoken = ladle_command("collect", "swapi/people", **settings(api, tmp_path)).stdout
        assert "complete, 15 of 15 requests unchanged, snapshot" in spoken
        afresh = ladle_command("collect", "swapi/people", "--afresh", "--json", **settings(api, tmp_path))
        assert json.loads(afresh.stdout)["progress"]["unchanged"] == 0


def test_the_replica_says_304_as_the_real_api_does(tmp_path: Path) -> None:
    with start_replicas() as replicas:
        home = ladle.Home.open(tmp_path)
        for unchanged in (0, CALLS):
            run = ladle.start(home, "swapi/people", base_url=replicas.swapi_url)
            assert drive(run).unchanged == unchanged
        assert dict(replicas.counts["swapi"].answers) == {200: CALLS, 304: CALLS}


def test_a_hundred_thousand_answers_are_known_in_little_memory(tmp_path: Path) -> None:
    number, body = 100_000, json.dumps({"results": []}).encode()
    with Journal(tmp_path, fence=1) as journal:
        for n in range(number):
            told: Any = {"kind": "answer", "role": "page", "resource": "people", "position": n, "status": 200}
            journal.append(Entry(key=f"people?page={n}", headers={"etag": f'"{n}"'}, body=body, **told))
    tracemalloc.start()
    known = Kept.read(tmp_path)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(known) == number
    assert held < 2_000_000
    assert most < 15_000_000
    earlier = known.answer(f"people?page={number - 1}")
    assert earlier is not None
    assert earlier.headers == {"etag": f'"{number - 1}"'}
