"""Servers to ask over HTTP: takes a table, gives a Ladle or a Datasette that serves it on a port of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ladle
from bench.explore.stations import Table

PATIENCE = 600.0
"""Seconds for one answer, and for a server to be ready."""
DATABASE = "stations"
_LONG = str(int(PATIENCE * 1000))
TUNED = {
    "suggest_facets": "off",
    "sql_time_limit_ms": _LONG,
    "facet_time_limit_ms": _LONG,
    "max_returned_rows": "1000000",
    "cache_size_kb": "400000",
    "allow_download": "off",
}
"""What makes Datasette quickest, and lets it take its time instead of giving up after a second."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready."""

    pid: int
    port: int
    place: str
    """What a table's addresses begin with."""


class Client:
    """One kept connection, as a script would have it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path: str) -> Any:
        """The JSON there; ValueError for any other answer. One of 202 is asked for again when it says."""
        while True:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            body = answer.read()
            if answer.status != http.HTTPStatus.ACCEPTED:
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        if answer.status != http.HTTPStatus.OK:
            raise ValueError(f"{answer.status} {body[:120].decode('utf-8', 'replace')}")
        return json.loads(body)


@contextmanager
def serving_ladle(table: Table) -> Iterator[Server]:
    """`ladle serve`, on the table's home."""
    words = (sys.executable, "-m", "ladle", "serve", "--port", "0", "--home", str(table.home), "--json")
    with _running(words, said=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("`ladle serve` did not start.")
        snapshot = ladle.snapshot(table.dataset, home=table.home)
        yield Server(process.pid, urlsplit(json.loads(line)["url"]).port or 0, f"snapshots/{snapshot.id}")


@contextmanager
def serving_datasette(table: Table, *, tuned: bool) -> Iterator[Server]:
    """`datasette serve`: as it comes, or with indexes, an immutable file counted before, and no facets suggested."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "datasette", "serve", "--port", str(port)]
    words += _tuned(table) if tuned else [str(table.sqlite)]
    with _running(words) as process:
        _wait(process, words, port)
        name = (table.indexed if tuned else table.sqlite).stem
        yield Server(process.pid, port, f"/{name}")


def _tuned(table: Table) -> Sequence[str]:
    counted = table.made / "inspect.json"
    if not counted.exists():
        words = (sys.executable, "-m", "datasette", "inspect", str(table.indexed), "--inspect-file", str(counted))
        subprocess.run(words, check=True)
    settings = [word for name, value in TUNED.items() for word in ("--setting", name, value)]
    return ["--immutable", str(table.indexed), "--inspect-file", str(counted), *settings]


@contextmanager
def _running(words: Sequence[str], *, said: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
    """The process, ended with what it started; what it complains about is kept out of the tables."""
    log = Path(os.devnull)
    with log.open("wb") as complaints:
        process = subprocess.Popen(words, stdout=said, stderr=complaints)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait(process: subprocess.Popen[bytes], words: Sequence[str], port: int) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        if process.poll() is not None:
            raise RuntimeError(f"`{' '.join(words)}` ended with {process.returncode}.")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("`datasette serve` did not start.")
