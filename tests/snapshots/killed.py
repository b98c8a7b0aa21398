"""A build killed at its n-th touch of the disk, for every n: takes journal and homes, prints what each one left."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from ladle.home import Home
from ladle.snapshots.build import build
from ladle.snapshots.files import keep
from ladle.snapshots.manifest import read_manifest
from tests.snapshots.kit import RUN, facts, source

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


def main(journal: Path, homes: Path) -> None:
    """Each round in a fork of its own, with a home of its own, until a build comes to its end."""
    of = source(key=None)
    pa.array([0])  # Arrow looks for pandas at its first array, for a second: once here, not in every fork.
    for touch in range(1, 1000):
        home = Home.open(homes / str(touch))
        child = os.fork()
        if child == 0:
            die_at(touch, under=home.snapshots)
            build(journal, source=of, dataset=of.datasets["people"], home=home, run_id=RUN, facts=facts())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(os.waitstatus_to_exitcode(status))
        print(touch, state(home.snapshots / "stars" / "people" / RUN), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
