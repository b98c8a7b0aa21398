"""Takes scripted APIs and the clock as people who write sources use them, gives whether they do what they promise."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from ladle.testing import (
    FAULTS,
    HARMLESS,
    Clock,
    Faulty,
    Numbered,
    Request,
    ScriptedApi,
    answer,
    bad_gzip,
    cut,
    drip,
    fullest,
    gzipped,
    hang,
    html,
    later,
    miscounted,
    paged,
    redirect,
    reset,
    truncated,
)


@contextmanager
def opened(
    api: ScriptedApi, path: str, *, method: str = "GET", body: bytes | None = None
) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=10)
    connection.request(method, path, body=body)
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def get(api: ScriptedApi, path: str) -> tuple[int, bytes]:
    with opened(api, path) as response:
        return response.status, response.read()


def get_json(url: str) -> dict[str, object]:
    async def ask() -> dict[str, object]:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            found: dict[str, object] = await response.json()
            return found

    return asyncio.run(ask())


def test_a_list_of_answers_is_given_in_turn_and_the_last_one_stays() -> None:
    with ScriptedApi({"/a": [later(after=2), answer({"ok": True})]}) as api:
        with opened(api, "/a") as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
        assert [get(api, "/a"), get(api, "/a")] == [(200, b'{"ok":true}')] * 2


def test_the_exactest_route_answers_and_an_unknown_path_is_a_404() -> None:
    with ScriptedApi({"/a?page=2": answer("two"), "/a": answer("one")}) as api:
        assert get(api, "/a?page=2") == (200, b"two")
        assert get(api, "/a?page=3") == (200, b"one")
        assert get(api, "/b")[0] == 404
    with ScriptedApi({"*": answer("any")}) as api:
        assert get(api, "/b") == (200, b"any")


def test_a_function_answers_with_json_or_an_answer() -> None:
    def script(request: Request) -> object:
        return answer("none", status=404) if request.path == "/none" else {"asked": request.query}

    with ScriptedApi(script) as api:
        assert get(api, "/x?a=1") == (200, b'{"asked":{"a":"1"}}')
        assert get(api, "/none") == (404, b"none")


def test_requests_are_kept_as_they_arrived() -> None:
    clock = Clock(5.0)
    with ScriptedApi({"/a": answer()}, clock=clock.time) as api:
        with opened(api, "/a?q=%C3%A9", method="POST", body=b"hello"):
            clock.advance(1)
        get(api, "/a")
        first, second = api.requests
    assert (first.method, first.path, first.query, first.target) == ("POST", "/a", {"q": "é"}, "/a?q=%C3%A9")
    assert (first.body, first.headers["host"]) == (b"hello", urlsplit(api.url).netloc)
    assert [first.arrived, second.arrived] == [5.0, 6.0]
    assert api.arrivals == [5.0, 6.0]


def test_failures_come_before_the_route_one_for_each_request() -> None:
    with ScriptedApi({"/a": answer("well")}) as api:
        api.fail("/a?page=2", later(status=503), answer("odd", status=500))
        assert [get(api, "/a?page=2")[0] for _ in range(3)] == [503, 500, 200]
        assert get(api, "/a") == (200, b"well")


@pytest.mark.parametrize("kept", [0, 4])
def test_a_truncated_answer_ends_early_after_its_200(kept: int) -> None:
    with ScriptedApi({"/a": truncated("0123456789", kept=kept)}) as api, opened(api, "/a") as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "10")
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
    assert caught.value.partial == b"0123456789"[:kept]


def test_a_reset_connection_gives_no_answer_and_the_server_lives_on() -> None:
    with ScriptedApi({"/a": [reset(), answer("well")]}) as api:
        with pytest.raises(ConnectionResetError) as caught:
            get(api, "/a")
        # A polite end would be its subclass RemoteDisconnected.
        assert caught.type is ConnectionResetError
        assert get(api, "/a") == (200, b"well")


def test_a_hanging_answer_comes_when_released() -> None:
    found: list[tuple[int, bytes]] = []
    with ScriptedApi({"/a": hang("at last"), "/b": answer("at once")}) as api:
        asking = threading.Thread(target=lambda: found.append(get(api, "/a")))
        asking.start()
        assert api.wait_for(1)[0].path == "/a"
        assert get(api, "/b") == (200, b"at once")
        assert not found
        api.release()
        asking.join(timeout=10)
    assert found == [(200, b"at last")]


def test_leaving_the_block_ends_what_hangs() -> None:
    with ScriptedApi({"/a": hang()}) as api:
        asking = threading.Thread(target=lambda: get(api, "/a"))
        asking.start()
        api.wait_for(1)
    asking.join(timeout=10)
    assert not asking.is_alive()


def test_waiting_for_too_many_requests_says_how_many_there_were() -> None:
    with ScriptedApi({"/a": answer()}) as api:
        get(api, "/a")
        with pytest.raises(TimeoutError, match="1 of 2 requests"):
            api.wait_for(2, seconds=0.01)


def test_a_dripping_answer_is_whole_in_the_end() -> None:
    with ScriptedApi({"/a": drip("0123456789", chunk=3, pause=0.001)}) as api:
        assert get(api, "/a") == (200, b"0123456789")


def test_bad_gzip_arrives_whole_and_can_not_be_read() -> None:
    with ScriptedApi({"/a": bad_gzip({"records": [1, 2, 3]})}) as api, opened(api, "/a") as response:
        assert (response.status, response.headers["Content-Encoding"]) == (200, "gzip")
        with pytest.raises((zlib.error, gzip.BadGzipFile, EOFError)):
            gzip.decompress(response.read())


def test_chunks_that_are_cut_short_have_no_end() -> None:
    with ScriptedApi({"/a": cut("0123456789", kept=4)}) as api, opened(api, "/a") as response:
        assert (response.status, response.headers["Transfer-Encoding"]) == (200, "chunked")
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
    assert caught.value.partial == b"0123"


def test_a_miscounted_answer_is_longer_than_it_says() -> None:
    with ScriptedApi({"/a": miscounted("0123456789", told=4)}) as api:
        assert get(api, "/a") == (200, b"0123")
        with socket.create_connection((urlsplit(api.url).hostname or "", urlsplit(api.url).port or 0)) as wire:
            wire.sendall(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"".join(iter(lambda: wire.recv(4096), b"")).endswith(b"\r\n\r\n0123456789")


@pytest.mark.parametrize(("kept", "whole"), [(None, True), (20, False)])
def test_gzip_comes_whole_or_as_much_of_it_as_is_kept(kept: int | None, whole: bool) -> None:
    with ScriptedApi({"/a": gzipped("0123456789", kept=kept)}) as api:
        status, packed = get(api, "/a")
    assert status == 200
    if whole:
        assert gzip.decompress(packed) == b"0123456789"
    else:
        with pytest.raises(EOFError):
            gzip.decompress(packed)


def test_a_page_of_html_comes_with_any_status() -> None:
    with ScriptedApi({"/a": html("Log in", status=200), "/b": html()}) as api, opened(api, "/a") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b"<h1>Log in</h1>" in response.read()
        assert get(api, "/b")[0] == 500


def drawn(paths: list[str], **wanted: Any) -> dict[str, list[int]]:
    """The statuses that each path got, in the order in which it was asked for them."""
    found: dict[str, list[int]] = {path: [] for path in paths}
    with ScriptedApi(Faulty({"*": answer("well")}, {"503": 0.3, "404": 0.1}, **wanted)) as api:
        for path in paths:
            found[path].append(get(api, path)[0])
    return found


def test_a_plan_of_faults_depends_on_its_seed_and_not_on_the_order_of_requests() -> None:
    paths = [f"/{number}" for number in range(40)] * 2
    found = drawn(paths, seed=1)
    assert drawn(paths[::-1], seed=1) == found
    assert drawn(paths, seed=2) != found
    assert {status for statuses in found.values() for status in statuses} == {200, 404, 503}
    assert any(first != second for first, second in found.values())


def test_a_lasting_fault_is_the_same_each_time() -> None:
    found = drawn([f"/{number}" for number in range(40)] * 2, lasting=True)
    assert all(first == second for first, second in found.values())


def test_faults_are_counted_by_kind_and_by_target() -> None:
    faulty = Faulty(lambda _: answer("well"), {"404": 0.5, "gzip": 0.5})
    with ScriptedApi(faulty) as api:
        refused = sum(get(api, f"/{number}")[0] == 404 for number in range(20))
    assert faulty.sent == {"404": refused, "gzip": 20 - refused}
    assert sum(faulty.failed.values()) == refused


def test_a_fault_that_is_none_and_shares_beyond_all_are_refused() -> None:
    with pytest.raises(ValueError, match="There is no fault 'rain'; there are: reset, "):
        Faulty({}, {"rain": 0.1})
    with pytest.raises(ValueError, match=r"The shares come to 1\.20"):
        Faulty({}, {"reset": 0.6, "503": 0.6})


@pytest.mark.parametrize("kind", [*FAULTS, *HARMLESS])
def test_every_fault_differs_from_the_good_answer_each_in_its_way(kind: str) -> None:
    good = answer({"next": "/a?page=2", "results": [{"id": 1, "name": "one"}]})
    assert {**FAULTS, **HARMLESS}[kind](good) != good


def test_a_redirect_leads_to_another_path() -> None:
    with ScriptedApi({"/a": redirect("/b", status=301), "/b": answer({"here": 1})}) as api:
        with opened(api, "/a") as response:
            assert (response.status, response.headers["Location"]) == (301, "/b")
        assert get_json(f"{api.url}a") == {"here": 1}


@pytest.mark.parametrize("records", [82, 6_000, 1_000_000])
def test_pages_of_any_size_of_collection_are_made_when_asked_for(records: int) -> None:
    last = -(-records // 10)
    with ScriptedApi({"/people": paged(Numbered(records), page_size=10)}) as api:
        page = get_json(f"{api.url}people?page={last}")
        assert page["count"] == records
        assert page["next"] is None
        assert page["previous"] == f"{api.url}people?page={last - 1}"
        results = page["results"]
        assert isinstance(results, list)
        assert results[-1] == {"id": records, "name": f"record {records}"}
        assert get_json(f"{api.url}people")["next"] == f"{api.url}people?page=2"
        assert get(api, f"/people?page={last + 1}")[0] == 404


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (9, 1), (10, 1), (25, 3)])
def test_links_lead_to_every_record_once_and_then_end(total: int, pages: int) -> None:
    found: list[object] = []
    with ScriptedApi({"/people": paged(Numbered(total, lambda number: number), 10, style="link")}) as api:
        address: object = f"{api.url}people?size=ten"
        while isinstance(address, str):
            page = get_json(address)
            assert set(page) == {"next", "results"}
            assert isinstance(page["results"], list)
            found += page["results"]
            address = page["next"]
        assert found == list(range(1, total + 1))
        assert [request.query["size"] for request in api.requests] == ["ten"] * pages
        assert get(api, "/people?after=zzz")[0] == 404


@pytest.mark.parametrize(
    ("arrivals", "seconds", "most"),
    [([], 60, 0), ([0, 59.9], 60, 2), ([0, 60], 60, 1), ([5, 1, 3], 3, 2), ([0, 1, 2, 10, 10, 10, 10], 5, 4)],
)
def test_the_fullest_window_is_found_wherever_it_begins(arrivals: list[float], seconds: float, most: int) -> None:
    assert fullest(arrivals, seconds=seconds) == most


def test_the_clock_wakes_sleepers_in_the_order_of_their_times() -> None:
    async def scenario() -> list[tuple[str, float]]:
        clock, woken = Clock(), list[tuple[str, float]]()

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((name, clock.time()))

        tasks = [
            asyncio.create_task(sleeper(name, seconds)) for name, seconds in (("long", 60), ("short", 5), ("no", 0))
        ]
        await clock.asleep(2)
        assert clock.next_wake == 5
        clock.advance(4.9)
        await tasks[2]
        assert [name for name, _ in woken] == ["no"]
        clock.advance(60)
        await asyncio.gather(*tasks)
        return woken

    assert asyncio.run(scenario())[1:] == [("short", 64.9), ("long", 64.9)]


def test_a_cancelled_sleeper_is_forgotten() -> None:
    async def scenario() -> None:
        clock = Clock()
        task = asyncio.create_task(clock.sleep(5))
        await clock.asleep()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (clock.sleepers, clock.next_wake) == (0, None)
        clock.advance(10)

    asyncio.run(scenario())


def test_the_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="can't go back"):
        Clock().advance(-1)
