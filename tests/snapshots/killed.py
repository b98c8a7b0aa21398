"""A build killed at its n-th touch of the disk, for every n: takes journal and homes, prints what each one left.

With a third argument, `live`, the table is begun while the journal's answers come.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - a build loads it late: once here, not in every fork
import pyarrow.csv
import pyarrow.parquet  # noqa: F401 - the same

from ladle.collect.journal import replay
from ladle.home import Home
from ladle.snapshots.bounds import Bounds
from ladle.snapshots.build import build
from ladle.snapshots.files import keep
from ladle.snapshots.manifest import read_manifest
from ladle.sources.paging import read_answer
from ladle.sources.source import Source
from tests.snapshots.kit import RUN, facts, source
from tests.snapshots.live import feed_for

TOUCHES = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.listdir",
    "os.scandir",
    "shutil.rmtree",
}


def die_at(touch: int, *, under: Path) -> None:
    """From here on the process kills itself at the n-th touch of a path under the folder."""
    left = [touch]

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in TOUCHES and str(under) in str(arguments[0]):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


def state(folder: Path) -> str:
    """`none`, or `whole` when every file is as the manifest says; anything else is an error."""
    if not folder.exists():
        return "none"
    manifest = read_manifest(folder)
    if any(keep(folder / name) != kept for name, kept in manifest.files.items()) or len(list(folder.iterdir())) != 5:
        raise AssertionError(f"{folder} is neither whole nor absent")
    return "whole"


def act(journal: Path, home: Home, *, of: Source, live: bool) -> None:
    """Build the snapshot, in chunks that are many."""
    bounds = Bounds(chunk_rows=100)
    with feed_for(home, of=of, bounds=bounds) as feed:
        for entry in replay(journal) if live else ():
            feed.kept(entry, read_answer(of.resources["people"], entry.body))
        told = {"source": of, "dataset": of.datasets["people"], "home": home, "run_id": RUN, "facts": facts()}
        build(journal, feed=feed if live else None, bounds=bounds, **told)


def main(journal: Path, homes: Path, *, live: bool) -> None:
    """Each round in a fork of its own, with a home of its own, until a build comes to its end."""
    of = source(key=None)
    for touch in range(1, 1000):
        home = Home.open(homes / str(touch))
        child = os.fork()
        if child == 0:
            die_at(touch, under=home.snapshots)
            act(journal, home, of=of, live=live)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(os.waitstatus_to_exitcode(status))
        print(touch, state(home.snapshots / "stars" / "people" / RUN), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), live=sys.argv[3:] == ["live"])
