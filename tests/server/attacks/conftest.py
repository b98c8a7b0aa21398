"""Takes nothing, gives one real site where people log in, for what only a connection can show; and what it answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser

import pytest

from tests.server.site import SECONDS, Site

NAME, PASSWORD = "ada", "three words apart"


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, whose log is the file `log` beside its home."""
    folder = tmp_path_factory.mktemp("attacked")
    first = {"LADLE_LOGIN": "always", "LADLE_FIRST_USER": NAME, "LADLE_FIRST_PASSWORD": PASSWORD}
    with Site(folder / "home", log=folder / "log", **first) as running:
        yield running


def raw(site: Site, request: bytes, *, of: str = "127.0.0.1") -> tuple[int, Message, bytes]:
    """Status, headers and body of what comes back for these very bytes, until the site ends the connection.

    `of`: the address of this machine from which they come.
    """
    came = b""
    with socket.create_connection(("127.0.0.1", site.port), SECONDS, (of, 0)) as line, suppress(ConnectionError):
        with suppress(ConnectionError):  # it may have been refused before all of it was sent
            line.sendall(request)
        while piece := line.recv(1 << 16):
            came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    status, _, headers = head.partition(b"\r\n")
    return int(status.split()[1]) if status else 0, BytesParser().parsebytes(headers), body
