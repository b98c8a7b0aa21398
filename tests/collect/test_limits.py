"""Limits: takes APIs that say 429 and quotas of our own, looks at who is called when, counted at the server."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.demo.serve import start_replicas
from ladle.testing import Request, fullest, later
from tests.apis import (
    CALLS,
    KEY,
    cities,
    drive,
    good,
    openweather,
    start,
    swapi,
)

CITIES = "openweather/cities"


class Limited:
    """A route that answers 429 once and then notes who comes before the time that it gave."""

    def __init__(self, seconds: float, after: Callable[[float], object], then: Callable[[Request], object]) -> None:
        self.seconds, self.after, self.then = seconds, after, then
        self.closed_until: float | None = None
        self.early: list[str] = []

    def __call__(self, request: Request) -> object:
        if self.closed_until is None:
            self.closed_until = request.arrived + self.seconds
            told = self.after(time.time())
            return later(after=None if told is None else str(told))
        if request.arrived < self.closed_until:
            self.early.append(request.target)
        return self.then(request)


@pytest.mark.parametrize(
    ("seconds", "after", "quota"),
    [
        pytest.param(1.0, lambda now: 1, "1000 per 100 ms", id="seconds"),
        pytest.param(1.0, lambda now: formatdate(now + 2, usegmt=True), "1000 per 100 ms", id="date"),
        pytest.param(0.4, lambda now: None, "1000 per 400 ms", id="nothing: the window's end"),
        pytest.param(0.4, lambda now: 0, "1000 per 400 ms", id="zero: the window's end"),
        pytest.param(0.4, lambda now: "soon", "1000 per 400 ms", id="no time: the window's end"),
        pytest.param(1.0, lambda now: 1, "none", id="without a quota of our own"),
    ],
)
def test_a_429_closes_the_gate_and_nothing_is_lost(
    tmp_path: Path, seconds: float, after: Callable[[float], object], quota: str
) -> None:
    limited = Limited(seconds, after, good("people1"))
    with swapi(people1=limited) as api:
        run = start(api, tmp_path, quota=quota)
        end = drive(run)
        assert (end.state, len(api.requests)) == ("complete", CALLS + 1)
    assert limited.early == []
    first = run.requests()[0]
    assert (first.status, first.reason) == (429, "The API says that its limit is reached.")


def test_a_429_amid_calls_in_flight_holds_back_all_that_have_no_permit_yet(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 60), "OPENWEATHER_API_KEY": KEY}
    with openweather() as api:
        api.fail(f"/data/2.5/weather?id=5&units=metric&appid={KEY}", later(after=1))
        run = start(api, tmp_path / "home", dataset=CITIES, quota="1000 per 100 ms", pace="fast", **where)
        assert drive(run).state == "complete"
    lines = run.requests(limit=100)
    refused = next(line for line in lines if line.status == 429)
    closed = refused.started + refused.took
    # A call whose permit came in the same moment may still leave: seven at most, for eight are made at once.
    assert len([line.key for line in lines if closed < line.started < closed + 1]) <= 7
    assert Counter(line.key for line in lines)["weather?id=5"] == 2
    assert len(lines) == 61


def test_many_429s_are_not_held_against_a_request(tmp_path: Path) -> None:
    with swapi(people1=[later() for _ in range(7)] + [good("people1")]) as api:
        end = drive(start(api, tmp_path, quota="1000 per 10 ms"))
    assert (end.state, end.gaps) == ("complete", ())


def test_a_run_that_must_wait_long_hands_its_worker_back_and_says_until_when(tmp_path: Path) -> None:
    with swapi(people1=[later(after="9" * 30), good("people1")]) as api:
        begun = time.time()
        run = start(api, tmp_path, quota="1000 per minute")
        waiting = drive(run, seconds=20)
        assert (waiting.state, waiting.done, len(api.requests)) == ("waiting", 0, 1)
        assert waiting.wake_at is not None
        # A month is the longest that is believed.
        assert begun + 30 * 86400 < waiting.wake_at < begun + 32 * 86400


def test_a_quota_is_kept_at_the_server_in_any_window_and_spent(tmp_path: Path) -> None:
    window = ((20, 0.5),)
    with start_replicas(openweather_windows=window, keys=(KEY,), latency=(0.0, 0.03)) as replicas:
        at, where = replicas.openweather_url, {"OPENWEATHER_CITIES": str(sixty(tmp_path)), "OPENWEATHER_API_KEY": KEY}
        end = drive(start(at, tmp_path, dataset=CITIES, quota="20 per 500 ms", pace="fast", **where))
        counts = replicas.counts["openweather"]
        assert (end.state, counts.requests, counts.answers[429]) == ("complete", 60, 0)
        assert 1 < counts.fullest <= 20


def sixty(folder: Path) -> Path:
    """Sixty of the built-in cities, which the replica knows."""
    listed = (Path(ladle.__file__).parent / "sources/builtin/cities.csv").read_text("utf-8").splitlines()
    path = folder / "sixty.csv"
    path.write_text("\n".join(listed[:61]) + "\n", "utf-8")
    return path


def test_the_safe_pace_never_lets_more_than_ten_go_at_once(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 30), "OPENWEATHER_API_KEY": KEY}
    with openweather() as api:
        end = drive(start(api, tmp_path / "home", dataset=CITIES, quota="21 per 200 ms", pace="safe", **where))
        assert (end.state, len(api.requests)) == ("complete", 30)
        assert fullest(api.arrivals, seconds=0.2) <= 21
        assert fullest(api.arrivals, seconds=0.01) <= 11
