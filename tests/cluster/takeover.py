"""A worker killed -9: takes how workers are given their runs, gives how soon another goes on, and what was asked twice.

    python -m tests.cluster.takeover                    all of them, with the settings as they are

| way | the other worker |
|---|---|
| celery | is another on the same machine |
| polling | the same, without a broker |
| s3 | is on another machine: it has a folder of its own before the home on S3 |
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.cluster.fleet import Fleet, fleet, undisturbed
from tests.cluster.upstream import Upstream
from tests.server.site import until

WAYS = ("celery", "polling", "s3")
LETTER = "h"
FIRST = 8
"""Requests that were made before the kill."""
UNSHIPPED = 2.5
"""Seconds of a journal that may lie on the dead machine alone."""


MOST = 30.0
"""Seconds in which another goes on."""
LATEST = 0.3
"""Seconds after the kill in which the API may still count what was under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of it."""

    way: str
    seconds: float
    """From the kill to the next request."""
    flying: int
    """Requests under way at the kill."""
    unshipped: int
    """Of a home on S3: requests that were answered within the last seconds before, which only that machine knew of."""
    repeated: list[str]
    """Path and query of those that were made again, but for those two kinds."""
    again: int
    """How many were made again in all."""
    state: str
    same: bool
    """Whether all files are those of an undisturbed run."""

    @property
    def is_good(self) -> bool:
        """As it is promised."""
        known = self.again <= self.flying + self.unshipped and not self.repeated
        return known and self.seconds <= MOST and self.state == "complete" and self.same


def run(folder: Path, way: str, *, pages: int = 80, **settings: str) -> Came:
    """The whole of it."""
    with Upstream(limit=60, window=6.0, pages=pages) as upstream:
        expected = undisturbed(LETTER, upstream=upstream, folder=folder)
        if way == "polling":
            settings = {"LADLE_BROKER_URL": "", **settings}
        with fleet(upstream, folder, workers=0, on_s3=way == "s3", **settings) as running:
            for name in ("one", "other"):
                running.start_worker(**({"LADLE_CACHE": str(folder / name)} if way == "s3" else {}))
            return killed(running, way, letter=LETTER, expected=expected[LETTER])


def killed(running: Fleet, way: str, *, letter: str, expected: dict[str, bytes]) -> Came:
    """The same on a cluster with two workers, by a run of one collection."""
    upstream, since = running.upstream, len(running.upstream.asked())
    (started,) = running.begin(letter)
    until(lambda: len(upstream.asked()) >= since + FIRST)
    upstream.hold()
    until(upstream.flying)
    running.kill_driver()
    at = time.time()
    flying, before = upstream.flying(), upstream.asked()
    upstream.let_go()
    seconds = until(lambda: next((each.at for each in upstream.asked() if each.at > at + LATEST), 0.0)) - at
    state = running.states([started])[0]
    targets = Counter(each.target for each in upstream.asked()[since:])
    again = {target for target, times in targets.items() if times > 1}
    unshipped = (
        {each.target for each in before[since:] if each.at > at - UNSHIPPED} - set(flying) if way == "s3" else set()
    )
    return Came(
        way=way,
        seconds=round(seconds, 1),
        flying=len(flying),
        unshipped=len(unshipped),
        repeated=sorted(again - set(flying) - unshipped),
        again=sum(targets.values()) - len(targets),
        state=state,
        same=running.files(letter) == expected,
    )


def main() -> None:
    """Print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--lease", default="", help="LADLE_LEASE_SECONDS")
    asked = parser.parse_args()
    lease = {"LADLE_LEASE_SECONDS": asked.lease} if asked.lease else {}
    good = True
    for way in [asked.way] if asked.way else WAYS:
        with tempfile.TemporaryDirectory(prefix="ladle-cluster-") as name:
            came = run(Path(name), way, **lease)
        print(json.dumps(asdict(came)), flush=True)
        good = good and came.is_good
    sys.exit(not good)


if __name__ == "__main__":
    main()
