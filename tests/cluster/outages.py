"""One part of a cluster away in the middle of runs: takes part, way and seconds, gives what came of all of it.

    python -m tests.cluster.outages                     each part, hung and gone, for 20 seconds
    python -m tests.cluster.outages --part s3 --way hung --seconds 5

| way | the part |
|---|---|
| hung | stops where it is, with all its processes: connections stay, nothing is answered |
| gone | is ended and started again on the same port, with what it kept |

Four runs collect meanwhile, share one quota, wait for it, and come to their ends at different times; a schedule comes
due; people ask for pages, and start another run.
"""

from __future__ import annotations

import argparse
import html
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ladle.testing import fullest
from tests.cluster.fleet import Fleet, fleet, undisturbed
from tests.cluster.upstream import Upstream
from tests.processes import family, send
from tests.server.site import Answer, until

PARTS, WAYS = ("postgres", "valkey", "s3"), ("hung", "gone")
LIMIT, WINDOW = 60, 6.0
WORKERS = 2
USED = "abcdef"
"""The collections of the runs under way; the last but one is that of a run that is started meanwhile, the last that of
the schedule."""
PAGES = ("/", "/runs/", "/snapshots/", "/schedules/", "/api/v1/runs", "/api/v1/snapshots", "/healthz", "/metrics")
KIND = ("can't be reached", "did not answer", "wait until the server is back")
"""Words of a page or an answer that says that something is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of it."""

    part: str
    way: str
    seconds: float
    statuses: dict[str, int]
    """Of the answers that people got meanwhile: how many of each."""
    slowest: float
    """Seconds that one of them waited at most."""
    unkind: list[str]
    """Answers that were neither good nor a kind 503, and lines of logs that nobody should see."""
    states: list[str]
    """Of all runs, that of the schedule too."""
    left: list[object]
    """Rows of the database that are not as they should be at the end."""
    same: bool
    """Whether all files are those of undisturbed runs."""
    requests: int
    repeated: int
    refused: int
    most: int
    """Requests in any window."""
    workers: int
    """How many still live, of those that were there at the beginning."""
    back: float
    """Seconds from the part's return to the next request of a run that was under way; 0 where all went on meanwhile."""

    @property
    def is_good(self) -> bool:
        """As it is promised."""
        whole = set(self.states) == {"complete"} and not self.left and self.same
        return whole and not (self.unkind or self.repeated or self.refused) and self.most <= LIMIT


class People:
    """Somebody who asks for pages all the time; use it in a `with`."""

    def __init__(self, running: Fleet) -> None:
        self._fleet, self._over = running, threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(PAGES[n::3],)) for n in range(3)]
        self.answers: list[tuple[str, Answer, float]] = []

    def __enter__(self) -> People:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, pages: tuple[str, ...]) -> None:
        while not self._over.is_set():
            for page in pages:
                begun = time.monotonic()
                self.answers.append((page, self._fleet.site.get(page), time.monotonic() - begun))
                self._over.wait(0.2)


def unkind(answers: list[tuple[str, Answer, float]]) -> list[str]:
    """Those that were neither good nor said kindly why not."""
    said = []
    for page, answer, _ in answers:
        kind = answer.status == 503 and any(word in html.unescape(answer.body.decode()) for word in KIND)
        problem = "/api/" not in page or answer.headers["content-type"] == "application/problem+json"
        if answer.status != 200 and not (kind and problem):
            said.append(f"{page}: {answer.status} {answer.body[:300]!r}")
    return said


@contextmanager
def away(running: Fleet, part: str, way: str) -> Iterator[None]:
    """Inside the block the part is away."""
    stop, start = _ways(running, part)[way]
    stop()
    try:
        yield
    finally:
        start()


def _ways(running: Fleet, part: str) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    if part == "postgres":
        server = running.postgres
        return {"hung": _hang(server.pid), "gone": (server.stop, server.start)}
    if part == "valkey":
        return {"hung": _hang(running.valkey.pid), "gone": (running.valkey.kill, running.valkey.start)}
    assert running.s3 is not None
    return {"hung": _hang(running.s3.pid), "gone": (running.s3.stop, running.s3.start)}


