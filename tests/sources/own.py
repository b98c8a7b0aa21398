"""A source of one's own: takes a folder, gives a definition there with a list beside it, and an API that answers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ladle.testing import Request, ScriptedApi, answer, paged

THINGS = [{"id": n, "name": f"thing {n}", "at": f"/boxes/{n % 3 + 1}/"} for n in range(1, 24)]
CITIES = "city,country\nBerlin,DE\nMontevideo,UY\n"
MINE = "city,country\nOslo,NO\n"

TEXT = """ladle = 1
name = "own"
title = "My own"
base_url = "{url}"
parameters = {{ units = "metric", cities = "cities.csv", lang = {{ default = "en", choices = ["en", "de"] }} }}
headers = {{ Accept-Language = "{{lang}}" }}

[resources.things]
path = "things/"
records = "results"
count = "count"
key = "id"
paging = "page"

[resources.weather]
path = "weather"
params = {{ city = "{{city}}", units = "{{units}}" }}
each = {{ csv = "{{cities}}", key = "city" }}
"""


def text(url: str = "https://api.example.org/") -> str:
    """The definition: `own/things` with 23 rows and `own/weather` with a row for each city of its list."""
    return TEXT.format(url=url)


def written(folder: Path, url: str = "https://api.example.org/") -> Path:
    """The same in a file, its list beside it."""
    (folder / "cities.csv").write_text(CITIES, "utf-8")
    path = folder / "own.toml"
    path.write_text(text(url), "utf-8")
    return path


def api() -> ScriptedApi:
    """Answers both; the weather tells what it was asked."""

    def weather(request: Request) -> Any:
        return {**request.query, "lang": request.headers.get("Accept-Language"), "temperature": 20.5}

    return ScriptedApi({"/things/": paged(THINGS), "/weather": weather, "/gone": answer({}, status=410)})
