"""The door to the network: takes servers that say odd things, looks at what a call comes to and what it costs."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from itertools import count

import pytest

from ladle.collect import curl
from ladle.collect.fetch import Bounds
from ladle.collect.poll import Selected
from ladle.collect.retry import Answer, Failure
from ladle.errors import SettingError
from ladle.testing import Request, ScriptedApi, answer, hang, reset
from tests.collect.wire import door, ok, saying, server, to

TORN = "The connection broke before the whole answer had come."
SPOILT = "The answer's compression is damaged, or of a kind that was not asked for."
PACKED = gzip.compress(b'{"a": 1}', mtime=0)


@pytest.mark.parametrize("way", ["reset", "closed"])
async def test_every_attempt_on_the_wire_has_a_permit_of_its_own(way: str) -> None:
    """A kept connection that dies under a request is where curl, left alone, sends the request again by itself."""
    numbers = count()

    async def say(_: bytes, writer: asyncio.StreamWriter) -> None:
        if next(numbers) % 2 == 0:
            writer.write(ok())
        elif way == "reset":
            writer.transport.abort()
        else:
            writer.close()

    async with server(say) as api, door(api.url) as way_in:
        outcomes = [await way_in.fetcher.fetch(to(api.url)) for _ in range(20)]
        assert len(api.asked) == way_in.permits == 20
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)] == [TORN] * 10


async def test_permits_and_attempts_agree_while_many_calls_meet_dying_connections() -> None:
    answers = [answer({}), answer({}), reset(), answer({}), reset(), answer("", status=500)] * 20
    with ScriptedApi({"*": [*answers, answer({})]}) as api:
        async with door(api.url) as way_in:

            async def calls() -> None:
                for _ in range(30):
                    await way_in.fetcher.fetch(to(api.url))

            await asyncio.gather(*[calls() for _ in range(4)])
            assert len(api.requests) == way_in.permits == 120


async def test_a_kept_connection_is_used_again() -> None:
    async with server(saying(ok(), close=False)) as api, door(api.url) as way_in:
        for _ in range(5):
            await way_in.fetcher.fetch(to(api.url))
        assert (len(api.asked), api.connections) == (5, 1)


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (ok(b"[]"), 200, b"[]"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n[]", 200, b"[]"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(b"[]"), 200, b"[]"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nX-Late: yes\r\n\r\n", 200, b"[]"),
        (b"HTTP/1.0 404 No\r\n\r\nuntil the end", 404, b"until the end"),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", 304, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (ok(PACKED, {"Content-Encoding": "gzip"}), 200, b'{"a": 1}'),
        (ok(PACKED + PACKED, {"content-ENCODING": "x-gzip"}), 200, b'{"a": 1}{"a": 1}'),
        (ok(zlib.compress(b"[]"), {"Content-Encoding": "deflate"}), 200, b"[]"),
        (ok(zlib.compress(b"[]", wbits=-15), {"Content-Encoding": "deflate"}), 200, b"[]"),
        (ok(b"[]", {"Content-Encoding": "identity"}), 200, b"[]"),
    ],
)
async def test_an_answer_is_read_however_it_is_sent(said: bytes, status: int, body: bytes) -> None:
    async with server(saying(said)) as api, door(api.url) as way_in:
        outcome = await way_in.fetcher.fetch(to(api.url))
    assert isinstance(outcome, Answer), outcome
    assert (outcome.status, outcome.body) == (status, body)


@pytest.mark.parametrize(
    ("said", "trouble", "words"),
    [
        (b"", "broken", TORN),
        (b"\r\n\r\n\r\n", "broken", TORN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "broken", TORN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nab", "broken", TORN),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000, "broken", TORN),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken", TORN),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n", "broken", TORN),
        (b"no HTTP at all", "broken", TORN),
        (ok(PACKED[:-9], {"Content-Encoding": "gzip"}), "broken", SPOILT),
        (ok(b"\x1f\x8b plain", {"Content-Encoding": "gzip"}), "broken", SPOILT),
        (ok(b"[]", {"Content-Encoding": "br"}), "broken", SPOILT),
        (ok(b"x" * 5001), "too large", "The answer is larger than 5,000 bytes."),
        (ok(gzip.compress(b"x" * 5001), {"Content-Encoding": "gzip"}), "too large", "larger than 5,000 bytes."),
    ],
)
async def test_what_goes_wrong_is_said_in_words(said: bytes, trouble: str, words: str) -> None:
    async with server(saying(said)) as api, door(api.url, bounds=Bounds(size=5000)) as way_in:
        outcome = await way_in.fetcher.fetch(to(api.url))
        assert len(api.asked) == way_in.permits == 1
    assert isinstance(outcome, Failure), outcome
    assert outcome.trouble == trouble
    assert words in outcome.reason
    assert "127.0.0.1" not in outcome.reason


async def test_of_a_bomb_no_more_is_unpacked_than_is_allowed() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000, mtime=0)
    packed, bounds = ok(bomb, {"Content-Encoding": "gzip"}), Bounds(size=1_000_000)
    async with server(saying(packed)) as api, door(api.url, bounds=bounds) as way_in:
        tracemalloc.start()
        try:
            outcome = await way_in.fetcher.fetch(to(api.url))
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert isinstance(outcome, Failure)
    assert outcome.trouble == "too large"
    assert most < 5_000_000


async def test_a_server_that_falls_silent_is_given_up() -> None:
    async def say(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[")
        await writer.drain()
        await asyncio.Event().wait()

    async with server(say) as api, door(api.url, bounds=Bounds(silence=0.2)) as way_in:
        outcome = await way_in.fetcher.fetch(to(api.url))
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.reason) == ("timeout", "127.0.0.1 did not answer in time.")
    assert 0.2 <= outcome.took < 5


async def test_a_call_that_is_cancelled_is_taken_off_the_wire() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        assert await reader.read() == b""
        gone.set()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    async with listening, door(url) as way_in:
        call = asyncio.create_task(way_in.fetcher.fetch(to(url)))
        await asyncio.wait_for(asked.wait(), 10)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(gone.wait(), 10)


async def test_after_a_cancelled_call_its_handle_makes_the_next_one() -> None:
    with ScriptedApi({"/slow": hang(), "/quick": answer([1])}) as api:
        async with door(api.url) as way_in:
            call = asyncio.create_task(way_in.fetcher.fetch(to(f"{api.url}slow")))
            await asyncio.to_thread(api.wait_for)
            call.cancel()
            await asyncio.wait([call])
            outcome = await way_in.fetcher.fetch(to(f"{api.url}quick"))
            assert isinstance(outcome, Answer)
            assert outcome.body == b"[1]"
            assert way_in.permits == 2


async def test_headers_hold_any_byte_and_the_last_of_a_name_counts() -> None:
    said = (
        b"HTTP/1.1 200 OK\r\nX-Odd: caf\xe9 \xc3\xa9\r\nX-Two: a\r\nx-two: b:c \r\nEmpty:\r\nContent-Length: 0\r\n\r\n"
    )
    async with server(saying(said)) as api, door(api.url) as way_in:
        outcome = await way_in.fetcher.fetch(to(api.url))
    assert isinstance(outcome, Answer)
    headers = {"x-odd": "caf\ufffd \u00e9", "x-two": "b:c", "empty": "", "content-length": "0"}
    assert outcome.headers == headers


async def test_further_headers_go_with_one_call_and_not_with_the_next() -> None:
    def script(request: Request) -> object:
        return answer("", status=304) if request.headers.get("If-None-Match") == '"a"' else answer([1])

    with ScriptedApi(script) as api:
        async with door(api.url) as way_in:
            asked = [{}, {"If-None-Match": '"a"'}, {}]
            came = [await way_in.fetcher.fetch(to(api.url), headers=headers) for headers in asked]
        assert all(request.headers["User-Agent"] == "tests" for request in api.requests)
    assert [(outcome.status, outcome.body) for outcome in came if isinstance(outcome, Answer)] == [
        (200, b"[1]"),
        (304, b""),
        (200, b"[1]"),
    ]


async def test_a_key_with_a_line_break_is_refused_before_any_call() -> None:
    with pytest.raises(SettingError, match="The key in MY_KEY holds a line break"):
        async with door("http://127.0.0.1:9/", auth='auth = { bearer = true, env = "MY_KEY" }', secret="a\r\nX: b"):
            pass


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"])
async def test_this_machine_is_never_called_by_a_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async with server(saying(b"HTTP/1.1 502 No\r\n\r\n")) as proxy, server(saying(ok())) as api:
        monkeypatch.setenv(name, proxy.url)
        for host in ("127.0.0.1", "localhost"):
            url = f"http://{host}:{api.port}/"
            async with door(url) as way_in:
                assert isinstance(await way_in.fetcher.fetch(to(url)), Answer)
        assert proxy.asked == []


async def test_a_proxy_is_asked_for_a_site_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(saying(ok(b"[1]"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with door("http://api.example.org/") as way_in:
            outcome = await way_in.fetcher.fetch(to("http://api.example.org/things"))
        assert isinstance(outcome, Answer)
        assert proxy.asked[0].startswith(b"GET http://api.example.org/things HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n",
            "api.example.org can't be reached: the proxy answered 407.",
        ),
        (b"", TORN),
    ],
)
async def test_a_proxy_that_refuses_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, said: bytes, words: str
) -> None:
    async with server(saying(said)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hushhush@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with door("https://api.example.org/") as way_in:
            outcome = await way_in.fetcher.fetch(to("https://api.example.org/things"))
        assert proxy.asked[0].startswith(b"CONNECT api.example.org:443")
    assert isinstance(outcome, Failure)
    assert outcome.reason == words


async def test_a_proxy_that_is_not_there_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    wrong = {
        "http://127.0.0.1:9": "The proxy can't be reached",
        "http://no-such-host.invalid:1": "The name of the proxy",
    }
    for address, words in wrong.items():
        monkeypatch.setenv("HTTPS_PROXY", address)
        async with door("https://api.example.org/") as way_in:
            outcome = await way_in.fetcher.fetch(to("https://api.example.org/"))
        assert isinstance(outcome, Failure)
        assert outcome.trouble == "unreachable"
        assert words in outcome.reason


async def test_the_same_calls_go_by_a_selector_where_there_is_no_epoll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curl, "new_poll", Selected)
    async with server(saying(ok(b"x" * 2_000_000), close=False)) as api, door(api.url) as way_in:
        came = await asyncio.gather(*[way_in.fetcher.fetch(to(api.url)) for _ in range(20)])
    assert [len(outcome.body) for outcome in came if isinstance(outcome, Answer)] == [2_000_000] * 20
