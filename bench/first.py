"""The first page after a start: takes a table, prints how long `ladle serve` takes for the very first request.

Each start is a new site on a home in which nothing was looked at before, asked for one snapshot's page the moment that
it says where it is, while its worker is still starting beside it. The second request for the same page stands beside
the first; what one has more than the other is what was made ready too late.
"""

from __future__ import annotations

import http.client
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import ladle
from bench.explore.servers import serving_ladle
from bench.explore.stations import Table
from ladle.demo import start_replicas

GOAL, LARGEST = 0.15, 60 * 1024
"""Seconds of the server, and bytes on the wire."""
PEOPLE = "swapi/people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer."""

    begun: float
    """Seconds until its first byte was there."""
    whole: float
    cpu: float
    """Seconds that all threads of the web process took."""
    bytes: int
    """Head and body, as they were sent."""


def first_pages(table: Table, *, starts: int) -> int:
    """So many starts for each snapshot; prints a line for each, 1 where one took longer or was larger than it may."""
    good = True
    for dataset in (_people(table.home), table.dataset):
        pages = [_first(table, dataset) for _ in range(starts)]
        good &= all(first.begun <= GOAL and first.bytes <= LARGEST for first, _ in pages)
        for line in _lines(dataset, pages):
            print(line, flush=True)
    return 0 if good else 1


def _people(home: Path) -> str:
    """The people of Star Wars, collected from their replica."""
    with start_replicas() as replicas:
        os.environ["LADLE_SWAPI_BASE_URL"] = replicas.swapi_url
        ladle.collect(PEOPLE, home=home)
    return PEOPLE


def _first(table: Table, dataset: str) -> tuple[Page, Page]:
    """The first and the second request after a start."""
    shutil.rmtree(table.home / "orders", ignore_errors=True)
    snapshot = ladle.snapshot(dataset, home=table.home)
    with serving_ladle(table) as server:
        path = f"/snapshots/{snapshot.id}/"
        return _asked(server.port, server.pid, path), _asked(server.port, server.pid, path)


def _asked(port: int, pid: int, path: str) -> Page:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    busy, begun = _used(pid), time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    came = time.perf_counter() - begun
    body = answer.read()
    whole, cpu = time.perf_counter() - begun, _used(pid) - busy
    connection.close()
    if answer.status != http.HTTPStatus.OK or answer.headers["Content-Encoding"] != "gzip":
        raise RuntimeError(f"{path}: {answer.status} {answer.headers['Content-Encoding']}")
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) + len("HTTP/1.1 200 OK\r\n\r\n")
    return Page(begun=came, whole=whole, cpu=cpu, bytes=head + len(body))


def _used(pid: int) -> float:
    """Seconds of CPU to the microsecond, of all threads."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


def _lines(dataset: str, pages: list[tuple[Page, Page]]) -> Iterator[str]:
    yield f"{dataset}, {len(pages)} starts, load {os.getloadavg()[0]:.1f}"
    for name, found in zip(("first", "second"), zip(*pages, strict=True), strict=True):
        times = ((label, [getattr(page, what) for page in found]) for label, what in _TIMES)
        told = ", ".join(
            f"{label} {median(each) * 1000:.0f} ms (worst {max(each) * 1000:.0f})" for label, each in times
        )
        yield f"  {name:7}{told}, {max(page.bytes for page in found) / 1024:.1f} KB"


_TIMES = (("first byte after", "begun"), ("whole", "whole"), ("CPU", "cpu"))
