"""The pages' words: every example in a docstring holds, and a run's progress reads as people would say it."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

import ladle
from ladle.collect.progress import GapLine, TroubleLine
from ladle_server.pages.progress import shown

NOW = 1_795_300_000.0
SHUT = TroubleLine(key="people?page=6", status=503, reason="The API answered 503.", attempt=1, again_at=NOW + 60)


CHARTS = ["bars", "heat", "land", "map", "scales", "spark"]


@pytest.mark.parametrize("name", [*(f"charts.{name}" for name in CHARTS), "columns", "progress", "span", "words"])
def test_the_examples_hold(name: str) -> None:
    outcome = doctest.testmod(import_module(f"ladle_server.pages.{name}"))
    assert (outcome.failed, outcome.attempted > 0) == (0, True)


def progress(**changes: object) -> ladle.Progress:
    told = {"run": "r", "dataset": "swapi/people", "state": "running", "updated": NOW, "created": NOW, **changes}
    return ladle.Progress(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": "queued"}, "Waiting for its turn."),
        (
            {"done": 60, "total": 167, "exact": True, "records": 60, "claimed": 167, "seconds_left": 108.0},
            "60 of 167 requests, 60 of 167 rows. About 1 min 48 s left.",
        ),
        (
            {"done": 1, "total": 15, "records": 10, "seconds_left": 0.3},
            "1 of about 15 requests, 10 rows. Under 1 s left.",
        ),
        (
            {"state": "waiting", "done": 5, "total": 9, "exact": True, "records": 5, "wake_at": NOW + 7500},
            "5 of 9 requests, 5 rows. The quota is used up; it goes on by itself in about 2 h 5 min.",
        ),
        (
            {
                "state": "waiting",
                "reason": "The quota ledger is away.",
                "done": 5,
                "total": 9,
                "exact": True,
                "records": 5,
                "wake_at": NOW + 7500,
            },
            "5 of 9 requests, 5 rows. The quota ledger is away. It goes on by itself when that is over.",
        ),
        (
            {"state": "waiting", "done": 5, "total": 9, "exact": True, "records": 5, "wake_at": NOW - 1},
            "5 of 9 requests, 5 rows. It goes on in a moment.",
        ),
        (
            {"state": "waiting", "done": 5, "total": 9, "wake_at": NOW + 60, "troubles": (SHUT,)},
            "5 of about 9 requests, 0 rows. The API asked to be left alone; it goes on by itself in about 1 min.",
        ),
        (
            {"state": "paused", "done": 5, "total": 9, "reason": "Paused by the API."},
            "5 of about 9 requests, 0 rows. Paused by the API. Nothing is asked for until it is resumed.",
        ),
        ({"state": "finishing", "done": 15, "total": 15}, "All 15 requests are answered. Writing the snapshot."),
        (
            {
                "state": "complete",
                "done": 15,
                "total": 15,
                "records": 82,
                "claimed": 82,
                "started": NOW,
                "ended": NOW + 3,
            },
            "15 requests, 82 rows, in 3 s.",
        ),
    ],
)
def test_a_run_says_where_it_stands(changes: dict[str, object], sentence: str) -> None:
    assert shown(progress(**changes), now=NOW).sentence == sentence


@pytest.mark.parametrize(
    ("changes", "later", "silent"),
    [
        ({}, 5, ""),
        ({}, 120, "Nothing has been heard of this run for 2 min."),
        ({"next_call_in": 300.0}, 120, ""),
        ({"state": "queued", "updated": 0.0}, 120, "Nothing has been heard of this run for 2 min."),
        ({"state": "waiting", "wake_at": NOW + 3600}, 3680, ""),
        ({"state": "waiting", "wake_at": NOW + 3600}, 3720, "Nothing has been heard of this run for 2 min."),
        ({"state": "paused"}, 9999, ""),
        ({"state": "failed"}, 9999, ""),
    ],
)
def test_a_run_that_nobody_drives_is_noticed(changes: dict[str, object], later: float, silent: str) -> None:
    assert shown(progress(**changes), now=NOW + later).silent == silent


def test_an_incomplete_run_is_never_all_there() -> None:
    gap = GapLine(key="weather?id=1", reason="The API answered 404.")
    told = shown(progress(state="incomplete", done=41, total=41, exact=True, records=40, gaps=(gap,)), now=NOW)
    assert (told.answered, told.percent) == (40, 97)
    assert told.sentence.startswith("40 of 41 requests, 40 ")


def test_a_percentage_is_never_full_before_everything_is_done() -> None:
    assert shown(progress(done=166, total=167), now=NOW).percent == 99


def test_what_is_spoken_changes_with_each_quarter_only() -> None:
    spoken = [shown(progress(done=done, total=100), now=NOW).spoken for done in (26, 30, 49, 50)]
    assert spoken == ["Running, 25% done"] * 3 + ["Running, 50% done"]
