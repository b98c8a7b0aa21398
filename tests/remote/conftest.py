"""Takes a home with snapshots, gives a site that serves it to people who log in, and a token of each scope."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import ladle
from ladle.demo.serve import Replicas, start_replicas
from ladle_server.access import tokens
from tests.server.site import Site, until
from tests.servers.stack import Stack, home_of, standing

NAME = "own/things"
HEAD = "id,name,size,weight,kept,day,at,lat,lon,said\n"
LINES = [
    '1,Luke,172,77.5,true,2014-12-09,2014-12-09T13:50:51Z,10.5,20.25,"1,358"',
    "2,Leia,150,49.0,false,2014-12-10,2014-12-10T15:20:09Z,-33.9,151.2,49",
    '3,"a ""quoted"" one",,,,,,,,unknown',
    "4,R2-D2,96,32.0,true,2015-01-31,2015-01-31T23:59:59Z,10.5,20.25,32",
    "5,Yoda,66,17.25,true,2014-12-09,2016-02-29T00:00:00Z,0.0,0.0,17",
]
LATER = [LINES[0], LINES[1].replace("150", "151"), *LINES[3:], "6,Chewbacca,228,112.0,false,2014-12-10,,1.0,2.0,112"]


@dataclass(frozen=True)
class Served:
    """A site that runs, its home, and what it lets in."""

    site: Site
    home: str
    tokens: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.site.port}"

    def as_(self, scope: str) -> dict[str, str]:
        """The settings of a command, or of a script, that uses it with a token."""
        return {"LADLE_URL": self.url, "LADLE_TOKEN": self.tokens[scope]}

    def server(self, scope: str = "read") -> ladle.Server:
        """The same for the library."""
        return ladle.Server.open(env=self.as_(scope))


@pytest.fixture(scope="session", autouse=True)
def _standing(stack: Stack) -> Iterator[None]:
    """This process finds the servers of the stack running, and the site's home on them."""
    with standing(stack):
        yield


@pytest.fixture(scope="session")
def replicas() -> Iterator[Replicas]:
    with start_replicas() as running:
        yield running


@pytest.fixture(scope="session")
def served(replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site whose home has a collected dataset, and one of which something has changed twice; to be read only."""
    folder = tmp_path_factory.mktemp("served")
    home = home_of(folder / "home")
    keep_things(home, folder)
    ladle.collect("swapi/people", home=home, base_url=replicas.swapi_url)
    with serving(home, log=folder / "log", LADLE_SWAPI_BASE_URL=replicas.swapi_url) as found:
        yield found


def keep_things(home: str, folder: Path) -> None:
    """Three snapshots of one dataset, the second and the third alike."""
    for number, lines in enumerate((LINES, LATER, LATER)):
        file = folder / f"things-{number}.csv"
        file.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
        ladle.import_file(file, name=NAME, key="id", home=home)


class serving:  # noqa: N801 - used as a function is
    """A site of a home where people log in, for a `with` block."""

    def __init__(self, home: str, *, log: Path, port: int = 0, **settings: str) -> None:
        first = {"LADLE_FIRST_USER": "boss", "LADLE_FIRST_PASSWORD": "three words apart"}
        self._site = Site(home, log=log, port=port, LADLE_LOGIN="always", LADLE_RATE_LIMIT="none", **first, **settings)
        self._home = home

    def __enter__(self) -> Served:
        self._site.__enter__()
        until(lambda: self._site.get("/readyz").status == 200)  # its tables are there
        return Served(
            self._site, self._home, {scope: _token(self._site, scope) for scope in ("read", "collect", "define")}
        )

    def __exit__(self, *_: object) -> None:
        self._site.__exit__()


def _token(site: Site, scope: str) -> str:
    """A token of the first user's, put where `ladle tokens add` puts it."""
    text = f"{tokens.BEGINS}{secrets.token_urlsafe(32)}"
    told = f"'a test', '{scope}', '{tokens.digest(text)}', '{text[:10]}', '2026-01-01 00:00:00+00:00'"
    columns = "user_id, name, scope, digest, begins, created_at"
    site.sql(f"INSERT INTO access_token ({columns}) SELECT id, {told} FROM access_user")
    return text
