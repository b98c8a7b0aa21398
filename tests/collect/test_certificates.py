"""Certificates: takes a server on loopback with a valid or a lapsed one, looks at how a collection from it ends."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from ladle.collect.retry import Failure
from ladle.testing import ScriptedApi
from tests.collect.wire import door, to


@contextmanager
def secure(certificate: trustme.LeafCert) -> Iterator[int]:
    """A server on loopback with this certificate; gives its port. It answers every call with an empty collection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    ready, told = threading.Event(), list[tuple[int, Callable[[], object]]]()
    body = b'{"count": 0, "next": null, "results": []}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async def listen() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(lambda *_: None)  # a client that hangs up is what is wanted here
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        told.append((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(ended.set)))
        ready.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(listen()), daemon=True)
    thread.start()
    ready.wait(10)
    ((port, end),) = told
    try:
        yield port
    finally:
        end()
        thread.join()


@pytest.mark.parametrize(
    ("days", "code", "words"),
    [(30, 0, "complete"), (-1, 1, "The certificate of localhost is not valid: certificate has expired.")],
)
def test_a_lapsed_certificate_ends_the_run_in_words(tmp_path: Path, days: int, code: int, words: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    lapses = datetime.now(UTC) + timedelta(days=days)
    certificate = authority.issue_cert("localhost", not_before=lapses - timedelta(days=90), not_after=lapses)
    with secure(certificate) as port:
        env = {
            **os.environ,
            "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
            "LADLE_HOME": str(tmp_path / "home"),
            "LADLE_SWAPI_BASE_URL": f"https://localhost:{port}/api/",
        }
        command = [sys.executable, "-m", "ladle", "collect", "swapi/people"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == code, told
    assert words in told.replace("\n", " ")
    assert "Traceback" not in told
    assert ("LADLE_SWAPI_BASE_URL" in told) == bool(code)


@pytest.mark.parametrize(
    ("name", "trusted", "scheme", "words"),
    [
        ("elsewhere.org", True, "https", "The certificate of localhost is not valid: it is made out to another name."),
        (
            "localhost",
            False,
            "https",
            "The certificate of localhost is not valid: unable to get local issuer certificate.",
        ),
        ("localhost", True, "http", "The connection broke before the whole answer had come."),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, scheme: str, words: str
) -> None:
    authority, another = trustme.CA(), trustme.CA()
    (authority if trusted else another).cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with secure(authority.issue_cert(name)) as port:
        url = f"{scheme}://localhost:{port}/"
        async with door(url) as way_in:
            outcome = await way_in.fetcher.fetch(to(url))
    assert isinstance(outcome, Failure)
    assert outcome.reason == words


async def test_a_site_that_speaks_no_tls_is_said_to_make_no_secure_connection() -> None:
    with ScriptedApi({}) as plain:
        url = plain.url.replace("http:", "https:")
        async with door(url) as way_in:
            outcome = await way_in.fetcher.fetch(to(url))
    assert isinstance(outcome, Failure)
    assert outcome.reason == "No secure connection to 127.0.0.1 could be made."
