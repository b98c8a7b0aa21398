"""A key that an API echoes wherever it can: takes such a run, walks over every file and every output for the key."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.test import Client
from pytest_django import Settings

import ladle
from ladle.testing import Request, ScriptedApi, answer, html, redirect
from ladle_server.catalog.discover import discover
from tests.apis import cities, drive, everything, start, weather
from tests.cli.command import process as command
from tests.servers.stack import home_of

KEY = "a/b+c=d&e f-0123456789"
SPELLED = {
    KEY.encode(),
    quote(KEY).encode(),
    quote(KEY, safe="").encode(),
    quote_plus(KEY).encode(),
    json.dumps(KEY)[1:-1].replace("/", "\\/").encode(),
    b64encode(KEY.encode())[:-4],
    b64encode(f":{KEY}".encode())[2:-4],
}


def echo(request: Request) -> object:
    """An API that says the key in every kind of answer."""
    given, query = request.query["appid"], quote_plus(request.query["appid"])
    packed = b64encode(f":{given}".encode()).decode()
    told = {"message": f"Key {given} is {packed}.", "key": given}
    match int(request.query["id"]):
        case 1:
            return answer({**weather(1), "name": f"city {given}", "next": f"/x?appid={query}"}, headers={"ETag": given})
        case 2:
            return answer(told, status=404, headers={"ETag": query, "Last-Modified": packed})
        case 3:
            return answer({"cod": "404", **told})
        case 4:
            return html(f"{given} {query} {packed}")
        case 5:
            return html(given, status=200)
        case 6:
            return redirect(f"https://{query}@elsewhere.example/?appid={query}")
        case 7:
            return redirect(f"?id=7&appid={query}")
        case 8:
            return answer({"error": {"message": f"{query} {packed}"}}, status=500, headers={"Retry-After": given})
        case _:
            return weather(9)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The home of a run full of echoes, and of one whose key was refused."""
    folder = tmp_path_factory.mktemp("echoes")
    home = home_of(folder / "home")
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(folder, 9), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(echo) as api:
        end = drive(start(api, home, dataset="openweather/cities", **where), key=KEY)
    assert (end.state, len(end.gaps)) == ("incomplete", 7), end.reason
    refused = answer({"cod": 401, "message": f"Invalid API key {KEY}."}, status=401)
    with ScriptedApi(lambda _: refused) as api:
        end = drive(start(api, home, dataset="openweather/cities", **where), key=KEY)
    assert (end.state, "Invalid API key ***" in end.reason) == ("failed", True), end.reason
    return home


def test_no_file_of_the_home_holds_the_key(home: str) -> None:
    held = dict(everything(home))
    assert len(held) > 20
    assert [name for name, content in held.items() if any(each in content for each in SPELLED)] == []
    assert any(b"***" in content for content in held.values())


def test_no_command_shows_the_key(home: str) -> None:
    (failed, done) = ladle.list_runs(ladle.Home.open(home))
    for words in ("runs --json", f"runs {failed.id}", f"runs {done.id} --json", f"show {done.id} --json"):
        ended = command(*words.split(), LADLE_HOME=home, OPENWEATHER_API_KEY=KEY)
        assert ended.returncode == 0, ended.stderr
        assert shown(ended.stdout.encode() + ended.stderr.encode()) == []


def addresses(run: str) -> Iterator[str]:
    yield from (
        "/api/v1/runs/",
        f"/api/v1/runs/{run}/",
        f"/api/v1/runs/{run}/requests/",
        "/api/v1/sources/openweather/",
    )
    yield from ("/api/v1/snapshots/", f"/api/v1/snapshots/{run}/", f"/api/v1/snapshots/{run}/rows/")
    yield from ("/", "/runs/", f"/runs/{run}/", f"/runs/{run}/live/")
    yield from ("/sources/openweather/", f"/snapshots/{run}/", f"/snapshots/{run}/columns/")


def test_no_answer_and_no_page_of_the_site_shows_the_key(
    home: str,
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    db: None,
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.LADLE_HOME = home
    monkeypatch.setenv("OPENWEATHER_API_KEY", KEY)
    discover()
    (failed, done) = ladle.list_runs(ladle.Home.open(home))
    for address in (*addresses(done.id), f"/api/v1/runs/{failed.id}/", f"/runs/{failed.id}/"):
        told = client.get(address, follow=True)
        assert told.status_code == 200, address
        assert shown(told.content) == [], address
    assert shown(caplog.text.encode()) == []


def shown(content: bytes) -> list[bytes]:
    """The spellings of the key that are in it."""
    return [each for each in SPELLED if each in content]
