"""Takes a folder, gives what the pages' commands need: the APIs on this machine, a home in use, a site, files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import ladle
from ladle.demo import Replicas, start_replicas
from tests.docs.shell import FOREIGN, Helper, environment
from tests.replicas import replica
from tests.server.site import Site

TOKEN = "ghp_secret"
TOWNS = ("Bern", "Quito", "Lima", "Oslo")
FILES = {
    "my-cities.csv": "city_id,name,country,lat,lon\n"
    "3439525,Young,UY,-32.683331,-57.633331\n3441575,Montevideo,UY,-34.833462,-56.167351\n",
    "south.csv": "city_id\n3439525\n",
    "survey.csv": "id,age,town\n" + "".join(f"{n},{18 + n % 60},{TOWNS[n % 4]}\n" for n in range(1, 1205)),
}


@dataclass(frozen=True, slots=True)
class World:
    """Where the commands of all pages are typed."""

    folder: Path
    variables: dict[str, str]
    instead: dict[str, str]
    """Texts of the pages, and what stands for them here."""
    helper: Helper


@contextmanager
def made(folder: Path) -> Iterator[World]:
    """All of it, until the block ends."""
    with ExitStack() as stack:
        api = stack.enter_context(start_replicas(openweather_windows=()))
        rick, poke = stack.enter_context(replica("rick_and_morty")), stack.enter_context(replica("pokeapi"))
        github = stack.enter_context(replica("github", token=TOKEN))
        variables = {
            "LADLE_HOME": str(folder / "home"),
            "LADLE_CACHE": str(folder / "cache"),
            "LADLE_SWAPI_BASE_URL": api.swapi_url,
            "LADLE_OPENWEATHER_BASE_URL": api.openweather_url,
            "LADLE_OPENWEATHER_QUOTA": "60000 per minute",
            "OPENWEATHER_API_KEY": "demo",
            "LADLE_RICK_AND_MORTY_BASE_URL": rick.url,
            "LADLE_RICK_BASE_URL": rick.url,
            "LADLE_LOCAL_QUOTA": "60000 per minute",  # of what is inferred here
            "LADLE_LOCAL_PACE": "fast",
            "LADLE_POKEAPI_BASE_URL": poke.url,
            "LADLE_GITHUB_BASE_URL": github.url,
            "GITHUB_TOKEN": TOKEN,
        }
        (folder / "backup").mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        fill(api, variables)
        site = stack.enter_context(Site(folder / "home", **{"LADLE_ALLOW_ADDRESSES": "127.0.0.0/8", **variables}))
        here = f"http://127.0.0.1:{site.port}"
        instead = {
            "https://rickandmortyapi.com/api/": rick.url,
            "https://pokeapi.co/api/v2/": poke.url,
            "https://swapi.example.org/api/": api.swapi_url,
            "https://ladle.example.org": here,
            "http://127.0.0.1:8000": here,
            "localhost:8000": here.removeprefix("http://"),
            "your-key": "demo",
            "_API_KEY=…": "_API_KEY=demo",
            "/backup/": f"{folder}/backup/",
            "~/.ladle": str(folder / "home"),
            "pokeapi/pokemon": "local/pokemon",  # it is named after the host
            "owner=python --set repo=cpython": "owner=kitchen --set repo=ladle",  # what GitHub's replica has
        }
        helper = stack.enter_context(Helper(folder, environment(variables)))
        yield World(folder, variables, instead, helper)


def fill(api: Replicas, variables: dict[str, str]) -> None:
    """Two snapshots of the people, who have changed meanwhile, and one of the cities."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(FOREIGN):
                patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        ladle.collect("swapi/people")
        address = api.swapi_url.replace("/api/", "/_records/people/1")
        urlopen(Request(address, b'{"mass": "80"}', method="PATCH")).close()
        ladle.collect("swapi/people")
        ladle.collect("openweather/cities")
