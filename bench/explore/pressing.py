"""Servers under load: takes a table, has people click at its servers, keeps answers a second, waits and memory."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from typing import Any

from bench.explore.clicks import COUNTS_DATA, ROWS_DATA, ROWS_PAGE, Clicks, of_datasette, of_ladle, of_people
from bench.explore.kept import Kept
from bench.explore.load import Script
from bench.explore.servers import Server, serving_datasette, serving_ladle
from bench.explore.shown import duration
from bench.explore.sqlite import make
from bench.explore.stations import Table, size
from bench.measure import MB, Watch, busy

DAY = 86_400.0
AT_ONCE = (1, 8, 32)
"""Connections."""
PEOPLE = 50
THINKING = (1.0, 3.0)
"""Seconds that people look at a page before they click on."""
NOTHING = "a fixed answer"
LADLE, DATASETTE, TUNED = "Ladle", "Datasette", "Datasette, tuned"


def press_all(
    table: Table, servers: Sequence[str], *, seconds: float, kept: Kept, at_once: Sequence[int] = AT_ONCE
) -> None:
    """Each kind of click alone, with each number of connections, for so many seconds; what is known is left out."""
    for server in servers:
        if server in (DATASETTE, TUNED):
            make(table, "sqlite" if server == DATASETTE else "indexed")
        wanted = [
            (kind, number)
            for kind in ([ROWS_DATA] if server == NOTHING else [ROWS_DATA, ROWS_PAGE, COUNTS_DATA])
            for number in at_once
            if (kind != COUNTS_DATA or number <= AT_ONCE[1])
            and f"load/{table.rows}/{server}/{kind}/{number}" not in kept.records
        ]
        if not wanted:
            continue
        with _served(server, table) as (running, clicks):
            for kind, number in wanted:
                _press(running, clicks(kind), server, kind, number, table=table, seconds=seconds, kept=kept)


def crowd(table: Table, *, people: int, seconds: float, thinking: tuple[float, float], kept: Kept) -> None:
    """People who click what people click, at a server that has just started, with nothing worked out before."""
    key = f"crowd/{table.rows}/{people}"
    if key in kept.records:
        return
    shutil.rmtree(table.home / "orders", ignore_errors=True)
    with serving_ladle(table) as server:
        clicks = of_people(server.place, rows=table.rows)
        found = _played(server, clicks, people=people, seconds=seconds, thinking=thinking)
    kept.put({"key": key, "what": "crowd", "rows": table.rows, "people": people, "thinking": thinking, **found})
    rows = found["kinds"].get("rows", {"p95": 0.0})["p95"]
    said = f"{found['per_second']:.0f} clicks a second, 95 of 100 pages of rows within {duration(rows)}"
    print(f"  {size(table.rows):>6}  {people} people: {said}, {sum(found['errors'].values())} errors", flush=True)


def _press(
    running: Server, clicks: Clicks, server: str, kind: str, number: int, *, table: Table, seconds: float, kept: Kept
) -> None:
    _played(running, clicks, people=number, seconds=min(1.0, seconds))  # which brings code and files into memory
    found = _played(running, clicks, people=number, seconds=seconds)
    about = {"rows": table.rows, "server": server, "kind": kind, "at_once": number, "load": os.getloadavg()[0]}
    kept.put({"key": f"load/{table.rows}/{server}/{kind}/{number}", "what": "load", **about, **found})
    within = duration(found["kinds"].get(kind, {"p95": 0.0})["p95"])
    said = f"{found['per_second']:,.0f} a second, 95 of 100 within {within}"
    print(f"  {size(table.rows):>6}  {kind:20}{server:20}{number:>3} at once: {said}", flush=True)


def _played(
    server: Server, clicks: Clicks, *, people: int, seconds: float, thinking: tuple[float, float] = (0.0, 0.0)
) -> dict[str, Any]:
    """What came of it, and the memory of the server and its processes meanwhile, in MB."""
    script = Script(port=server.port, people=people, seconds=seconds, thinking=thinking, clicks=clicks)
    watch, before = Watch(server.pid, limit=DAY), busy(server.pid)
    words = (sys.executable, "-m", "bench.explore.load")
    done = subprocess.run(words, input=json.dumps(asdict(script)).encode(), stdout=subprocess.PIPE, check=True)
    cpu = busy(server.pid) - before
    time.sleep(0.3)  # for a last look
    watch.end()
    return {**json.loads(done.stdout), "cpu": cpu, "memory": watch.peak / MB, "peaks": watch.added / MB}


@contextmanager
def _served(server: str, table: Table) -> Iterator[tuple[Server, Callable[[str], Clicks]]]:
    """A server, and its addresses of a kind of click."""
    if server == NOTHING:
        with _nothing() as running:
            yield running, lambda kind: {kind: (1, ["/"])}
        return
    tuned, ladle = server == TUNED, server == LADLE
    starting: AbstractContextManager[Server] = serving_ladle(table) if ladle else serving_datasette(table, tuned=tuned)
    with starting as running:
        place = running.place
        every = of_ladle(place, rows=table.rows) if ladle else of_datasette(place, rows=table.rows, tuned=tuned)
        yield running, every.__getitem__


@contextmanager
def _nothing() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen((sys.executable, "-m", "bench.explore.trivial", str(port)))
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)
        yield Server(process.pid, port, "")
    finally:
        process.terminate()
        process.wait()
