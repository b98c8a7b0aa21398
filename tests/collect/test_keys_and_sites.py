"""Whom a run trusts: takes keys, redirects and other sites, looks at who is called and what is kept."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

import ladle
from ladle.home import Home, new_id
from ladle.sources.definition import parse
from ladle.testing import Numbered, Request, ScriptedApi, answer, paged, redirect
from tests.apis import (
    KEY,
    cities,
    collected,
    drive,
    entries,
    everything,
    good,
    openweather,
    start,
    swapi,
    taken,
    targets,
    weather,
)

CITIES = "openweather/cities"
OWN = """
ladle = 1
name = "own"
title = "My API"
base_url = "{url}"
concurrency = 4
auth = {auth}
[resources.things]
path = "things"
records = "results"
next = "next"
key = "id"
paging = "link"
[datasets.things]
resource = "things"
columns = ["id", "name"]
"""


def own(api: ScriptedApi, home: Path, *, auth: str) -> ladle.Run:
    """A run of a source of one's own."""
    source = parse(OWN.format(url=api.url, auth=auth), where="own.toml", lists=lambda *_: ("", ""))
    now = datetime.now(UTC)
    run = ladle.Run(
        home=Home.open(home), id=new_id(now), created=now, source=source, dataset_definition=source.datasets["things"]
    )
    run.folder.mkdir()
    return run


def leaks(home: Path, key: str = KEY) -> list[str]:
    """The files and calls of a home that hold the key in any spelling."""
    spelled = {key.encode(), quote(key, safe="").encode(), quote_plus(key).encode()}
    return [name for name, held in everything(home) if any(each in held for each in spelled)]


def test_a_wrong_key_ends_the_run_after_one_call_and_says_which_variable(tmp_path: Path) -> None:
    with openweather(keys=("another",)) as api:
        end = drive(start(api, tmp_path, dataset=CITIES, OPENWEATHER_API_KEY=KEY))
        assert len(api.requests) == 1
    assert (end.state, end.snapshot, end.total) == ("failed", None, 167)
    assert "OpenWeatherMap refused the key" in end.reason
    assert "OPENWEATHER_API_KEY" in end.reason


def test_a_run_that_failed_for_its_key_goes_on_with_the_right_one(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 12), "OPENWEATHER_API_KEY": "wrong"}
    with openweather() as api:
        run = start(api, tmp_path / "home", dataset=CITIES, **where)
        assert drive(run, key="wrong").state == "failed"
        end = drive(run, key=KEY)
        assert (end.state, end.done, len(api.requests)) == ("complete", 12, 1 + 12)


def test_a_key_that_an_api_sends_back_is_kept_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def script(request: Request) -> object:
        given, city = request.query["appid"], int(request.query["id"])
        if city == 2:
            return answer({"message": f"No such city for {given}."}, status=404, headers={"ETag": given})
        if city == 3:
            return answer(f"<{given}>")
        return answer({**weather(city), "next": f"/weather?appid={given}"}, headers={"ETag": given})

    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 5), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(script) as api:
        run = start(api, tmp_path / "home", dataset=CITIES, **where)
        end = drive(run)
    assert (end.state, len(end.gaps)) == ("incomplete", 2)
    assert "No such city for ***" in end.reason
    assert leaks(tmp_path / "home") == []
    assert KEY not in caplog.text
    assert b"appid=***" in next(entry.body for entry in entries(run) if entry.key == "weather?id=1")


@pytest.mark.parametrize("key", [KEY, "a/b+c d=e&f", 'sch"lüssel-\\-lang'])
def test_a_key_in_the_next_links_is_followed_and_not_kept(tmp_path: Path, key: str) -> None:
    records, seen = Numbered(25), list[str]()

    def script(request: Request) -> object:
        seen.append(request.query["token"])
        found = paged(records, 10, style="link")(request)
        return answer(found.body, headers={"X-Key": "yes", "Link": quote(key)})

    with ScriptedApi(script) as api:
        run = own(api, tmp_path, auth='{ query = "token", env = "MY_KEY" }')
        end = asyncio.run(ladle.drive(run, env={"MY_KEY": key}))
    assert (end.state, end.records, seen) == ("complete", 25, [key] * 3), end.reason
    assert leaks(tmp_path, key) == []


