"""Takes the replica of OpenWeatherMap over loopback, gives whether it answers as the real one does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from ladle.demo import Replicas, start_replicas
from ladle.demo.weather import load_cities
from ladle.testing import Clock

NOW = 1_763_740_800.0


class Got(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    json: Any


def weather(replicas: Replicas, query: str, *, path: str = "weather", key: str = "demo") -> Got:
    parts = urlsplit(replicas.openweather_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}{path}?{query}&appid={key}")
    response = connection.getresponse()
    got = Got(response.status, response.headers, json.loads(response.read()))
    connection.close()
    return got


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    with start_replicas(now=NOW) as started:
        yield started


SAMPLE = {"coord", "weather", "base", "main", "wind", "clouds", "dt", "sys", "timezone", "id", "name", "cod"}
MAIN = {"temp", "feels_like", "temp_min", "temp_max", "pressure", "humidity"}


def test_every_city_of_the_list_has_weather_in_the_real_shape() -> None:
    windows = ((1_000, 60.0),)
    with start_replicas(now=NOW, openweather_windows=windows) as replicas:
        found = [weather(replicas, f"id={city}&units=metric").json for city in load_cities()]
    assert len(found) == 167
    for report, city in zip(found, load_cities().values(), strict=True):
        assert set(report) - {"visibility", "rain", "snow"} == SAMPLE
        assert set(report["main"]) == MAIN
        assert (report["id"], report["name"], report["cod"]) == (city.id, city.name, 200)
        assert -60 < report["main"]["temp"] < 55
        assert NOW - 1200 <= report["dt"] <= NOW
    assert {type(report["main"]["temp"]) for report in found} == {int, float}
    assert {"deg" in report["wind"] for report in found} == {True, False}
    for absent_at_times in ("visibility", "rain"):
        assert {absent_at_times in report for report in found} == {True, False}


def test_weather_is_the_same_for_the_same_time_and_units_are_those_asked_for(replicas: Replicas) -> None:
    kelvin, celsius, fahrenheit = (
        weather(replicas, f"id=3439781{units}").json["main"]["temp"]
        for units in ("", "&units=metric", "&units=imperial")
    )
    assert kelvin == pytest.approx(celsius + 273.15, abs=0.02)
    assert fahrenheit == pytest.approx(celsius * 9 / 5 + 32, abs=0.02)
    with start_replicas(now=NOW) as others:
        assert weather(others, "id=3439781").json == weather(replicas, "id=3439781").json


@pytest.mark.parametrize(
    ("query", "key", "status", "cod", "message"),
    [
        ("id=3439525", "wrong", 401, 401, "Invalid API key."),
        ("id=1", "demo", 404, "404", "city not found"),
        ("units=metric", "demo", 400, "400", "Nothing to geocode"),
        ("id=Young", "demo", 400, "400", "Young is not a city ID"),
    ],
)
def test_weather_errors_are_those_of_the_real_api(
    replicas: Replicas, query: str, key: str, status: int, cod: int | str, message: str
) -> None:
    got = weather(replicas, query, key=key)
    assert (got.status, got.json["cod"]) == (status, cod)
    assert got.json["message"].startswith(message)


def test_sixty_calls_a_minute_are_answered_for_each_key_and_no_more() -> None:
    clock = Clock()
    with start_replicas(keys=("one", "two"), clock=clock.time) as replicas:
        statuses = [weather(replicas, "id=3439525", key="one").status for _ in range(61)]
        assert statuses == [200] * 60 + [429]
        assert weather(replicas, "id=3439525", key="two").status == 200
        refused = weather(replicas, "id=3439525", key="one")
        assert refused.json["cod"] == 429
        assert refused.json["message"].startswith("Your account is temporary blocked due to exceeding of requests")
        assert "Retry-After" not in refused.headers
        clock.advance(60)
        assert weather(replicas, "id=3439525", key="one").status == 200
        assert replicas.counts["openweather"].fullest == 62


def test_each_id_of_a_group_is_a_call() -> None:
    with start_replicas(openweather_windows=((5, 60.0),)) as replicas:
        group = weather(replicas, "id=3439525,3439781,3440645", path="group").json
        assert (group["cnt"], [city["id"] for city in group["list"]]) == (3, [3439525, 3439781, 3440645])
        assert set(group["list"][0]["sys"]) == {"country", "timezone", "sunrise", "sunset"}
        assert weather(replicas, "id=3439525,3439781,3440645", path="group").status == 429
        assert weather(replicas, "id=3439525,3439781", path="group").status == 200


def test_the_longer_window_holds_as_well() -> None:
    clock = Clock()
    with start_replicas(openweather_windows=((2, 1.0), (3, 100.0)), clock=clock.time) as replicas:
        statuses = []
        for _ in range(4):
            statuses.append(weather(replicas, "id=3439525").status)
            clock.advance(1)
    assert statuses == [200, 200, 200, 429]
