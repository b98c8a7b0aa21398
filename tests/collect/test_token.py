"""oauth2: takes a site that gives tokens and an API that wants them, looks at who is asked and what is kept."""

from __future__ import annotations

import asyncio
import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus

import pytest

import ladle
from ladle.collect.fetch import Bounds
from ladle.collect.reach import Reach
from ladle.collect.retry import Answer, Failure
from ladle.collect.token import KEPT, Token
from ladle.errors import BadInput, SettingError
from ladle.runs import queue
from ladle.sources.library import credentials
from ladle.sources.source import Auth, Source
from ladle.testing import Clock, Request, ScriptedApi, answer, hang, html, later, redirect, reset
from ladle.trying import try_all
from tests.apis import entries, everything
from tests.collect.wire import door, own, to

SECRET, ID = "s3cret/with+signs&more", "client:1"
ENV = {"CLIENT_ID": ID, "CLIENT_SECRET": SECRET}


@dataclass
class Client:
    """A site that gives the tokens `token-1-…`, `token-2-…`, and an API that takes those that are `good`."""

    lifetime: object = 3600
    in_body: bool = False
    """It wants the client's name and secret in the body."""
    given: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    asked: list[Request] = field(default_factory=list)

    def give(self, request: Request) -> object:
        self.asked.append(request)
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        sent = (form.get("client_id"), form.get("client_secret"))
        if not self.in_body:
            packed = request.headers.get("Authorization", "").removeprefix("Basic ")
            name, _, secret = b64decode(packed).decode().partition(":")
            sent = (unquote_plus(name), unquote_plus(secret))
        if sent != (ID, SECRET) or form["grant_type"] != "client_credentials":
            return answer({"error": "invalid_client", "error_description": f"No {sent}"}, status=401)
        self.given.append(f"token-{len(self.given) + 1}-0123456789abcdef")
        told = {} if self.lifetime is None else {"expires_in": self.lifetime}
        return {"access_token": self.given[-1], "token_type": "Bearer", **told}

    def take(self, request: Request) -> object:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.given or token in self.refused:
            return answer({"message": f"No token {token}"}, status=401, headers={"WWW-Authenticate": f"Bearer {token}"})
        return answer({"records": [{"id": 1, "token": token}]}, headers={"ETag": f'"{token}"'})


def wanting(url: str, token_url: str, *, scope: str = "") -> Source:
    """A source whose credential is exchanged for a token."""
    auth = Auth(
        place="oauth2",
        name="Authorization",
        env="CLIENT_SECRET",
        id_env="CLIENT_ID",
        token_url=token_url,
        scope=scope,
    )
    return replace(own(url), auth=auth)


@pytest.fixture(autouse=True)
def _no_tokens_of_other_tests() -> Iterator[None]:
    KEPT.clear()
    yield
    KEPT.clear()


@contextmanager
def sites(client: Client, script: Callable[[Request], object] | None = None) -> Iterator[tuple[Source, ScriptedApi]]:
    """The source, and the API that it leads to."""
    with ScriptedApi(client.give) as tokens, ScriptedApi(script or client.take) as api:
        yield wanting(api.url, f"{tokens.url}token"), api


