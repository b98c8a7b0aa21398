"""Four workers on one key: takes a time and a seed, kills and starts them at random, gives what the API has counted.

    python -m tests.cluster.quota                       two minutes, a kill every six seconds on average
    python -m tests.cluster.quota --every 0             nobody is killed

Eight runs of one source and key go on at once, at 60 requests per 6 seconds and the pace `fast`. The API counts each
request at a random moment of the 20 to 200 ms that its answer takes, by a log of the last six seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ladle.testing import fullest
from tests.cluster.fleet import Fleet, fleet, undisturbed
from tests.cluster.upstream import LETTERS, Asked, Upstream

LIMIT, WINDOW = 60, 6.0
WORKERS, USED = 4, LETTERS[:8]
SHARE = 0.9
"""Of the possible rate that must be reached, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of it."""

    kills: int
    seconds: float
    """From the first request to the last."""
    requests: int
    refused: int
    """Answers of 429."""
    most: int
    """The most requests in any window."""
    share: float
    """Of the requests that the limit lets through in the time in which there was work."""
    repeated: int
    """Requests that were made again."""
    states: list[str]
    same: bool
    """Whether all files are those of undisturbed runs."""

    @property
    def is_good(self) -> bool:
        """As it is promised."""
        whole = set(self.states) == {"complete"} and self.same
        return whole and self.refused == 0 and self.most <= LIMIT and self.share >= SHARE


def measure(asked: list[Asked], *, limit: int, window: float) -> float:
    """The requests that were let through, to those that could have been, from the first to the last.

    `limit` go at once, and as many in each window after that: to one that ends within a window its part is due.
    """
    times = [each.at for each in asked if each.status == 200]
    possible = limit + limit * max(0.0, times[-1] - times[0]) / window
    return len(times) / possible


class Chaos:
    """Kills a worker now and then, and starts another a moment later; in a thread of its own, for a `with` block."""

    def __init__(self, running: Fleet, *, every: float, chance: random.Random, workers: int) -> None:
        self._fleet, self._every, self._chance, self._workers = running, every, chance, workers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="chaos")
        self.kills = 0

    def __enter__(self) -> Chaos:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while self._every and not self._over.wait(self._chance.uniform(0.2, 1.8) * self._every):
            self._fleet.kill(self._chance.choice(self._fleet.site.workers))
            self.kills += 1
            if self._over.wait(self._chance.uniform(0.0, 0.5) * self._every):
                return
            while len(self._fleet.site.workers) < self._workers:
                self._fleet.start_worker(runs=1)


def run(folder: Path, *, pages: int, every: float, seed: int, **settings: str) -> Figures:
    """The whole of it; `every` 0 kills nobody."""
    with Upstream(limit=LIMIT, window=WINDOW, pages=pages, seed=seed) as upstream:
        expected = undisturbed(USED, upstream=upstream, folder=folder)
        with fleet(upstream, folder, workers=WORKERS, runs=1, **settings) as running:
            return disturbed(running, every=every, chance=random.Random(seed), expected=expected)


def disturbed(running: Fleet, *, every: float, chance: random.Random, expected: Mapping[str, object]) -> Figures:
    """The same on a cluster that is there, with the collections of which it is told what is to come of them."""
    since = len(running.upstream.asked())
    with Chaos(running, every=every, chance=chance, workers=len(running.site.workers)) as chaos:
        states = running.states(running.begin("".join(expected)))
    return figures(running, states, kills=chaos.kills, since=since, expected=expected)


def figures(running: Fleet, states: list[str], *, kills: int, since: int, expected: Mapping[str, object]) -> Figures:
    """Of all that was asked since so many requests."""
    upstream, asked = running.upstream, running.upstream.asked()[since:]
    targets = Counter(each.target for each in asked)
    return Figures(
        kills=kills,
        seconds=round(asked[-1].at - asked[0].at, 1),
        requests=len(asked),
        refused=sum(each.status == 429 for each in asked),
        most=fullest([each.at for each in asked], seconds=upstream.window),
        share=round(measure(asked, limit=upstream.limit, window=upstream.window), 3),
        repeated=sum(targets.values()) - len(targets),
        states=states,
        same=all(running.files(letter) == files for letter, files in expected.items()),
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=150, help="of each of the eight runs, about")
    parser.add_argument("--every", type=float, default=6.0, help="seconds between two kills, on average; 0 for none")
    parser.add_argument("--seed", type=int, default=20261122)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ladle-cluster-") as name:
        came = run(Path(name), pages=asked.pages, every=asked.every, seed=asked.seed)
    print(json.dumps(asdict(came)))
    sys.exit(not came.is_good)


if __name__ == "__main__":
    main()
