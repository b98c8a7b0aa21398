"""A site that is down: takes APIs of which nothing comes any more, looks how the run ends and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.outage import IN_A_ROW
from ladle.collect.retry import ATTEMPTS
from ladle.testing import Answer, Request, ScriptedApi, answer, html, redirect
from tests.apis import KEY, cities, drive, start, swapi, taken, weather

NUMBER = 60


def cities_run(api: ScriptedApi, home: Path, number: int = NUMBER) -> ladle.Run:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(home, number), "OPENWEATHER_API_KEY": KEY}
    return start(api, home / "home", dataset="openweather/cities", **where)


class Failing:
    """Weather but for some cities; which ones may change."""

    def __init__(self, fails: Callable[[int], bool], bad: Answer) -> None:
        self.fails, self.bad = fails, bad

    def __call__(self, request: Request) -> object:
        city = int(request.query["id"])
        return self.bad if self.fails(city) else weather(city)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (html(status=503), "The API answered 503."),
        (html("Down for maintenance", status=200), "The answer is not JSON; it begins with '<!doctype html>"),
        (answer({"error": "Database is away."}), "The answer says that it is an error: Database is away."),
        (redirect("https://login.example.org/"), "sends this call on to another site, login.example.org."),
    ],
)
def test_a_site_that_goes_down_ends_the_run_without_gaps_and_the_run_goes_on_later(
    tmp_path: Path, bad: Answer, words: str
) -> None:
    script = Failing(lambda city: city > 10, bad)
    with ScriptedApi(script) as api:
        run = cities_run(api, tmp_path)
        down = drive(run)
        # Eight calls are made at once: what was given up before the last good answer came is a gap until it is resumed.
        assert len(down.gaps) < 8
        assert (down.state, down.done, down.snapshot) == ("failed", 10 + len(down.gaps), None)
        assert f"OpenWeatherMap seems to be down: {IN_A_ROW} requests in a row got no usable answer." in down.reason
        assert words in down.reason
        assert "What has come is kept; resume the run later." in down.reason
        assert len(api.requests) <= 10 + ATTEMPTS * (IN_A_ROW + 8)
        script.fails = lambda city: False
        end = drive(run)
        assert (end.state, end.done, end.gaps) == ("complete", NUMBER, ())


def test_requests_that_never_succeed_do_not_end_every_resumed_run_again(tmp_path: Path) -> None:
    failing = IN_A_ROW + 15
    with ScriptedApi(Failing(lambda city: 5 < city <= 5 + failing, html(status=500))) as api:
        run = cities_run(api, tmp_path)
        assert drive(run).state == "failed"
        end = drive(run)
    assert (end.state, len(end.gaps), end.done) == ("incomplete", failing, NUMBER)
    assert taken(end, tmp_path / "home").manifest.rows == NUMBER - failing


def test_failures_with_good_answers_between_them_are_gaps(tmp_path: Path) -> None:
    with ScriptedApi(Failing(lambda city: city % 2 == 0, html(status=500))) as api:
        end = drive(cities_run(api, tmp_path))
    assert (end.state, len(end.gaps)) == ("incomplete", NUMBER // 2)


def test_many_that_are_not_there_are_no_outage(tmp_path: Path) -> None:
    gone = answer({"cod": "404", "message": "city not found"})
    with ScriptedApi(Failing(lambda city: city > 1, gone)) as api:
        end = drive(cities_run(api, tmp_path))
        assert len(api.requests) == NUMBER
    assert (end.state, len(end.gaps)) == ("incomplete", NUMBER - 1)
    assert end.gaps[0].reason == "The answer says that it is an error: city not found."


def test_a_site_of_which_nothing_comes_at_all_leaves_no_empty_snapshot(tmp_path: Path) -> None:
    with swapi(people1=html(status=500)) as api:
        run = start(api, tmp_path)
        for _ in range(2):
            end = drive(run)
            assert (end.state, end.snapshot, end.gaps) == ("failed", None, ())
            assert end.reason == (
                "Nothing usable has come from Star Wars API. The API answered 500. "
                "What has come is kept; resume the run later."
            )


def test_a_key_refused_inside_a_good_answer_ends_the_run_after_one_call(tmp_path: Path) -> None:
    refused = answer({"cod": 401, "message": f"Invalid API key {KEY}."})
    with ScriptedApi(lambda _: refused) as api:
        end = drive(cities_run(api, tmp_path))
        assert len(api.requests) == 1
    assert end.state == "failed"
    assert end.reason == (
        "OpenWeatherMap refused the key. The answer says that it is an error: Invalid API key ***. "
        "Check the key in the environment variable OPENWEATHER_API_KEY."
    )


def test_a_limit_inside_a_good_answer_is_never_counted_as_an_attempt(tmp_path: Path) -> None:
    limited = answer({"cod": 429, "message": "Your account is temporary blocked."}, headers={"Retry-After": "0.01"})
    told = {city: [limited] * (ATTEMPTS + 2) for city in (1, 30)}

    def script(request: Request) -> object:
        city = int(request.query["id"])
        return told[city].pop() if told.get(city) else weather(city)

    with ScriptedApi(script) as api:
        run = cities_run(api, tmp_path)
        end = drive(run)
    assert (end.state, end.gaps) == ("complete", ())
    lines = [line for line in run.requests(limit=1000) if line.kind == "trouble"]
    assert {(line.status, line.attempt) for line in lines} == {(200, 1)}
    assert len(lines) == 2 * (ATTEMPTS + 2)