async def test_a_token_is_asked_for_once_and_goes_with_every_request() -> None:
    client = Client()
    with sites(client) as (source, api):
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            came = await asyncio.gather(*[way_in.fetcher.fetch(to(api.url)) for _ in range(12)])
            assert [outcome.status for outcome in came] == [200] * 12
            assert way_in.permits == 12
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            assert isinstance(await way_in.fetcher.fetch(to(api.url)), Answer)
        assert {request.headers["Authorization"] for request in api.requests} == {f"Bearer {client.given[0]}"}
    assert len(client.asked) == 1
    assert client.asked[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (client.asked[0].method, client.asked[0].body) == ("POST", b"grant_type=client_credentials")


async def test_the_scope_is_asked_for_and_another_scope_is_another_token() -> None:
    client = Client()
    with sites(client) as (source, api):
        assert source.auth is not None
        for scope in ("read", "read write"):
            scoped = replace(source, auth=replace(source.auth, scope=scope))
            async with door(api.url, source=scoped, secret=SECRET, env=ENV) as way_in:
                assert isinstance(await way_in.fetcher.fetch(to(api.url)), Answer)
    assert [parse_qs(request.body.decode())["scope"] for request in client.asked] == [["read"], ["read write"]]


async def test_a_site_that_wants_the_secret_in_the_body_gets_it_there() -> None:
    client = Client(in_body=True)
    with sites(client) as (source, api):
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            assert isinstance(await way_in.fetcher.fetch(to(api.url)), Answer)
    assert ["Authorization" in request.headers for request in client.asked] == [True, False]


async def test_a_wrong_secret_is_tried_in_both_ways_and_not_told() -> None:
    client = Client()
    with sites(client) as (source, api):
        env = {**ENV, "CLIENT_SECRET": "wrong-secret"}
        async with door(api.url, source=source, secret="wrong-secret", env=env) as way_in:
            outcome = await way_in.fetcher.fetch(to(api.url))
        assert (len(client.asked), api.requests) == (2, [])
    assert isinstance(outcome, Failure)
    assert outcome.trouble == "refused"
    assert outcome.reason.startswith("127.0.0.1 gave no token: it answered 401: No (")
    assert "wrong-secret" not in outcome.reason


@pytest.mark.parametrize(
    ("lifetime", "good_for"),
    [(3600, 3570.0), ("3600", 3570.0), (40, 20.0), (None, 1e9), (0, 1e9), ("soon", 1e9), (10**400, 1e9)],
)
async def test_a_token_is_sent_until_shortly_before_its_end(lifetime: object, good_for: float) -> None:
    client, clock = Client(lifetime=lifetime), Clock(1_000_000.0)
    with sites(client) as (source, api):
        async with door(api.url, source=source, secret=SECRET, env=ENV, clock=clock.time) as way_in:
            for turned, asked in ((0.0, 1), (good_for - 1, 1), (2.0, 1 if good_for == 1e9 else 2)):
                clock.advance(turned)
                assert isinstance(await way_in.fetcher.fetch(to(api.url)), Answer)
                assert len(client.asked) == asked


async def test_after_a_401_another_token_is_asked_for_once_by_all_who_had_the_old_one() -> None:
    client = Client()
    with sites(client) as (source, api):
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            await way_in.fetcher.fetch(to(api.url))
            client.refused.add(client.given[0])
            came = await asyncio.gather(*[way_in.fetcher.fetch(to(api.url)) for _ in range(4)])
            assert [outcome.status for outcome in came] == [200] * 4
            assert way_in.permits == len(api.requests) == 9
    assert len(client.asked) == 2


async def test_an_api_that_takes_no_token_at_all_costs_two_of_each() -> None:
    client = Client()
    with sites(client, lambda _: answer("", status=401)) as (source, api):
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            outcome = await way_in.fetcher.fetch(to(api.url))
        assert (outcome.status, len(api.requests), len(client.asked)) == (401, 2, 2)


@pytest.mark.parametrize(
    ("said", "trouble", "words"),
    [
        (answer({"error": "invalid_scope", "error_description": f"No {SECRET}"}, status=400), "refused", "400: No ***"),
        (answer({"error": "unauthorized_client"}), "refused", "it answered 200: unauthorized_client."),
        (html("Forbidden", status=403), "refused", "127.0.0.1 gave no token: it answered 403."),
        (redirect("/elsewhere"), "refused", "it answered 302."),
        (html("Bad Gateway", status=502), "unreachable", "it answered 502."),
        (later(after=7), "limited", "it answered 429"),
        (answer("no JSON"), "refused", "holds no usable access_token"),
        (answer([1]), "refused", "holds no usable access_token"),
        (answer({"access_token": "a\nb"}), "refused", "holds no usable access_token"),
        (answer({"access_token": 7}), "refused", "holds no usable access_token"),
        (answer({"access_token": "abc", "token_type": "mac"}), "refused", 'another kind than "bearer"'),
        (reset(), "unreachable", "No token was given. The connection broke"),
    ],
)
async def test_why_no_token_was_given_is_said_without_the_secret(said: object, trouble: str, words: str) -> None:
    with ScriptedApi(lambda _: said) as tokens, ScriptedApi({"*": answer([1])}) as api:
        source = wanting(api.url, tokens.url)
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            came = await asyncio.gather(*[way_in.fetcher.fetch(to(api.url)) for _ in range(5)])
            assert way_in.permits == 0
        assert (len(tokens.requests), api.requests) == (1, [])
    for outcome in came:
        assert isinstance(outcome, Failure)
        assert outcome.trouble == trouble
        assert words in outcome.reason
        assert SECRET not in outcome.reason
    assert came[0].headers.get("retry-after") == ("7" if trouble == "limited" else None)


async def test_who_waits_for_a_token_is_let_go_and_the_others_get_it() -> None:
    client = Client()
    with ScriptedApi({"*": hang({"access_token": "late-token"})}) as tokens, ScriptedApi({"*": answer([1])}) as api:
        source = wanting(api.url, tokens.url)
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            first, second = [asyncio.create_task(way_in.fetcher.fetch(to(api.url))) for _ in range(2)]
            await asyncio.to_thread(tokens.wait_for)
            first.cancel()
            await asyncio.wait([first])
            tokens.release()
            assert isinstance(await second, Answer)
            assert (first.cancelled(), len(tokens.requests)) == (True, 1)
    assert client.asked == []


async def test_all_who_wait_for_a_token_are_let_go_together() -> None:
    with ScriptedApi({"*": hang()}) as tokens, ScriptedApi({"*": answer([1])}) as api:
        async with door(api.url, source=wanting(api.url, tokens.url), secret=SECRET, env=ENV) as way_in:
            waiting = [asyncio.create_task(way_in.fetcher.fetch(to(api.url))) for _ in range(3)]
            await asyncio.to_thread(tokens.wait_for)
            way_in.fetcher.let_go()
            done, _ = await asyncio.wait(waiting)
            assert all(task.cancelled() for task in done)


async def test_a_token_from_the_apis_own_site_takes_a_permit() -> None:
    client = Client()

    def script(request: Request) -> object:
        return client.give(request) if request.path == "/token" else client.take(request)

    with ScriptedApi(script) as api:
        source = wanting(api.url, f"{api.url}token")
        async with door(api.url, source=source, secret=SECRET, env=ENV) as way_in:
            assert isinstance(await way_in.fetcher.fetch(to(f"{api.url}things")), Answer)
            assert way_in.permits == len(api.requests) == 2


async def test_a_site_that_gives_tokens_obeys_the_same_reach() -> None:
    client = Client()
    with sites(client) as (source, api):
        url = api.url.replace("127.0.0.1", "api.example")
        source = replace(source, trusted=False, base_url=url)
        reach = Reach(networks=(ip_network("127.0.0.0/8"),), resolve=lambda host, port: ["127.0.0.1"])
        assert source.auth is not None
        astray = replace(
            source, auth=replace(source.auth, token_url=source.auth.token_url.replace("127.0.0.1", "[::1]"))
        )
        bounds = Bounds(connect=2.0)
        listed = {**ENV, "LADLE_ALLOW_ENV": "CLIENT_ID, CLIENT_SECRET"}
        async with door(url, source=astray, secret=SECRET, env=listed, reach=reach, bounds=bounds) as way_in:
            outcome = await way_in.fetcher.fetch(to(url))
        assert isinstance(outcome, Failure)
        assert (outcome.trouble, outcome.reason) == ("not allowed", "::1 is no public address.")
        assert (client.asked, api.requests) == ([], [])
        async with door(url, source=source, secret=SECRET, env=listed, reach=reach) as way_in:
            assert isinstance(await way_in.fetcher.fetch(to(url)), Answer)


async def test_a_token_is_not_fetched_by_http_for_an_api_by_https() -> None:
    source = wanting("https://api.example.org/", "http://auth.example.org/token")
    with pytest.raises(BadInput, match="its token would be by http"):
        async with door("https://api.example.org/", source=source, secret=SECRET, env=ENV):
            pass


def test_the_clients_id_has_a_variable_of_its_own() -> None:
    source = wanting("https://api.example.org/", "https://auth.example.org/token")
    found = credentials(source, env=ENV)
    assert (found.id, found.secret) == (ID, SECRET)
    assert SECRET not in repr(found)
    assert ID not in repr(found)
    assert "abc" not in repr(Token("abc"))
    with pytest.raises(SettingError, match="Set the environment variable CLIENT_ID"):
        credentials(source, env={"CLIENT_SECRET": SECRET})


@pytest.mark.parametrize(
    ("env", "state", "said"),
    [
        ({}, "not set", "CLIENT_SECRET and CLIENT_ID are not set"),
        ({"CLIENT_SECRET": "s"}, "not set", "CLIENT_ID is not set"),
        (ENV, "good", "CLIENT_SECRET and CLIENT_ID are set"),
    ],
)
def test_the_doctor_asks_for_secret_and_id(tmp_path: Path, env: dict[str, str], state: str, said: str) -> None:
    auth = '{ oauth2 = "https://auth.example.org/token", id = "CLIENT_ID", env = "CLIENT_SECRET" }'
    text = f'ladle = 1\nname = "own"\nbase_url = "https://api.example.org/"\nauth = {auth}\n[resources.a]\npath = "a"\n'
    ladle.add_source(text, home=tmp_path)
    tried = next(each for each in try_all(home=str(tmp_path), env=env) if each.what == "source own")
    assert (tried.state, tried.said) == (state, said)


def test_neither_token_nor_secret_is_kept_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The API sends each token back in data, headers and errors, and comes to refuse those that it took."""
    caplog.set_level(logging.DEBUG)
    client = Client()
    packed = b64encode(f"client%3A1:{SECRET}".encode()).decode()

    with sites(client, lambda request: client.take(request)) as (source, _):
        page = replace(source.resources["things"], records="records")
        source = replace(source, resources={"things": page})
        home = ladle.Home.open(tmp_path / "home")
        states = []
        for refused in (False, True, True):
            if refused:
                client.refused.update(client.given)
            run = queue(home, source, source.datasets["things"])
            states.append(asyncio.run(ladle.drive(run, env=ENV, chance=lambda: 0.0)).state)
        client.take = lambda request: answer({"message": str(request.headers)}, status=401)  # type: ignore[method-assign]
        run = queue(home, source, source.datasets["things"])
        end = asyncio.run(ladle.drive(run, env=ENV, chance=lambda: 0.0))
    assert (states, end.state) == (["complete"] * 3, "failed")
    assert "CLIENT_SECRET" in end.reason
    assert "***" in end.reason
    assert b"***" in entries(run)[-1].body or "***" in entries(run)[-1].reason
    hidden = [SECRET, packed, *client.given]
    assert len(client.given) >= 3
    held = list(everything(tmp_path / "home"))
    assert [name for name, data in held if any(each.encode() in data for each in hidden)] == []
    assert not any(each in caplog.text for each in hidden)
