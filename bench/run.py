"""`make bench`: takes a number of rows (200,000), prints what Ladle takes and how many times as long its peers do."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.explore import results
from bench.table import make


def main(arguments: Sequence[str]) -> None:
    """Build a snapshot in a folder that goes again, then compare on it."""
    rows = int(arguments[0]) if arguments else 200_000
    with tempfile.TemporaryDirectory() as folder:
        print(f"A snapshot of {rows:,} rows ...", flush=True)
        snapshot = make(Path(folder), rows=rows)
        print(f"{'':34}{'Ladle':>12}    times as long")
        for result in results(snapshot):
            print(f"{result.what:34}{result.ladle * 1000:9.2f} ms  {result.ratio:10.2f} x  {result.peer}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
