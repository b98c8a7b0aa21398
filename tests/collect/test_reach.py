"""What a source that is not trusted may reach: takes every way to a private address, looks at who was connected to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from itertools import chain, repeat
from pathlib import Path

import pytest

import ladle
from ladle.collect.curl import Wires
from ladle.collect.fetch import Bounds
from ladle.collect.line import NOT_ALLOWED, options
from ladle.collect.reach import EVERYWHERE, Reach, allowed_by, reach_of
from ladle.collect.retry import Answer, Failure
from ladle.errors import BadInput, SettingError
from ladle.runs import queue
from ladle.sources.definition import parse
from ladle.sources.source import Auth, Source
from ladle.testing import Numbered, Request, ScriptedApi, answer, paged, redirect
from tests.apis import entries
from tests.collect.wire import door, ok, own, saying, server, to

NOBODY = Bounds(connect=2.0)
THIS_MACHINE = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0.0.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "00000000177.0.0.1",
    "127.0.0.1.",
    "0.0.0.0",  # noqa: S104 - to be refused
    "0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "api.localhost",
    "127\u30020.0.1",
    "\uff11\uff12\uff17.0.0.1",
    "%31%32%37.0.0.1",
    "127%2e0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
)
"""Spellings of 127.0.0.1; not every one is an address to every resolver."""
PRIVATE = (
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "127.255.255.254",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "168.63.129.16",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "3232235521",
    "100.64.0.1",
    "100.100.100.200",
    "198.18.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "0.1.2.3",
)
PUBLIC = (
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001:80b::200e",
)
STAND_IN = Reach(networks=(ip_network("127.0.0.2/32"),))
"""127.0.0.2 stands for the open Internet here, and the rest of loopback for what must not be reached."""


def untrusted(url: str, *, auth: Auth | None = None) -> Source:
    """A source as a browser brought it."""
    return replace(own(url), trusted=False, auth=auth)


def names(*answers: Sequence[str]) -> Iterator[Sequence[str]]:
    """What a resolver says, one time after the other; the last stays."""
    return chain(answers, repeat(answers[-1]))


def resolving(*answers: Sequence[str]) -> Reach:
    """STAND_IN with a resolver that changes its answers."""
    coming = names(*answers)
    return replace(STAND_IN, resolve=lambda _host, _port: next(coming))


@pytest.mark.parametrize("host", [*THIS_MACHINE, *PRIVATE])
def test_no_spelling_of_a_private_address_is_taken_as_a_base_url(host: str) -> None:
    with pytest.raises(BadInput, match="LADLE_ALLOW_ADDRESSES") as caught:
        Reach().refuse(f"http://{host}:8080/v1/", look_up=False)
    assert "8080/v1/" in str(caught.value)
    EVERYWHERE.refuse(f"http://{host}:8080/v1/")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed_up_to_the_edges_of_the_private_ones(address: str) -> None:
    assert Reach().allows(address)
    Reach().refuse(f"https://[{address}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.9"], ["2606:4700::1111", "::ffff:10.0.0.1"], ["what?"]]
)
def test_a_name_is_refused_when_any_of_its_addresses_is_private_and_none_is_told(found: list[str]) -> None:
    reach = Reach(resolve=lambda host, port: found)
    with pytest.raises(BadInput, match=r"intranet\.example leads to an address that is not public") as caught:
        reach.refuse("https://intranet.example/api/")
    assert not any(address in str(caught.value) for address in found)
    reach.refuse("https://intranet.example/api/", look_up=False)


@pytest.mark.parametrize("url", ["http://[::1/", "http://127.0.0.1:port/"])
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        Reach().refuse(url)


def test_a_name_that_nobody_knows_is_no_reason_to_refuse_a_definition() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    Reach(resolve=unknown).refuse("https://not.yet.example/")


@pytest.mark.parametrize("host", [*THIS_MACHINE, *PRIVATE])
async def test_the_door_makes_no_connection_to_a_private_address_however_it_is_written(host: str) -> None:
    with ScriptedApi({"*": answer([1])}) as api:
        url = api.url.replace("127.0.0.1", host)
        async with door(url, source=untrusted(url), bounds=NOBODY) as way_in:
            outcome = await way_in.fetcher.fetch(to(url))
            assert isinstance(outcome, Failure)
            assert outcome.trouble == "not allowed"
            assert way_in.permits == 0
        assert api.requests == []


@pytest.mark.parametrize("host", THIS_MACHINE)
async def test_the_last_look_at_a_socket_holds_whatever_was_looked_at_before(host: str) -> None:
    """Straight to curl, which finds addresses by itself: nothing is resolved or judged beforehand."""
    with ScriptedApi({"*": answer([1])}) as api:
        url = api.url.replace("127.0.0.1", host).encode()
        common = options(host="api.example.org", headers=(), bounds=NOBODY, direct=True)
        checked = Wires(common, connections=1, bounds=NOBODY, allows=Reach().allows)
        free = Wires(common, connections=1, bounds=NOBODY)
        refused = await checked.send(url, headed=lambda: None)
        assert (refused.code, api.requests) == (NOT_ALLOWED, []) or refused.told.startswith("Could not resolve")
        came = await free.send(url, headed=lambda: None)
        assert (came.code == 0) == (refused.code == NOT_ALLOWED), "what curl can reach is what the look refuses"
        checked.close()
        free.close()


async def test_a_name_whose_dns_changes_to_a_private_address_leads_where_it_led_at_first() -> None:
    """The same port at both addresses, and each answer ends its connection, so that every request makes a new one."""
    end = {"Connection": "close"}
    async with server(saying(ok(b'"public"', end)), host="127.0.0.2") as public:
        url, reach = f"http://rebinding.example:{public.port}/", resolving(["127.0.0.2"], ["127.0.0.1"])
        async with server(saying(ok(b'"private"', end)), port=public.port) as private:
            async with door(url, source=untrusted(url), reach=reach) as way_in:
                came = [await way_in.fetcher.fetch(to(url)) for _ in range(5)]
            assert [outcome.body for outcome in came if isinstance(outcome, Answer)] == [b'"public"'] * 5
            assert (public.connections, private.connections) == (5, 0)
            async with door(url, source=untrusted(url), reach=reach) as way_in:
                later = await way_in.fetcher.fetch(to(url))
            assert isinstance(later, Failure)
            assert later.trouble == "not allowed"
            assert private.connections == 0


async def test_requests_that_set_out_together_look_the_name_up_once() -> None:
    asked = list[tuple[str, int]]()

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.2"]

    async with server(saying(ok()), host="127.0.0.2") as public:
        url = f"http://API.example:{public.port}/"
        async with door(url, source=untrusted(url), reach=replace(STAND_IN, resolve=resolve)) as way_in:
            came = await asyncio.gather(*[way_in.fetcher.fetch(to(url)) for _ in range(8)])
        assert all(isinstance(outcome, Answer) for outcome in came)
        assert asked == [("api.example", public.port)]
        assert f"Host: API.example:{public.port}".encode() in public.asked[0]


@pytest.mark.parametrize("found", [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "::1"]])
async def test_a_host_with_one_private_address_among_others_is_not_connected_to(found: list[str]) -> None:
    async with server(saying(ok()), host="127.0.0.2") as public, server(saying(ok()), port=public.port) as private:
        url = f"http://both.example:{public.port}/"
        async with door(url, source=untrusted(url), reach=resolving(found)) as way_in:
            outcome = await way_in.fetcher.fetch(to(url))
        assert isinstance(outcome, Failure)
        assert outcome.reason == "both.example leads to an address that is not public."
        assert (public.connections, private.connections) == (0, 0)


async def test_a_name_that_can_not_be_found_is_said_and_found_when_it_is_there() -> None:
    answers: Iterator[Sequence[str] | None] = iter([None, ["127.0.0.2"]])

    def resolve(host: str, port: int) -> Sequence[str]:
        if (found := next(answers)) is None:
            raise OSError("no address for intranet.example, 10.0.0.1")
        return found

    async with server(saying(ok()), host="127.0.0.2") as public:
        url = f"http://late.example:{public.port}/"
        async with door(url, source=untrusted(url), reach=replace(STAND_IN, resolve=resolve)) as way_in:
            first, second = [await way_in.fetcher.fetch(to(url)) for _ in range(2)]
    assert isinstance(first, Failure)
    assert (first.trouble, first.reason) == ("unreachable", "The name late.example can't be found.")
    assert isinstance(second, Answer)


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "[::1]", "localhost", "127.0.0.2@127.0.0.1"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_private_address_is_not_followed(spelling: str, status: int) -> None:
    with ScriptedApi({"*": answer([1])}) as private:
        sent_on = f"HTTP/1.1 {status} Go\r\nLocation: {private.url.replace('127.0.0.1', spelling)}\r\n"
        said = saying(f"{sent_on}Content-Length: 0\r\n\r\n".encode())
        async with server(said, host="127.0.0.2") as public:
            async with door(public.url, source=untrusted(public.url), reach=STAND_IN) as way_in:
                outcome = await way_in.fetcher.fetch(to(public.url))
            assert len(public.asked) == 1
        assert isinstance(outcome, Failure)
        assert "to another site" in outcome.reason
        assert private.requests == []


async def test_no_proxy_is_asked_for_a_source_that_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(saying(ok())) as proxy, server(saying(ok()), host="127.0.0.2") as public:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        url = f"http://api.example:{public.port}/"
        async with door(url, source=untrusted(url), reach=resolving(["127.0.0.2"])) as way_in:
            assert isinstance(await way_in.fetcher.fetch(to(url)), Answer)
        assert (proxy.connections, public.connections) == (0, 1)


PAGED = """
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


