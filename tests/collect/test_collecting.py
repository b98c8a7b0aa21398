"""Every way a call can go wrong: takes an API that fails on purpose, looks at how the run and its data end."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.fetch import Bounds
from ladle.testing import ScriptedApi, answer, bad_gzip, drip, hang, redirect, reset, truncated
from tests.apis import CALLS, PEOPLE, collected, drive, everything, good, page, start, swapi, taken, targets

SMALL = Bounds(size=200_000)
WOOKIEE = '{"whooohuwhao":82,"whwokao":whhuanan}'
TORN = "The connection broke before the whole answer had come."
DAMAGED = "The answer's compression is damaged, or of a kind that was not asked for."

# By page of people: what it answers, and what is to be told of it.
ONCE: dict[str, tuple[list[Any], str]] = {
    "people1": ([answer("<h1>Server Error</h1>", status=500)], "The API answered 500."),
    "people2": ([truncated('{"count": 82, "results": []}', kept=9)], TORN),
    "people3": ([bad_gzip({"count": 82})], DAMAGED),
    "people4": ([answer(WOOKIEE)], f"The answer is not JSON; it begins with '{WOOKIEE}'."),
    "people5": ([answer(b"")], "The answer was empty."),
    "people6": ([reset(), reset()], TORN),
    "people7": ([answer({"detail": "Down for\n maintenance.\x1b[2J"}, status=503)], "503: Down for maintenance.[2J."),
    "people8": ([answer([1, 2]), answer("null")], 'The answer has no records at "results".'),
    "people9": ([answer("slow", status=408)], "The API answered 408."),
    "planets2": ([answer({"detail": "Bad gateway"}, status=502)], "The API answered 502: Bad gateway."),
    "planets3": ([answer(b"abc", headers={"Content-Encoding": "br"})], DAMAGED),
}
FOREVER: dict[str, tuple[Any, int, str]] = {
    "people2": (answer({"detail": "Not found"}, status=404), 1, "The API answered 404: Not found."),
    "people3": (answer("<h1>Oops</h1>", status=500), 5, "The API answered 500."),
    "people4": (answer(" " * 300_000), 1, "The answer is larger than 200,000 bytes."),
    "people5": (answer(gzip.compress(b" " * 30_000_000), headers={"Content-Encoding": "gzip"}), 1, "200,000 bytes."),
    "people6": (answer(WOOKIEE), 5, "The answer is not JSON"),
    "people7": (redirect("/api/people/?page=7"), 5, "The API sent this call on 5 times."),
    "people8": (redirect("http://[broken"), 1, "another site, one whose address can't be read."),
    "people9": (answer("", status=410), 1, "The API answered 410."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A run that is over, and everything around it."""

    run: ladle.Run
    end: ladle.Progress
    home: Path
    asked: Counter[str]
    told: list[ladle.Progress]


def run_to_its_end(api: ScriptedApi, home: Path, **wanted: Any) -> Case:
    told: list[ladle.Progress] = []
    with api:
        run = start(api, home)
        end = drive(run, on_progress=told.append, **wanted)
        return Case(run=run, end=end, home=home, asked=Counter(targets(api)), told=told)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A run in which nearly every call fails at first."""
    api = swapi(**{name: [*faults, good(name)] for name, (faults, _) in ONCE.items()})
    return run_to_its_end(api, tmp_path_factory.mktemp("mended"))


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A run in which all pages of people but the first never come."""
    api = swapi(**{name: fault for name, (fault, _, _) in FOREVER.items()})
    return run_to_its_end(api, tmp_path_factory.mktemp("torn"), bounds=SMALL)


def test_whatever_fails_once_is_asked_again_and_nothing_is_lost(mended: Case) -> None:
    assert (mended.end.state, mended.end.done, mended.end.total, mended.end.exact) == ("complete", CALLS, CALLS, True)
    snapshot = taken(mended.end, mended.home)
    assert (snapshot.manifest.rows, snapshot.manifest.complete, snapshot.manifest.gaps) == (82, True, ())
    assert len({row["name"] for row in snapshot.rows(limit=100)}) == 82


@pytest.mark.parametrize("name", ONCE)
def test_a_failed_attempt_is_told_in_words(mended: Case, name: str) -> None:
    faults, words = ONCE[name]
    key = name[:-1] + "?page=" + name[-1]
    failed = [line for line in mended.run.requests(limit=1000, only="failed") if line.key == key]
    assert 1 <= len(failed) <= len(faults)
    assert all(line.kind == "trouble" and words in line.reason for line in failed), failed
    assert mended.asked[page(name)] == len(faults) + 1


