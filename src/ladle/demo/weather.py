"""Takes a city and a time, gives weather that it could have: always the same for the same city and ten minutes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from math import acos, cos, degrees, pi, radians, sin, tan
from random import Random
from typing import Literal

Units = Literal["standard", "metric", "imperial"]
Report = dict[str, object]

SLOT = 600
"""Seconds that one observation stands for."""
DAY = 86_400
SKIES = (
    (800, "Clear", "clear sky", "01"),
    (800, "Clear", "clear sky", "01"),
    (801, "Clouds", "few clouds", "02"),
    (802, "Clouds", "scattered clouds", "03"),
    (803, "Clouds", "broken clouds", "04"),
    (804, "Clouds", "overcast clouds", "04"),
    (500, "Rain", "light rain", "10"),
    (501, "Rain", "moderate rain", "10"),
    (701, "Mist", "mist", "50"),
)
SNOW = (600, "Snow", "light snow", "13")
CLOUDS = {800: (0, 0), 801: (11, 24), 802: (25, 50), 803: (51, 84), 804: (85, 100)}


@dataclass(frozen=True, slots=True)
class City:
    """A row of the built-in list."""

    id: int
    name: str
    country: str
    lat: float
    lon: float

    @property
    def utc_offset(self) -> int:
        """Seconds to UTC by the longitude alone; real borders are not known here."""
        return round(self.lon / 15) * 3600


def load_cities() -> dict[int, City]:
    """The built-in source's own list, so that no city of it is unknown here."""
    text = (files("ladle.sources") / "builtin" / "cities.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    found = [City(int(r["city_id"]), r["name"], r["country"], float(r["lat"]), float(r["lon"])) for r in rows]
    return {city.id: city for city in found}


def observe(city: City, *, now: float, units: Units) -> Report:
    """The body of `/data/2.5/weather` for the city at `now` (seconds since 1970).

    The temperature is a whole number now and then, and `wind.deg`, `visibility`, `rain` and `snow` are absent at times.
    """
    # Not for secrets: seeded so that the same question has the same answer in every process.
    chance = Random(f"{city.id}/{int(now) // SLOT}")
    celsius = _temperature(city, now=now, chance=chance)
    sky = SNOW if celsius < 1 and chance.random() < 0.3 else chance.choice(SKIES)
    sunrise, sunset = _sun(city, now=now)
    icon = sky[3] + ("d" if sunrise <= now < sunset else "n")
    return {
        "coord": {"lon": _short(city.lon, 4), "lat": _short(city.lat, 4)},
        "weather": [{"id": sky[0], "main": sky[1], "description": sky[2], "icon": icon}],
        "base": "stations",
        "main": _main(celsius, chance=chance, units=units),
        **_seen(sky[0], chance=chance, units=units),
        "dt": int(now) // SLOT * SLOT - chance.randrange(SLOT),
        "sys": {"type": 1, "id": 1000 + city.id % 9000, "country": city.country, "sunrise": sunrise, "sunset": sunset},
        "timezone": city.utc_offset,
        "id": city.id,
        "name": city.name,
        "cod": 200,
    }


def in_group(report: Report) -> Report:
    """The observation as `/data/2.5/group` gives it: in another order, no `base`, no `cod`, the time zone in `sys`."""
    system = report["sys"]
    sun = {key: system[key] for key in ("country", "sunrise", "sunset")} if isinstance(system, dict) else {}
    kept = {key: report[key] for key in report if key not in ("base", "cod", "timezone", "coord", "sys")}
    return {"coord": report["coord"], "sys": {**sun, "timezone": report["timezone"]}, **kept}


def _temperature(city: City, *, now: float, chance: Random) -> float:
    """Degrees Celsius: warm at the equator, warmer in summer and at three in the afternoon; some stations round."""
    summer = cos(2 * pi * ((now / DAY) % 365.25 - 201) / 365.25)
    afternoon = cos(2 * pi * ((now + city.utc_offset) % DAY / DAY - 15 / 24))
    celsius = 29 - 0.42 * abs(city.lat) + 0.2 * city.lat * summer + 4 * afternoon + chance.gauss(0, 1.5)
    return float(round(celsius)) if city.id % 5 == 0 else round(celsius, 2)


def _main(celsius: float, *, chance: Random, units: Units) -> Report:
    humidity = chance.randint(28, 97)
    felt = celsius - 0.02 * (celsius - 10) * (80 - humidity) / 10 - chance.uniform(0, 2)
    spread = 0.0 if celsius.is_integer() else chance.uniform(0, 1.8)
    named = {"temp": celsius, "feels_like": felt, "temp_min": celsius - spread, "temp_max": celsius + spread}
    temperatures = {name: _in_units(value, units) for name, value in named.items()}
    return {**temperatures, "pressure": chance.randint(992, 1032), "humidity": humidity}


def _seen(sky: int, *, chance: Random, units: Units) -> Report:
    """Visibility, wind, rain or snow, and clouds: what a station leaves out when it has not measured it."""
    speed = chance.uniform(0.3, 12) * (2.236936 if units == "imperial" else 1)
    wind = {"speed": _short(speed, 2), **({"deg": chance.randrange(360)} if chance.random() < 0.85 else {})}
    metres = chance.randrange(1200, 5000, 100) if sky == 701 else 10_000 if sky >= 800 else chance.choice((7000, 8000))
    fallen = {"1h": _short(chance.uniform(0.1, 2.5), 2)}
    return {
        **({"visibility": metres} if chance.random() < 0.9 else {}),
        "wind": wind,
        **({"rain": fallen} if 500 <= sky < 600 else {"snow": fallen} if 600 <= sky < 700 else {}),
        "clouds": {"all": chance.randint(*CLOUDS.get(sky, (40, 100)))},
    }


def _sun(city: City, *, now: float) -> tuple[int, int]:
    """Sunrise and sunset of the city's day, in seconds since 1970; near the poles a day has 24 hours or none."""
    tilt = radians(-23.44 * cos(2 * pi * (now / DAY + 10) / 365.25))
    height = min(1.0, max(-1.0, -tan(radians(city.lat)) * sin(tilt) / cos(tilt)))
    half_day = degrees(acos(height)) / 15 * 3600
    noon = (now + city.utc_offset) // DAY * DAY + DAY / 2 - city.lon / 15 * 3600
    return int(noon - half_day), int(noon + half_day)


def _in_units(celsius: float, units: Units) -> float:
    return _short({"standard": celsius + 273.15, "metric": celsius, "imperial": celsius * 9 / 5 + 32}[units], 2)


def _short(value: float, digits: int) -> float:
    """Rounded, and without a decimal point where nothing is behind it, as the API writes numbers."""
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