def run_of(url: str, home: Path) -> ladle.Run:
    """A run of a source with pages, as a browser brought it."""
    text = f'ladle = 1\nname = "own"\ntitle = "My API"\nbase_url = "{url}"\nconcurrency = 4\n{PAGED}'
    source = replace(parse(text, where="own.toml", lists=lambda *_: ("", "")), trusted=False)
    return queue(ladle.Home.open(home), source, source.datasets["things"])


def drive(run: ladle.Run, **env: str) -> ladle.Progress:
    """To its end."""
    return asyncio.run(ladle.drive(run, env=env, chance=lambda: 0.0))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "localhost", "[::ffff:7f00:1]"])
def test_a_run_of_a_source_that_leads_to_this_machine_ends_with_the_remedy(tmp_path: Path, host: str) -> None:
    with ScriptedApi({"/things": paged(Numbered(25), 10, style="link")}) as api:
        end = drive(run_of(api.url.replace("127.0.0.1", host), tmp_path))
        assert (end.state, end.snapshot, api.requests) == ("failed", None, [])
    assert "no public address" in end.reason or "leads to an address that is not public" in end.reason
    assert "LADLE_ALLOW_ADDRESSES" in end.reason


@pytest.mark.parametrize("allowed", ["127.0.0.1", "10.0.0.0/8, 127.0.0.0/8", "all", "::1 127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_operator_allows_addresses(tmp_path: Path, host: str, allowed: str) -> None:
    with ScriptedApi({"/things": paged(Numbered(25), 10, style="link")}) as api:
        run = run_of(api.url.replace("127.0.0.1", host), tmp_path)
        end = drive(run, LADLE_ALLOW_ADDRESSES=allowed)
    assert (end.state, end.records) == ("complete", 25), end.reason


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "[::1]", "localhost"])
async def test_a_next_that_leads_to_a_private_address_is_not_followed(tmp_path: Path, spelling: str) -> None:
    with ScriptedApi(lambda request: {"results": [{"id": 2, "name": "secret"}], "next": None}) as private:
        following = f"{private.url.replace('127.0.0.1', spelling)}things?page=2"
        page = json.dumps({"results": [{"id": 1, "name": "a"}], "next": following}).encode()
        async with server(saying(ok(page)), host="127.0.0.2") as public:
            run = run_of(public.url, tmp_path)
            end = await ladle.drive(run, env={"LADLE_ALLOW_ADDRESSES": "127.0.0.2"}, chance=lambda: 0.0)
        assert end.state != "complete"
        assert private.requests == []
        assert not any(b"secret" in entry.body for entry in entries(run))


