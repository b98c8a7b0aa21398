"""Takes nothing, gives OpenWeatherMap as a scripted API of five cities, which answers or holds back as a test says."""

from __future__ import annotations

from pathlib import Path

from ladle.testing import Answer, Request, ScriptedApi, answer, hang

IDS = (3440781, 3439525, 3443013, 3439781, 3440645)
KEY = "a-key-that-must-not-leak"
NOT_FOUND = answer({"cod": "404", "message": "city not found"}, status=404)
REFUSED = answer({"cod": 401, "message": "Invalid API key."}, status=401)


def weather(city: int) -> dict[str, object]:
    """What the API says of a city."""
    return {
        "id": city,
        "name": f"City {city}",
        "coord": {"lon": -56.5, "lat": -33.4},
        "sys": {"country": "UY"},
        "main": {"temp": city % 100 / 10, "humidity": city % 50 + 50},
        "dt": 1624758900,
    }


def row(city: int) -> dict[str, object]:
    """What a collection request shows of a city."""
    return {"city_id": city, "humidity": city % 50 + 50, "temperature": city % 100 / 10}


class Cities:
    """The API for a `with` block. Ids in `held` are not answered until `release`; those in `lost` are not found."""

    def __init__(self) -> None:
        self.held: set[int] = set()
        self.lost: set[int] = set()
        self.api = ScriptedApi({"/weather": self._answer})

    def __enter__(self) -> Cities:
        self.api.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.api.__exit__()

    def _answer(self, request: Request) -> Answer:
        city = int(request.query["id"])
        if request.query["appid"] != KEY:
            return REFUSED
        if city in self.lost:
            return NOT_FOUND
        return hang(weather(city)) if city in self.held else answer(weather(city))

    def asked(self) -> list[int]:
        """Ids of all requests, in the order in which they arrived."""
        return [int(request.query["id"]) for request in self.api.requests]

    def settings(self, folder: Path) -> dict[str, str]:
        """The environment of a server that collects from here; its list of cities is written to `folder`."""
        names = "".join(f"{city},City {city},UY,-33.4,-56.5\n" for city in IDS)
        (folder / "cities.csv").write_text(f"city_id,name,country,lat,lon\n{names}")
        return {
            "LADLE_OPENWEATHER_BASE_URL": self.api.url,
            "LADLE_OPENWEATHER_QUOTA": "100000 per minute",
            "LADLE_OPENWEATHER_PACE": "fast",
            "OPENWEATHER_CITIES": str(folder / "cities.csv"),
            "OPENWEATHER_API_KEY": KEY,
        }