def test_the_calls_of_a_run_are_numbered_as_they_came_back(mended: Case) -> None:
    lines = mended.run.requests(limit=1000)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert mended.run.requests(after=3, limit=2) == lines[3:5]
    assert sum(line.records for line in lines) == 82 + 60
    assert sum(line.kind == "answer" for line in lines) == CALLS


def test_what_never_comes_is_a_gap_and_the_run_ends_incomplete(torn: Case) -> None:
    assert (torn.end.state, torn.end.troubles) == ("incomplete", ())
    assert {gap.key for gap in torn.end.gaps} == {f"people?page={number}" for number in range(2, 10)}
    manifest = taken(torn.end, torn.home).manifest
    assert (manifest.rows, manifest.claimed, manifest.complete) == (10, 82, False)
    assert {(gap.key, gap.reason) for gap in manifest.gaps} == {(gap.key, gap.reason) for gap in torn.end.gaps}
    assert "8 requests got no usable answer" in torn.end.reason
    assert "82 records; 10 were found" in torn.end.reason


@pytest.mark.parametrize("name", FOREVER)
def test_each_gap_says_why_after_as_many_attempts_as_make_sense(torn: Case, name: str) -> None:
    _, times, words = FOREVER[name]
    key = f"people?page={name[-1]}"
    assert torn.asked[page(name)] == times
    assert words in next(gap.reason for gap in torn.end.gaps if gap.key == key)
    assert [line.kind for line in torn.run.requests(limit=1000, only="failed") if line.key == key][-1] == "gap"


@pytest.mark.parametrize("case", ["mended", "torn"])
def test_the_numbers_on_the_way_can_be_believed(case: str, request: pytest.FixtureRequest) -> None:
    told: list[ladle.Progress] = request.getfixturevalue(case).told
    assert [each.state for each in told if each.is_over] == [told[-1].state]
    assert told[-1].done == told[-1].total
    for each in told:
        assert 0 <= each.done <= each.total
        assert 0 <= each.records <= 82
        assert each.seconds_left is None or each.seconds_left >= 0
        assert each.next_call_in is None or each.next_call_in >= 0
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(tmp_path: Path) -> None:
    with swapi() as api:
        api.fail(page("people2"), hang())
        api.fail(page("people3"), drip('{"count": 82}', pause=0.3))
        run = start(api, tmp_path)
        end = drive(run, bounds=Bounds(whole=0.5))
        assert end.state == "complete"
        failed = run.requests(only="failed")
    assert {"people?page=2", "people?page=3"} <= {line.key for line in failed}
    assert {line.reason for line in failed} == {"127.0.0.1 did not answer in time."}


def test_a_first_page_that_never_comes_leaves_an_empty_snapshot_that_says_so(tmp_path: Path) -> None:
    with swapi(people1=answer("", status=404)) as api:
        end = collected(api, tmp_path)
        assert targets(api) == [page("people1")]
    assert (end.state, end.done, end.total, end.exact, end.records) == ("incomplete", 1, 1, True, 0)
    assert taken(end, tmp_path).rows() == []


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_compressed_answers_are_read(tmp_path: Path, name: str) -> None:
    pack = gzip.compress if name == "gzip" else zlib.compress

    def packed(request: Any) -> object:
        assert name in request.headers["Accept-Encoding"]
        whole = good(request.path.split("/")[2])(request)
        return answer(pack(whole.body), headers={"Content-Encoding": name, "Content-Type": "application/json"})

    with ScriptedApi(packed) as api:
        assert collected(api, tmp_path).state == "complete"


def test_any_json_and_any_header_ends_in_words_and_never_in_a_traceback(tmp_path: Path) -> None:
    odd = {"name": None, "url": "http://[", "homeworld": "http://[", "edited": "yesterday", "mass": {"a": [1]}}
    script = {
        PEOPLE: answer(
            json.dumps({"count": 3, "next": 7, "results": [odd, {}, {"homeworld": 5, "url": 9}]}),
            headers={"ETag": "caf\udce9", "Retry-After": "²"},
        ),
        page("people2"): answer({"count": -1, "next": "http://[", "results": []}),
    }
    with ScriptedApi(script) as api:
        progress = collected(api, tmp_path, seconds=0.5)
    assert progress.state in ("running", "incomplete")
    assert all(name for name, _ in everything(tmp_path))


def test_a_count_beyond_all_reason_takes_neither_memory_nor_time(tmp_path: Path) -> None:
    boasting = {"count": 10**15, "next": "/api/people/?page=2", "results": [{"name": "Luke", "url": "/api/people/1/"}]}
    with ScriptedApi({PEOPLE: answer(boasting)}) as api:
        progress = collected(api, tmp_path, seconds=0.5)
    assert (progress.state, progress.claimed) == ("running", 10**15)