def test_a_redirect_in_a_run_leads_to_no_private_address(tmp_path: Path) -> None:
    with ScriptedApi({"*": answer({"results": [{"id": 1, "name": "secret"}]})}) as private:

        def script(request: Request) -> object:
            return redirect(private.url) if request.query else paged(Numbered(25), 10, style="link")(request)

        with ScriptedApi(script) as api:
            end = drive(run_of(api.url, tmp_path), LADLE_ALLOW_ADDRESSES="127.0.0.1")
        assert end.state != "complete"
        assert private.requests == []


def test_a_trusted_source_reaches_everything() -> None:
    assert reach_of(own("http://127.0.0.1/"), {"LADLE_ALLOW_ADDRESSES": "10.0.0.0/8"}) is EVERYWHERE
    assert not reach_of(untrusted("http://127.0.0.1/"), {}).everywhere
    assert allowed_by(" all ") is EVERYWHERE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("127.0.0.1, elsewhere", 'LADLE_ALLOW_ADDRESSES: "elsewhere" is no address and no network.'),
        ("10.0.0.1/8", 'Did you mean "10.0.0.0/8"?'),
        ("10.0.0.0/33", '"10.0.0.0/33" is no address'),
        ("all, 127.0.0.1", '"all" is no address'),
    ],
)
def test_a_wrong_setting_is_named(text: str, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        allowed_by(text)
    assert words in str(caught.value)
