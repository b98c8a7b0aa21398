"""Takes requests for OpenWeatherMap's current weather, gives its answers: 60 a minute and 1,000,000 a month for a key.

Cities are asked for by id; names, postcodes and coordinates are not known here. What the real API does with more than
20 ids in a group, or with unknown ids among them, is not documented: here the one is a 400 and the others are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode

from aiohttp import web

from ladle.demo.door import Answering, json_answer
from ladle.demo.limits import SlidingLog
from ladle.demo.weather import City, Units, in_group, observe

GROUP_MOST = 20
PRICE = "https://openweathermap.org/price"
HELP = "https://openweathermap.org/faq#error401"
# `cod` is a number in some of its errors and text in others, as in the real ones.
NO_KEY: dict[str, object] = {"cod": 401, "message": f"Invalid API key. Please see {HELP} for more info."}
UNKNOWN: dict[str, object] = {"cod": "404", "message": "city not found"}
NOTHING: dict[str, object] = {"cod": "400", "message": "Nothing to geocode"}
NO_PATH: dict[str, object] = {"cod": "404", "message": "Internal error"}
BLOCKED: dict[str, object] = {
    "cod": 429,
    "message": "Your account is temporary blocked due to exceeding of requests limitation of your subscription type. "
    f"Please choose the proper subscription {PRICE}",
}


def openweather(
    cities: Mapping[int, City],
    *,
    keys: Collection[str],
    limiter: SlidingLog,
    clock: Callable[[], float],
    now: Callable[[], float],
) -> Answering:
    """The API as a function of requests. `clock` drives the quota, `now` (seconds since 1970) the weather."""

    def answer(request: web.Request) -> web.Response:
        key = request.query.get("appid", "")
        if key not in keys:
            return _framed(request, 401, NO_KEY)
        ids = request.query.get("id", "").split(",") if request.path == "/data/2.5/group" else [""]
        if limiter.take(key, at=clock(), calls=len(ids)) is not None:
            return _framed(request, 429, BLOCKED)
        return _read(request, cities, now=now())

    return answer


def _read(request: web.Request, cities: Mapping[int, City], *, now: float) -> web.Response:
    asked, units = request.query.get("id", ""), _units(request.query.get("units", ""))
    match request.path:
        case "/data/2.5/weather":
            return _framed(request, *_weather(asked, cities, now=now, units=units))
        case "/data/2.5/group":
            return _framed(request, *_group(asked.split(","), cities, now=now, units=units))
    return _framed(request, 404, NO_PATH)


def _weather(asked: str, cities: Mapping[int, City], *, now: float, units: Units) -> tuple[int, dict[str, object]]:
    if not asked:
        return 400, NOTHING
    if not _is_id(asked):
        return 400, {"cod": "400", "message": f"{asked} is not a city ID"}
    city = cities.get(int(asked))
    return (200, observe(city, now=now, units=units)) if city else (404, UNKNOWN)


def _group(asked: list[str], cities: Mapping[int, City], *, now: float, units: Units) -> tuple[int, dict[str, object]]:
    if asked == [""]:
        return 400, NOTHING
    strange = next((given for given in asked if not _is_id(given)), None)
    if strange is not None or len(asked) > GROUP_MOST:
        return 400, {"cod": "400", "message": f"{strange or ','.join(asked)} is not a city ID"}
    known = [cities[int(given)] for given in asked if int(given) in cities]
    if not known:
        return 404, UNKNOWN
    return 200, {"cnt": len(known), "list": [in_group(observe(city, now=now, units=units)) for city in known]}


def _is_id(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 20


def _units(given: str) -> Units:
    """Unknown units are taken for none, which means Kelvin."""
    match given:
        case "metric" | "imperial":
            return given
    return "standard"


def _framed(request: web.Request, status: int, body: dict[str, object]) -> web.Response:
    """With the headers of the recordings. There is none that tells of the quota, and no Retry-After."""
    shown = sorted((name, value) for name, value in request.query.items() if name != "appid")
    headers = {
        "Server": "openresty",
        "X-Cache-Key": f"{request.path}?{urlencode(shown)}",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, POST",
    }
    return json_answer(body, status=status, headers=headers, kind="application/json; charset=utf-8")
