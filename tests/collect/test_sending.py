"""What goes over the wire: takes bodies, headers and credentials, looks at what comes and at what is kept of it."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ladle
from ladle.collect.request import Request
from ladle.collect.retry import Answer, Failure
from ladle.errors import BadInput, SettingError
from ladle.runs import queue
from ladle.sources.source import Auth, Source
from ladle.testing import Request as Arrived
from ladle.testing import ScriptedApi, answer, hang, redirect
from tests.apis import entries, everything
from tests.collect.wire import door, ok, own, saying, server, to

PASSWORD = "correct/horse+battery"
USER = f"me:{PASSWORD}"


def basic(env: str = "USER_AND_PASSWORD", *, user: str = "") -> Auth:
    """The definition's `{ basic = … }`."""
    return Auth(place="basic", name="Authorization", env=env, user=user)


def post(url: str, body: bytes) -> Request:
    """A request by POST."""
    return replace(to(url), body=body)


def with_headers(source: Source, **headers: str) -> Source:
    """The source, sending these (`_` for `-`) with every request."""
    return replace(source, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_body_goes_by_post_as_json_and_the_next_request_goes_without() -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        async with door(api.url) as way_in:
            for request in (to(api.url), post(api.url, b'{"page": 1}'), post(api.url, b"{}"), to(api.url)):
                assert isinstance(await way_in.fetcher.fetch(request), Answer)
            assert way_in.permits == 4
        came = [(each.method, each.body, each.headers.get("Content-Type")) for each in api.requests]
    kind = "application/json"
    assert came == [("GET", b"", None), ("POST", b'{"page": 1}', kind), ("POST", b"{}", kind), ("GET", b"", None)]


async def test_bodies_of_requests_in_flight_are_not_mixed_up() -> None:
    """More requests than lines, so that a handle which carried a body makes requests without one and the other way."""
    with ScriptedApi(lambda request: {"said": request.body.decode(), "by": request.method}) as api:
        async with door(api.url) as way_in:
            asked = [to(api.url) if n % 3 else post(api.url, f'{{"n": {n}}}'.encode()) for n in range(60)]
            came = await asyncio.gather(*[way_in.fetcher.fetch(request) for request in asked])
    told = [json.loads(outcome.body) for outcome in came if isinstance(outcome, Answer)]
    wanted = [{"said": (each.body or b"").decode(), "by": "POST" if each.body else "GET"} for each in asked]
    assert told == wanted


async def test_a_large_body_is_sent_at_once_and_without_asking_whether_it_may_be() -> None:
    body = json.dumps({"ids": "x" * 3_000_000}).encode()
    with ScriptedApi({"*": answer([1])}) as api:
        async with door(api.url) as way_in:
            assert isinstance(await way_in.fetcher.fetch(post(api.url, body)), Answer)
        assert api.requests[0].body == body
        assert "Expect" not in api.requests[0].headers


async def test_a_post_is_not_sent_again_when_its_connection_dies() -> None:
    numbers = iter(range(10))

    async def say(head: bytes, writer: asyncio.StreamWriter) -> None:
        if next(numbers) == 0:
            writer.write(ok())
        else:
            writer.transport.abort()

    async with server(say) as api, door(api.url) as way_in:
        await way_in.fetcher.fetch(to(api.url))
        outcome = await way_in.fetcher.fetch(post(api.url, b""))
        assert isinstance(outcome, Failure)
        assert len(api.asked) == way_in.permits == 2


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_keeps_the_body_is_followed(status: int) -> None:
    with ScriptedApi({"/old": redirect("/new", status=status), "/new": answer([1])}) as api:
        async with door(api.url) as way_in:
            assert isinstance(await way_in.fetcher.fetch(post(f"{api.url}old", b"{}")), Answer)
        assert [(each.method, each.path, each.body) for each in api.requests] == [
            ("POST", "/old", b"{}"),
            ("POST", "/new", b"{}"),
        ]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_would_lose_the_body_is_refused_in_words(status: int) -> None:
    with ScriptedApi({"/old": redirect("/new", status=status), "/new": answer([1])}) as api:
        async with door(api.url) as way_in:
            outcome = await way_in.fetcher.fetch(post(f"{api.url}old", b"{}"))
        assert len(api.requests) == 1
    assert isinstance(outcome, Failure)
    assert outcome.trouble == "elsewhere"
    assert outcome.reason == f"The API answered {status}, which would turn this POST into a GET without its body."


async def test_the_definitions_headers_go_along_in_the_place_of_ours() -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        source = with_headers(own(api.url), accept="application/vnd.github+json", X_Version="2", X_Empty="")
        async with door(api.url, source=source) as way_in:
            await way_in.fetcher.fetch(to(api.url))
            await way_in.fetcher.fetch(post(api.url, b"{}"))
        for request in api.requests:
            assert request.headers.getall("Accept") == ["application/vnd.github+json"]  # type: ignore[attr-defined]
            assert (request.headers["X-Version"], request.headers["X-Empty"]) == ("2", "")
            assert request.headers["User-Agent"] == "tests"


async def test_the_definition_says_what_kind_its_bodies_are() -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        source = with_headers(own(api.url), content_type="application/vnd.api+json")
        async with door(api.url, source=source) as way_in:
            await way_in.fetcher.fetch(post(api.url, b"{}"))
        assert api.requests[0].headers.getall("Content-Type") == ["application/vnd.api+json"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X-A", "1\r\nX-B: 2", 'The header "X-A" of My API holds a line break'),
        ("X-A: 1\r\nX-B", "2", "is no name of a header"),
        ("", "2", '"" of My API is no name of a header'),
        ("Host", "elsewhere.org", 'The header "Host" of My API can\'t be set'),
        ("transfer-encoding", "chunked", 'The header "transfer-encoding" of My API can\'t be set'),
    ],
)
async def test_a_header_that_can_not_be_sent_is_refused_before_any_request(name: str, value: str, words: str) -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        with pytest.raises(BadInput) as caught:
            async with door(api.url, source=replace(own(api.url), headers={name: value})):
                pass
        assert words in str(caught.value)
        assert api.requests == []


