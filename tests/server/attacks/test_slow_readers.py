"""Clients that take nothing of their answer: each is cut and what it held is free, while one that gets on goes on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import sleep

import pytest

import ladle
from tests.server.site import SECONDS, Site, until

LINES, WIDTH = 1_500, 10_000
"""Of a table larger than what systems hold for a client."""
LITTLE, BIT = 4096, 0.05
"""Bytes that a slow client takes at a time, and seconds between."""
LARGE_FILE = "/static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js.map"

pytestmark = pytest.mark.own_folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readers") / "home"


@pytest.fixture(scope="module")
def table(home: Path) -> ladle.Snapshot:
    file = home.parent / "lines.csv"
    file.write_text("line,text\n" + "".join(f"{number},{'x' * WIDTH}\n" for number in range(LINES)))
    return ladle.import_file(file, home=home)


@pytest.fixture(scope="module")
def site(home: Path, table: ladle.Snapshot) -> Iterator[Site]:
    with Site(home, LADLE_SEND_SECONDS="3") as running:
        yield running


def asks(site: Site, path: str, stack: ExitStack) -> socket.socket:
    """A client for which little is held on its way."""
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * LITTLE)
    client.settimeout(SECONDS)
    client.connect(("127.0.0.1", site.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return client


def files(site: Site) -> list[str]:
    """What the web process has open."""
    names = []
    for file in Path(f"/proc/{site.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.append(str(file.readlink()))
    return names


def tables(site: Site) -> int:
    """How many have the table open."""
    return sum(name.endswith("data.csv") for name in files(site))


def sockets(site: Site) -> int:
    """How many connections it has, and what it listens on."""
    return sum(name.startswith("socket:") for name in files(site))


def rest(client: socket.socket) -> bytes:
    came = b""
    with suppress(ConnectionError):
        while piece := client.recv(1 << 16):
            came += piece
    return came


def test_who_takes_nothing_is_cut_while_a_slow_one_gets_all_of_it(site: Site, table: ladle.Snapshot) -> None:
    csv = f"/api/v1/snapshots/{table.id}/download.csv"
    whole = site.get(csv).body
    assert site.get(LARGE_FILE).status == 200
    with ExitStack() as stack:
        slow = asks(site, csv, stack)
        came = slow.recv(LITTLE)
        before = sockets(site)
        stalled = [asks(site, path, stack) for path in (csv, LARGE_FILE) * 3]
        until(lambda: tables(site) == 4)
        # Sockets alone say too little: those of whoever asked before may close meanwhile.
        while tables(site) > 1 or sockets(site) > before:
            came += slow.recv(LITTLE)
            sleep(BIT)
        assert all(len(rest(client)) < len(whole) / 2 for client in stalled)
        body = (came + rest(slow)).partition(b"\r\n\r\n")[2]
        assert (len(body), body == whole) == (len(whole), True)
