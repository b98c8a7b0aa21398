"""`make bench-streams`: takes numbers of streams and waiting POSTs, prints how long rows wait with and without them.

One web process, as `ladle serve` starts it with its worker, on the embedded default. An API on loopback has a run
going on slowly, so that each look at it finds something new; every stream follows it. The POSTs wait for collections
that the API's quota holds back. Meanwhile 1, 4 and 8 connections ask for ten rows anywhere in a table, one request
after the other. Who follows, who asks and who serves are processes of their own, and the CPU of each is told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.explore.clicks import ROWS_DATA, of_ladle
from bench.explore.load import Script as Clicking
from bench.explore.servers import Server
from bench.explore.stations import Table, Tables
from bench.first import first_pages
from bench.measure import MB, family, held, used
from bench.slow_run import slow_site, wait_for_request
from bench.streaming import Script

ROWS = 100_000
GOAL = 0.1
"""Seconds within which 95 of 100 answers come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of the web process over a while."""

    cpu: float
    """Seconds of a processor in a second."""
    memory: float
    """MB."""
    files: int
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One number of connections, with or without those who wait."""

    connections: int
    streams: int
    posts: int
    per_second: float
    p50: float
    p95: float
    p99: float
    """Seconds."""
    errors: int
    web: Cost
    worker: float
    asking: float
    following: float
    """Seconds of a processor in a second that the worker, who asks and who follows took."""
    load: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all that is asked for; 1 where rows took longer than they may, or somebody was not served."""
    asked = _asked(arguments)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = Tables(asked.folder or place / "tables").of(asked.rows)
        # A home of its own: the runs of the last time would go on.
        table = Tables(place, datasets=[kept.dataset], home=kept.home).of(asked.rows)
        if asked.first:
            return first_pages(table, starts=asked.starts)
        laps, told = measured(table, asked)
    if asked.json:
        asked.json.write_text(json.dumps({"laps": [asdict(lap) for lap in laps], "told": told}, indent=2) + "\n")
    bad = [lap for lap in laps if lap.errors or lap.p95 > GOAL]
    return 1 if bad or any(each["cut"] or not each["least"] for each in told if each["streams"]) else 0


def measured(table: Table, asked: argparse.Namespace) -> tuple[list[Lap], list[dict[str, Any]]]:
    """All numbers of connections, without and with those who wait, by turns; prints each."""
    laps: list[Lap] = []
    told: list[dict[str, Any]] = []
    with slow_site(table) as (server, run):
        print(f"{'':18}{'answers/s':>10}{'p50':>9}{'p95':>9}{'p99':>9}  CPU of web, worker, asking, following")
        for round_ in range(asked.rounds):
            alone = [_lap(server, table, number, asked=asked) for number in asked.connections]
            quiet = _resting(server.pid, seconds=asked.seconds)
            first = 1 + round_ * asked.posts
            script = Script(port=server.port, run=run, streams=asked.streams, posts=asked.posts, first=first)
            with waiting(script) as process:
                wait_for_request(server, first + asked.posts - 1 if asked.posts else 0)
                beside = [_lap(server, table, number, asked=asked, process=process) for number in asked.connections]
                cpu = {"resting_alone": quiet, "resting": _resting(server.pid, seconds=asked.seconds)}
                told.append({**_ask(process), **cpu, "streams": script.streams})
                _say_told(told[-1], script)
            laps += [*alone, *beside]
            for one, other in zip(alone, beside, strict=True):
                ratios = (f"{getattr(other, name) / getattr(one, name):.2f}" for name in ("p50", "p95", "p99"))
                print(f"  {one.connections} at once, with to without: p50, p95, p99 x {', '.join(ratios)}", flush=True)
        begun = time.perf_counter()
    print(f"  the server ended in {time.perf_counter() - begun:.1f} s")
    return laps, told


@contextmanager
def waiting(script: Script) -> Iterator[subprocess.Popen[str]]:
    """Everybody who waits, when each stream has had its first event."""
    words = (sys.executable, "-m", "bench.streaming")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            opened = _ask(process, asdict(script))
            print(f"  {opened['open']:,} streams and {script.posts} POSTs in {opened['seconds']:.1f} s", flush=True)
            yield process
        finally:
            process.kill()


def _ask(process: subprocess.Popen[str], line: object = None) -> dict[str, Any]:
    writes, reads = process.stdin, process.stdout
    assert writes is not None
    assert reads is not None
    writes.write(json.dumps(line) + "\n")
    writes.flush()
    answered = reads.readline()
    if not answered:
        raise RuntimeError("Those who wait could not: see the lines above.")
    told: dict[str, Any] = json.loads(answered)
    return told


def _lap(
    server: Server,
    table: Table,
    number: int,
    *,
    asked: argparse.Namespace,
    process: subprocess.Popen[str] | None = None,
) -> Lap:
    clicks = of_ladle(server.place, rows=table.rows)[ROWS_DATA]
    script = Clicking(port=server.port, people=number, seconds=asked.seconds, thinking=(0.0, 0.0), clicks=clicks)
    _clicked(script, seconds=0.5)  # which brings code and files into memory
    pids = (server.pid, _worker_of(server.pid), process.pid if process else 0)
    load, begun, before = os.getloadavg()[0], time.perf_counter(), [used(pid) for pid in pids]
    found = _clicked(script, seconds=asked.seconds)
    seconds = time.perf_counter() - begun
    web, worker, following = ((used(pid) - cpu) / seconds for pid, cpu in zip(pids, before, strict=True))
    figures = found["kinds"][ROWS_DATA]
    lap = Lap(
        connections=number,
        streams=asked.streams if process else 0,
        posts=asked.posts if process else 0,
        per_second=found["per_second"],
        **{name: figures[name] for name in ("p50", "p95", "p99")},
        errors=sum(found["errors"].values()),
        web=_cost(server.pid, cpu=web),
        worker=worker,
        asking=found["busy"],
        following=following,
        load=load,
    )
    _say(lap)
    return lap


def _resting(pid: int, *, seconds: float) -> float:
    """Seconds of a processor in a second where nobody asks for rows."""
    before = used(pid)
    time.sleep(seconds)
    return (used(pid) - before) / seconds


def _clicked(script: Clicking, *, seconds: float) -> dict[str, Any]:
    words = (sys.executable, "-m", "bench.explore.load")
    given = json.dumps({**asdict(script), "seconds": seconds}).encode()
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _say(lap: Lap) -> None:
    who = f"{lap.connections} at once" + (", beside" if lap.streams or lap.posts else ", alone")
    times = "".join(f"{each * 1000:>6.1f} ms" for each in (lap.p50, lap.p95, lap.p99))
    cpu = ", ".join(f"{each:.2f}" for each in (lap.web.cpu, lap.worker, lap.asking, lap.following))
    taken = f"{lap.web.memory:.0f} MB, {lap.web.files} files, {lap.web.threads} threads"
    end = f"{lap.errors} errors, load {lap.load:.1f}"
    print(f"  {who:16}{lap.per_second:>10.0f}{times}  {cpu}; {taken}; {end}", flush=True)


def _say_told(told: dict[str, Any], script: Script) -> None:
    least, most, size = (told[name] / told["seconds"] for name in ("least", "most", "bytes"))
    print(
        f"  {script.streams:,} streams: {least:.2f} to {most:.2f} events a second each, {size / 1024:.0f} KB/s, ",
        end="",
    )
    print(f"those of one look within {told['spread'] * 1000:.0f} ms; {told['cut']} cut, {told['waiting']} POSTs wait")
    print(f"  where nobody asks for rows: CPU of web {told['resting']:.2f}, without them {told['resting_alone']:.2f}")


def _cost(pid: int, *, cpu: float) -> Cost:
    files, threads = (len(list(Path(f"/proc/{pid}/{each}").iterdir())) for each in ("fd", "task"))
    return Cost(cpu=cpu, memory=held(pid, "status", "VmRSS:") / MB, files=files, threads=threads)


def _worker_of(pid: int) -> int:
    return next((each for each in family(pid) if each != pid), 0)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.streams", description=__doc__)
    add = parser.add_argument
    add("--streams", type=int, default=1_000, help="who follow a run")
    add("--posts", type=int, default=200, help="who wait for a collection")
    add("--seconds", type=float, default=20, help="for each number of connections")
    add("--connections", type=int, nargs="+", default=[1, 4, 8], help="who ask for rows")
    add("--rounds", type=int, default=1)
    add("--rows", type=int, default=ROWS, help="of the table")
    add("--first", action="store_true", help="measure the first page after a start instead")
    add("--starts", type=int, default=5, help="of the site, for --first")
    add("--folder", type=Path, help="where the table stays (else it goes)")
    add("--json", type=Path, help="write the results there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