def _hang(pid: int) -> tuple[Callable[[], None], Callable[[], None]]:
    stopped: list[int] = []

    def stop() -> None:
        stopped[:] = family(pid)
        for each in stopped:
            send(each, signal.SIGSTOP)

    def go_on() -> None:
        for each in reversed(stopped):
            send(each, signal.SIGCONT)

    return stop, go_on


def run(folder: Path, part: str, way: str, *, seconds: float, pages: int, begin_at: int, **settings: str) -> Came:
    """The whole of it: the part goes when so many requests were made."""
    with Upstream(limit=LIMIT, window=WINDOW, pages=pages) as upstream:
        expected = undisturbed(USED, upstream=upstream, folder=folder)
        with fleet(upstream, folder, workers=WORKERS, runs=2, on_s3=part == "s3", **settings) as running:
            return disturbed(running, part, way, seconds=seconds, begin_at=begin_at, expected=expected)


def disturbed(
    running: Fleet, part: str, way: str, *, seconds: float, begin_at: int, expected: dict[str, dict[str, bytes]]
) -> Came:
    """The same on a cluster that is there, with the collections of which it is told what is to come of them."""
    upstream, workers, letters = running.upstream, list(running.site.workers), "".join(expected)
    since, said, known = len(upstream.asked()), len(running.complaints()), {each["id"] for each in running.all_runs()}
    running.begin(letters[:-2])
    later = f"limited/{letters[-2]}"
    until(lambda: len(upstream.asked()) >= since + begin_at)
    running.due_in(f"limited/{letters[-1]}", seconds / 2)
    with People(running) as people:
        with away(running, part, way):
            gone = time.time()
            posting = threading.Thread(target=_start_later, args=(running, people, later))
            posting.start()
            time.sleep(seconds)
        back = time.time()
        posting.join()
        if not any(page == "start" and answer.status == 202 for page, answer, _ in people.answers):
            until(lambda: running.try_to_start(later))
        runs = until(lambda: len(new := {each["id"] for each in running.all_runs()} - known) == len(letters) and new)
        states = running.states(sorted(runs))
    asked = upstream.asked()[since:]
    targets = Counter(each.target for each in asked)
    after = [each.at for each in asked if each.at > back]
    meanwhile = [each.at for each in asked if gone + 1 < each.at <= back]
    return Came(
        part=part,
        way=way,
        seconds=seconds,
        statuses=dict(Counter(f"{answer.status}" for _, answer, _ in people.answers)),
        slowest=round(max(took for _, _, took in people.answers), 1),
        unkind=unkind([each for each in people.answers if each[0] != "start"]) + running.complaints()[said:],
        states=states,
        left=[row for row in running.rows() if row[:4] != ("complete", True, "", None)],
        same=all(running.files(letter) == expected[letter] for letter in expected),
        requests=len(asked),
        repeated=sum(targets.values()) - len(targets),
        refused=sum(each.status == 429 for each in asked),
        most=fullest([each.at for each in asked], seconds=upstream.window),
        workers=sum(worker.poll() is None for worker in workers),
        back=0.0 if meanwhile and meanwhile[-1] > back - 1 else round(after[0] - back, 1) if after else 0.0,
    )


def _start_later(running: Fleet, people: People, dataset: str) -> None:
    begun = time.monotonic()
    answer = running.site.post("/api/v1/runs", {"dataset": dataset})
    people.answers.append(("start", answer, time.monotonic() - begun))


def main() -> None:
    """Print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--lease", default="")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    good = True
    for part in [asked.part] if asked.part else PARTS:
        for way in [asked.way] if asked.way else WAYS:
            with tempfile.TemporaryDirectory(prefix="ladle-cluster-") as name:
                folder = (asked.keep or Path(name)) / f"{part}-{way}"
                folder.mkdir(parents=True)
                lease = {"LADLE_LEASE_SECONDS": asked.lease} if asked.lease else {}
                came = run(folder, part, way, seconds=asked.seconds, pages=asked.pages, begin_at=70, **lease)
            print(json.dumps(asdict(came), default=str), flush=True)
            good = good and came.is_good and came.workers == WORKERS
    sys.exit(not good)


if __name__ == "__main__":
    main()
