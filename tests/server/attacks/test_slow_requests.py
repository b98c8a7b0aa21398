"""Clients that send a request a byte at a time, or for ever: each is given up, while the others are served."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle

import pytest

from ladle_server.arriving import due
from tests.server.cities import IDS, Cities
from tests.server.site import SECONDS, Site, until

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /collection-request HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BIT = 0.05
"""Seconds between two bytes of a slow client."""


@pytest.fixture(scope="module")
def cities() -> Iterator[Cities]:
    with Cities() as api:
        yield api


@pytest.fixture(scope="module")
def site(cities: Cities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("slow")
    with Site(folder / "home", LADLE_REQUEST_SECONDS="1", **cities.settings(folder)) as running:
        yield running


@contextmanager
def line(site: Site) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as client:
        yield client


def trickled(*slow: tuple[socket.socket, bytes]) -> list[bytes]:
    """What comes back to each client that sends its bytes one by one, again and again, all of them at once."""
    drops = {client: cycle(then) for client, then in slow if then}
    told: dict[socket.socket, bytes] = {}
    while waiting := [client for client, _ in slow if client not in told]:
        for client in select.select(waiting, [], [], BIT)[0]:
            with suppress(ConnectionError):
                told[client] = b""
                told[client] = client.recv(4096)
        for client in set(waiting) & drops.keys() - told.keys():
            with suppress(ConnectionError):
                client.sendall(bytes([next(drops[client])]))
    return [told[client] for client, _ in slow]


SLOW = (
    (b"G", b""),
    (HEAD, b""),
    (HEAD, b"X-Slow: a\r\n"),
    (b"GET /", b"x"),
    (b"", b"\r\n"),
    (POST + b"Content-Length: 100000\r\n\r\n", b"{"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Slow: a\r\n"),
)
"""What clients send at once, and then byte by byte."""


def test_requests_that_do_not_come_to_their_end_are_given_up_while_others_are_served(site: Site) -> None:
    with ExitStack() as open_:
        clients = [open_.enter_context(line(site)) for _ in SLOW]
        for client, (begin, _) in zip(clients, SLOW, strict=True):
            client.sendall(begin)
        assert site.get("/api/v1/runs").status == 200
        told = trickled(*((client, then) for client, (_, then) in zip(clients, SLOW, strict=True)))
    for each, sent in zip(told, SLOW, strict=True):
        assert each.startswith(b"HTTP/1.1 408 Request Timeout\r\n"), (sent, each)
        assert b"nosniff" in each
        assert b'"detail":"The request was not there within 1 seconds.' in each


def test_who_says_nothing_is_shut_out_without_a_word(site: Site) -> None:
    with line(site) as client:
        assert client.recv(1) == b""


def test_behind_an_answer_line_ends_alone_keep_no_connection(site: Site) -> None:
    with line(site) as client:
        client.sendall(HEAD + b"\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert trickled((client, b"\r\n"))[0].startswith(b"HTTP/1.1 408 ")


def test_a_hundred_slow_clients_keep_nobody_else_waiting_and_are_all_given_up(site: Site) -> None:
    clients = [socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) for _ in range(100)]
    try:
        for client in clients:
            client.sendall(HEAD)
        assert site.get("/api/v1/runs").status == 200
        assert {client.recv(4096)[:13] for client in clients} == {b"HTTP/1.1 408 "}
    finally:
        for client in clients:
            client.close()


def test_a_client_that_waits_for_its_answer_is_not_a_slow_one(site: Site, cities: Cities) -> None:
    body = b'{"id": 7}'
    cities.held = {IDS[-1]}
    with line(site) as waits, line(site) as slow:
        waits.sendall(POST + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        # Behind a request that is being answered another may stand half.
        waits.sendall(b"GET /hea")
        slow.sendall(b"GET /")
        assert trickled((slow, b"x"))[0].startswith(b"HTTP/1.1 408 ")
        assert not select.select([waits], [], [], 0)[0]
        cities.api.release()
        assert waits.recv(4096).startswith(b"HTTP/1.1 201 ")
        waits.sendall(b"lthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/1.1 200 " in until(lambda: waits.recv(4096))


def test_what_stands_beside_a_body_has_an_end(site: Site) -> None:
    endless = b"X-More: " + b"x" * (1 << 20)
    with line(site) as client:
        client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
        with suppress(ConnectionError):
            for _ in range(64):
                client.sendall(endless)
            pytest.fail("64 MB of it were taken")
        with suppress(ConnectionError):
            assert client.recv(100).startswith(b"HTTP/1.1 431 ")


def test_a_body_that_gets_on_has_more_time_than_one_that_does_not() -> None:
    assert due(100.0, come=0, seconds=30.0) == 130.0
    assert due(100.0, come=16 << 20, seconds=30.0) == 130.0 + 1024
