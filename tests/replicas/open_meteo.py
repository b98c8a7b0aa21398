"""Open-Meteo's forecast: columns in place of records, a list for each variable and one for the times.

Traps: there is no list of records; several places, joined by commas, give an array of such answers (the second and
later with a `location_id`); coordinates come back as those of the nearest cell, not as asked for; what is missing is
null; errors are `{"error": true, "reason": …}`, a 400 or a 429, and which limit was met is told by words alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain
from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, pairs_of

ORIGIN, BASE = "https://api.open-meteo.com", "/v1/"
LIMIT = (600, 60.0)
START = datetime(2026, 11, 22)  # noqa: DTZ001 - the API writes times without a zone
UNITS = {
    "temperature_2m": "°C",
    "relative_humidity_2m": "%",
    "precipitation": "mm",
    "is_day": "",
}
FIRST = "forecast?latitude=52.52&longitude=13.41&hourly=temperature_2m,relative_humidity_2m,is_day"


def model(*, days: int = 7, limit: tuple[int, float] = LIMIT) -> Model:
    """A forecast of so many days for any place; its records are the hours that `FIRST` asks for."""

    def reply(request: Request) -> Answer:
        if below(request, BASE) != "forecast":
            return as_json({"error": True, "reason": "Not Found"}, status=404)
        asked = _asked(request)
        for name in ("latitude", "longitude"):
            if not asked.get(name):
                return _refused(f"Parameter '{name}' and 'longitude' must have the same number of elements")
        if unknown := [each for each in asked.get("hourly", []) if each not in UNITS]:
            reason = "Data corrupted at path ''. Cannot initialize SurfacePressureAndHeightVariable from invalid String"
            return _refused(f"{reason} value {unknown[0]}.")
        if not all(_within(text, 90) for text in asked["latitude"]):
            return _refused(f"Latitude must be in range of -90 to 90°. Given: {asked['latitude'][0]}.")
        if len(asked["latitude"]) != len(asked["longitude"]):
            return _refused("Parameter 'latitude' and 'longitude' must have the same number of elements")
        pairs = zip(asked["latitude"], asked["longitude"], strict=True)
        told = [
            forecast(float(south), float(east), asked.get("hourly", []), days=days, place=number)
            for number, (south, east) in enumerate(pairs)
        ]
        return as_json(told if len(told) > 1 else told[0])

    hours = records_of(forecast(52.52, 13.41, ["temperature_2m", "relative_humidity_2m", "is_day"], days=days))
    return Model(
        origin=ORIGIN,
        base=BASE,
        first=FIRST,
        collections={"hourly": hours},
        answer=reply,
        limits=[limit],
        refuse=lambda request, wait: _refused(
            "Minutely API request limit exceeded. Please try again in one minute.", status=429
        ),
    )


def _asked(request: Request) -> dict[str, list[str]]:
    """Values by parameter, whether joined by commas or repeated."""
    pairs = pairs_of(request)
    return {name: list(chain.from_iterable(v.split(",") for n, v in pairs if n == name and v)) for name, _ in pairs}


def _within(text: str, most: float) -> bool:
    try:
        return abs(float(text)) <= most
    except ValueError:
        return False


def _refused(reason: str, *, status: int = 400) -> Answer:
    return as_json({"error": True, "reason": reason}, status=status)


def forecast(latitude: float, longitude: float, variables: list[str], *, days: int = 7, place: int = 0) -> Record:
    """The answer for one place, the `place`-th of the query."""
    random = Random(f"{latitude} {longitude}")
    times = [START + timedelta(hours=hour) for hour in range(days * 24)]
    told: Record = {
        "latitude": round(latitude * 8) / 8,
        "longitude": round(longitude * 8) / 8 + 0.01999855,
        "generationtime_ms": 0.0749826431274414,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "elevation": 38,
        **({"location_id": place} if place else {}),
    }
    if not variables:
        return told
    columns = {name: [_value(name, hour, len(times), random) for hour in range(len(times))] for name in variables}
    return {
        **told,
        "hourly_units": {"time": "iso8601", **{name: UNITS[name] for name in variables}},
        "hourly": {"time": [f"{time:%Y-%m-%dT%H:%M}" for time in times], **columns},
    }


def records_of(told: Record) -> list[Record]:
    """The hours of one place as records."""
    columns: Record = told["hourly"]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _value(name: str, hour: int, hours: int, random: Random) -> float | int | None:
    """Whole degrees are integers on the wire, and the last hours are not known yet."""
    drawn = random.random()
    match name:
        case "is_day":
            return int(6 <= hour % 24 < 18)
        case "relative_humidity_2m":
            return 40 + int(drawn * 60)
    if hour >= hours - 5:
        return None
    value = round(drawn * 30 - 8, 1) if name == "temperature_2m" else round(drawn * 2, 1)
    return int(value) if value.is_integer() else value
