"""`make bench-workers`: takes numbers of Celery workers, prints how much faster they collect one run than one does.

A real stack: PostgreSQL, Valkey with the quota ledger, the site, and workers of one process each. The upstream has no
quota and costs little. Every number of workers collects the same dataset, by turns, in three ways:

    latency     50 ms to an answer: a worker mostly waits, as with most APIs
    apart       no latency, each worker with a core of its own, as on machines of one core; the servers on the last one
    together    no latency, all on the same cores
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import ladle
from bench.upstream import serving
from tests.server.site import Site, kill_group, until
from tests.servers.stack import Stack, started

DEFINITION = Path(__file__).with_name("people.toml")
SOURCE = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How it is measured."""

    name: str
    latency: int
    """Milliseconds."""
    pages: int
    size: int = 10
    apart: bool = False


WAYS = (
    Way(name="latency", latency=50, pages=4_000),
    Way(name="apart", latency=0, pages=20_000, apart=True),
    Way(name="together", latency=0, pages=20_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One number of workers in one way."""

    way: str
    workers: int
    seconds: tuple[float, ...]
    """Of each round, from the claim of the run to its snapshot."""
    helped: int
    """Most workers that collected at once."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all that is asked for; 1 where a run did not end complete."""
    asked = _asked(arguments)
    results: list[Result] = []
    for way in WAYS:
        if way.name in asked.ways:
            pages = asked.pages or way.pages // (4 if asked.quick else 1)
            results += measured(way, pages=pages, workers=asked.workers, rounds=asked.rounds)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n", "utf-8")
    return 0


def measured(way: Way, *, pages: int, workers: Sequence[int], rounds: int) -> list[Result]:
    """All numbers of workers in one way, by turns; prints each."""
    cores = sorted(os.sched_getaffinity(0))
    print(f"\n{way.name}: {pages:,} pages of {way.size}, {way.latency} ms, {len(cores)} cores", flush=True)
    laps: dict[int, list[tuple[float, int]]] = {number: [] for number in workers}
    with ExitStack() as stack:
        stack.enter_context(_only_on(cores[-1:] if way.apart else cores))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(serving(latency=way.latency, folder=folder))
        servers = stack.enter_context(started("celery"))
        base_url = upstream.collection(size=way.size, pages=pages)
        for round_, number in product(range(rounds), workers):
            home = folder / f"home-{round_}-{number}"
            lap = collected(servers, home, base_url, workers=number, cores=cores if way.apart else None)
            laps[number].append(lap)
            print(f"  {number} worker(s): {lap[0]:6.2f} s, {lap[1]} at once", flush=True)
    results = [
        Result(
            way=way.name,
            workers=number,
            seconds=tuple(seconds for seconds, _ in told),
            helped=max(at_once for _, at_once in told),
        )
        for number, told in laps.items()
    ]
    first = results[0]
    for each in results:
        ratio = first.median / each.median
        print(f"  {each.workers} workers: median {each.median:.2f} s, {ratio:.2f} times as fast as {first.workers}")
    return results


def collected(
    stack: Stack, home: Path, base_url: str, *, workers: int, cores: Sequence[int] | None
) -> tuple[float, int]:
    """Seconds that one run took, and how many workers collected at once; with a site and workers of their own."""
    text = DEFINITION.read_text("utf-8").replace("concurrency = 8", f"concurrency = 8\nworkers = {max(workers, 1)}")
    text = text.replace("http://127.0.0.1:8099/10x10000/", base_url)
    ladle.add_source(text, home=home)
    settings = stack.settings(home)
    settings["LADLE_QUOTA_URL"] = settings["LADLE_BROKER_URL"]
    with Site(home, **settings) as site:
        kill_group(site.workers.pop())
        for number in range(workers):
            with _only_on([cores[number % len(cores)]] if cores else sorted(os.sched_getaffinity(0))):
                site.start_worker(runs=1)
        until(lambda: site.worker_log.read_text().count("drives the runs of") == workers)
        time.sleep(2.0 + workers)  # Celery says that it is ready to nobody who is not its log
        run = site.post("/api/v1/runs", {"dataset": f"{SOURCE}/people"}).json["id"]
        at_once = 1
        path = home / "runs" / run / "progress.json"
        while not (told := json.loads(path.read_text()) if path.exists() else {}).get("ended"):
            at_once = max(at_once, told.get("workers", 1))
            time.sleep(0.1)
        if told["state"] != "complete":
            raise RuntimeError(f"The run is {told['state']}: {told['reason']}")
        return told["ended"] - told["started"], at_once


@contextmanager
def _only_on(cores: Sequence[int]) -> Iterator[None]:
    """Processes that are started in the block stay on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.workers", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="the first is what others are held to")
    parser.add_argument("--ways", nargs="+", choices=[way.name for way in WAYS], default=[way.name for way in WAYS])
    parser.add_argument("--pages", type=int, help="of the collection, instead of each way's own number")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a quarter of the pages")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
