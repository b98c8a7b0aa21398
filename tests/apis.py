"""Takes nothing, gives both built-in APIs as scripts whose every answer a test may change, and runs against them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import ladle
from ladle.collect.fetch import USUAL, Bounds
from ladle.collect.journal import Entry, replay
from ladle.collect.ledgers import PREFIX, URL
from ladle.demo.records import load_collections
from ladle.testing import Request, ScriptedApi, answer, paged
from tests.servers.stack import files

KEY = "0123456789abcdef0123456789abcdef"
PEOPLE, PLANETS = "/api/people/", "/api/planets/"
CALLS = 15
"""Of a run of swapi/people: 9 pages of people and 6 of planets."""
NO_QUOTA = "none"


def swapi(**changed: object) -> ScriptedApi:
    """The Star Wars API; `people3=...` changes the answer to a page, a name with a slash adds a path."""
    collections = load_collections()
    script: dict[str, Any] = {PEOPLE: paged(collections["people"]), PLANETS: paged(collections["planets"])}
    for planet in collections["planets"]:
        script[str(planet["url"]).removeprefix("https://swapi.dev")] = answer(planet)
    for name, given in changed.items():
        script[name if "/" in name else page(name)] = given
    return ScriptedApi(script)


def page(name: str) -> str:
    """The target of a page: `people3` → `/api/people/?page=3`."""
    collection = name.rstrip("0123456789")
    return f"/api/{collection}/?page={name.removeprefix(collection)}"


def good(name: str) -> Any:
    """What the page should be: a route."""
    return paged(load_collections()[name.rstrip("0123456789")])


def openweather(keys: tuple[str, ...] = (KEY,)) -> ScriptedApi:
    """OpenWeatherMap: any city, humid by its id; any other key is refused."""

    def script(request: Request) -> object:
        if request.query.get("appid") not in keys:
            return answer({"cod": 401, "message": f"Invalid API key {request.query.get('appid')}."}, status=401)
        return weather(int(request.query["id"]))

    return ScriptedApi({"/data/2.5/weather": script})


def weather(city: int) -> dict[str, object]:
    """The least that OpenWeatherMap says of a city."""
    return {"id": city, "dt": 1_700_000_000, "main": {"temp": 20.5, "humidity": city % 100}, "name": f"city {city}"}


def cities(folder: Path, number: int) -> Path:
    """A list of so many cities for OPENWEATHER_CITIES."""
    path = folder / "cities.csv"
    path.write_text("city_id,name\n" + "".join(f"{city},c{city}\n" for city in range(1, number + 1)), "utf-8")
    return path


def start(
    api: ScriptedApi | str, home: Path | str, *, dataset: str = "swapi/people", quota: str = NO_QUOTA, **settings: Any
) -> ladle.Run:
    """A run against the scripted API; OpenWeatherMap's list and key come in `settings`."""
    url = api if isinstance(api, str) else f"{api.url}{'api' if dataset.startswith('swapi') else 'data/2.5'}/"
    pace = settings.pop("pace", None)
    env = {name: str(value) for name, value in settings.items()}
    return ladle.start(ladle.Home.open(home), dataset, base_url=url, quota=quota, pace=pace, env=env)


def drive(
    run: ladle.Run,
    *,
    key: str = KEY,
    seconds: float | None = None,
    on_progress: Callable[[ladle.Progress], None] | None = None,
    bounds: Bounds = USUAL,
    chance: Callable[[], float] = lambda: 0.0,
) -> ladle.Progress:
    """Drive a run in a loop of its own; attempts follow each other at once unless chance wants it otherwise."""
    env = {"OPENWEATHER_API_KEY": key} | {name: os.environ[name] for name in (URL, PREFIX) if name in os.environ}
    return asyncio.run(
        ladle.drive(run, seconds=seconds, on_progress=on_progress, env=env, bounds=bounds, chance=chance)
    )


def collected(api: ScriptedApi | str, home: Path | str, **wanted: Any) -> ladle.Progress:
    """Start and drive a run of swapi/people."""
    return drive(start(api, home), **wanted)


def taken(progress: ladle.Progress, home: Path | str) -> ladle.Snapshot:
    """The snapshot that came of it."""
    assert progress.snapshot is not None, progress.reason
    return ladle.snapshot(progress.snapshot, home=home)


def targets(api: ScriptedApi) -> list[str]:
    """What was asked for, in order."""
    return [request.target for request in api.requests]


def asked(api: ScriptedApi, name: str) -> int:
    """How often a page was asked for."""
    return targets(api).count(page(name))


def entries(run: ladle.Run) -> list[Entry]:
    """The run's journal."""
    return list(replay(run.folder))


def everything(home: Path | str) -> Iterator[tuple[str, bytes]]:
    """Every file of a home with its bytes, and what journals hold when they are unpacked."""
    yield from files(str(home))
    for folder in ladle.Home.at(home).runs.iterdir():
        for entry in replay(folder):
            yield f"{folder.name} {entry.key}", entry.body + repr(entry).encode()


def settings(api: ScriptedApi, home: Path) -> Mapping[str, str]:
    """The settings by which a command finds a scripted Star Wars API and a home."""
    return {"LADLE_HOME": str(home), "LADLE_SWAPI_BASE_URL": f"{api.url}api/"}