@pytest.mark.parametrize(
    ("auth", "secret", "packed"),
    [
        (basic(), USER, USER),
        (basic(user="me"), PASSWORD, USER),
        (basic(user="me"), "with:colon", "me:with:colon"),
        (basic(), "sk_test_a_key", "sk_test_a_key:"),
        (basic(), "jürgen:schlüssel", "jürgen:schlüssel"),
    ],
)
async def test_basic_sends_user_and_password_or_a_key_as_the_user(auth: Auth, secret: str, packed: str) -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        async with door(api.url, source=replace(own(api.url), auth=auth), secret=secret) as way_in:
            await way_in.fetcher.fetch(to(api.url))
        scheme, _, sent = api.requests[0].headers["Authorization"].partition(" ")
    assert (scheme, b64decode(sent).decode()) == ("Basic", packed)


async def test_a_password_with_a_line_break_is_refused_without_being_told() -> None:
    with pytest.raises(SettingError, match="The key in USER_AND_PASSWORD holds a line break") as caught:
        async with door(
            "http://127.0.0.1:9/", source=replace(own("http://127.0.0.1:9/"), auth=basic()), secret="a:b\nc"
        ):
            pass
    assert "a:b" not in str(caught.value)


def spelled(secret: str) -> set[bytes]:
    """A secret as it is and as basic packs it."""
    whole = secret if ":" in secret else f"me:{secret}"
    return {secret.encode(), whole.partition(":")[2].encode(), b64encode(whole.encode())}


@pytest.mark.parametrize(("user", "secret"), [("", USER), ("me", PASSWORD), ("", "me:short")])
def test_a_password_that_an_api_sends_back_is_kept_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, user: str, secret: str
) -> None:
    caplog.set_level(logging.DEBUG)

    def script(request: Arrived) -> Any:
        header = request.headers["Authorization"]
        headers = {"ETag": f'"{header}"', "Link": header}
        if request.path == "/things":
            return answer({"records": [{"id": 1, "header": header, "text": secret}]}, headers=headers)
        return answer({"message": f"No {header} or {secret} here"}, status=404, headers=headers)

    for path in ("things", "missing"):
        with ScriptedApi(script) as api:
            source = replace(own(api.url), auth=basic(user=user))
            resources = {"things": replace(source.resources["things"], path=path, records="records")}
            source = replace(source, resources=resources, text=source.text.replace('"things"\n', f'"{path}"\n', 1))
            run = queue(ladle.Home.open(tmp_path / "home"), source, source.datasets["things"])
            end = asyncio.run(ladle.drive(run, env={"USER_AND_PASSWORD": secret}))
            assert len(api.requests) == 1, end.reason
            if path == "missing":
                assert "No Basic *** or *** here" in entries(run)[-1].reason
    hidden = spelled(secret)
    if len(secret.partition(":")[2]) < 8 and ":" in secret:
        hidden.discard(secret.partition(":")[2].encode())  # shorter than what can't be mistaken for data
    kept = list(everything(tmp_path / "home"))
    assert [name for name, held in kept if any(each in held for each in hidden)] == []
    assert not any(each.decode() in caplog.text for each in hidden)


async def test_a_request_that_hangs_with_a_body_is_let_go() -> None:
    with ScriptedApi({"/slow": hang(), "/quick": answer([1])}) as api:
        async with door(api.url) as way_in:
            call = asyncio.create_task(way_in.fetcher.fetch(post(f"{api.url}slow", b'{"a": 1}')))
            await asyncio.to_thread(api.wait_for)
            call.cancel()
            await asyncio.wait([call])
            assert isinstance(await way_in.fetcher.fetch(to(f"{api.url}quick")), Answer)
        assert [(each.method, each.body) for each in api.requests] == [("POST", b'{"a": 1}'), ("GET", b"")]


async def test_a_body_is_sent_whole_to_a_server_that_answers_before_it_has_read_it() -> None:
    async with server(saying(ok(b"[1]"), close=True)) as api, door(api.url) as way_in:
        assert isinstance(await way_in.fetcher.fetch(post(api.url, b"{}")), Answer)