@pytest.mark.parametrize(
    ("auth", "name", "sent"),
    [
        ('{ header = "X-Key", env = "MY_KEY" }', "X-Key", KEY),
        ('{ bearer = true, env = "MY_KEY" }', "Authorization", f"Bearer {KEY}"),
    ],
)
def test_a_key_in_a_header_goes_with_every_call_of_the_site(tmp_path: Path, auth: str, name: str, sent: str) -> None:
    with ScriptedApi({"/things": redirect("/moved"), "/moved": paged(Numbered(5), style="link")}) as api:
        end = asyncio.run(ladle.drive(own(api, tmp_path, auth=auth), env={"MY_KEY": KEY}))
        assert [request.headers[name] for request in api.requests] == [sent, sent]
        assert not any(KEY in request.target for request in api.requests)
    assert end.state == "complete"


def test_another_site_is_never_called_and_never_told_the_key(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 3), "OPENWEATHER_API_KEY": KEY}
    with ScriptedApi(lambda _: {"id": 1}) as other:

        def script(request: Request) -> object:
            city = int(request.query["id"])
            return redirect(f"{other.url}weather?id={city}") if city == 2 else weather(city)

        with ScriptedApi(script) as api:
            end = drive(start(api, tmp_path / "home", dataset=CITIES, **where))
        assert other.requests == []
        words = f"The API sends this call on to another site, {other.url.split('/')[2]}."
        assert [(gap.key, gap.reason) for gap in end.gaps] == [("weather?id=2", words)]


def test_next_and_references_that_name_another_site_are_read_at_the_own_one(tmp_path: Path) -> None:
    with ScriptedApi(lambda _: {"name": "Elsewhere"}) as other:

        def astray(request: Request) -> object:
            body = good("people1")(request).body.decode()
            body = body.replace("https://swapi.dev/api/planets/1/", f"https://swapi.dev/api/{other.url}planets/1/")
            return answer(body.replace(request.headers["Host"], other.url.split("/")[2]))

        only_one = {f"people{number}": answer({"count": 10, "next": None, "results": []}) for number in range(2, 10)}
        with swapi(people1=astray, **only_one) as api:
            collected(api, tmp_path)
            assert any("planets/1" in target for target in targets(api))
        assert other.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_site_is_followed(tmp_path: Path, status: int) -> None:
    elsewhere: dict[str, object] = {"/api/elsewhere/": good("people4")}
    with swapi(people4=redirect("../elsewhere/?page=4", status=status), **elsewhere) as api:
        assert collected(api, tmp_path).state == "complete"
        assert "/api/elsewhere/?page=4" in targets(api)


def refused_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("where", ["refused", "unknown"])
def test_a_site_that_can_not_be_reached_ends_the_run_and_names_the_setting(tmp_path: Path, where: str) -> None:
    host = f"127.0.0.1:{refused_port()}" if where == "refused" else "no-such-host.invalid"
    end = collected(f"http://{host}/api/", tmp_path)
    assert (end.state, end.done, end.snapshot) == ("failed", 0, None)
    words = "127.0.0.1 can't be reached" if where == "refused" else "The name no-such-host.invalid can't be found"
    assert words in end.reason
    assert "LADLE_SWAPI_BASE_URL" in end.reason


def test_nobody_is_called_where_the_key_is_not_set(tmp_path: Path) -> None:
    with openweather() as api:
        with pytest.raises(ladle.SettingError, match="OPENWEATHER_API_KEY"):
            start(api, tmp_path, dataset=CITIES)
        assert api.requests == []
    assert list((tmp_path / "runs").iterdir()) == []


def test_the_gate_of_a_key_can_not_be_traced_back_to_it(tmp_path: Path) -> None:
    where: dict[str, Any] = {"OPENWEATHER_CITIES": cities(tmp_path, 3), "OPENWEATHER_API_KEY": KEY}
    with openweather() as api:
        run = start(api, tmp_path / "home", dataset=CITIES, quota="1000 per minute", pace="fast", **where)
        end = drive(run)
    assert taken(end, tmp_path / "home").manifest.rows == 3
    assert leaks(tmp_path / "home") == []
