"""`make bench-scale`: takes numbers of rows, prints what Ladle takes to collect so many, and how much memory.

A million rows in 100,000 pages of 10, and ten million in 100,000 pages of 100, from a server that makes them as they
are asked for. While it runs, a line every few seconds; at the end the files' sizes, and whether every row is there: by
Ladle's own word, and counted by DuckDB in the CSV and in the Parquet file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from bench.competitors import LADLE
from bench.measure import MB, Cost, measure
from bench.upstream import generating

TARGET = 200
"""MB that Ladle may hold, however many rows."""
CONCURRENCY = 8
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One collection, from the start of the process to its end."""

    rows: int
    pages: int
    wall: float
    """Seconds."""
    inside: float
    """Seconds, from the call to the finished files."""
    cpu: float
    """Seconds."""
    peak: float
    """MB: the highest peak of one of its processes (VmHWM)."""
    family: float
    """MB: what they held at most together, pages that they share counted once (PSS)."""
    sizes: dict[str, float]
    """MB of the journal and of each file of the snapshot."""
    wrong: tuple[str, ...]
    """What is not as it should be; empty when every row is there once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect each number of rows; 1 when a row is missing or comes twice."""
    asked = _asked(arguments)
    results = [collected(rows, pages=asked.pages, folder=asked.folder, every=asked.every) for rows in asked.rows]
    if asked.json:
        asked.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n", "utf-8")
    return int(any(result.wrong for result in results))


def collected(rows: int, *, pages: int, folder: Path | None, every: float) -> Result:
    """Collect into a home that goes again; prints how it goes."""
    size = max(1, rows // pages)
    print(f"\n{pages * size:,} rows in {pages:,} pages of {size}", flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as name, generating() as site:
        (home := Path(name) / "home").mkdir()
        base_url = site.collection(size=size, pages=pages)
        command = LADLE.command(base_url=base_url, pages=pages, size=size, concurrency=CONCURRENCY, folder=home)
        cost = measure(command, output=Path(name) / "said", limit=DAY, look=_teller(home), every=every)
        result = _result(cost, home, rows=pages * size, pages=pages)
    _tell(result)
    return result


def _teller(home: Path) -> Callable[[float, float], None]:
    """Prints how far the run of a home is, as the run itself tells it."""

    def tell(seconds: float, memory: float) -> None:
        for path in home.glob("runs/*/progress.json"):
            with suppress(OSError, ValueError):
                run = json.loads(path.read_bytes())
                journal = _size(path.parent) / MB
                print(
                    f"  {seconds:7.0f} s  {run['state']:10}{run['done']:>9,} of {run['total'] or 0:,} requests"
                    f"{memory:8.0f} MB of memory{journal:8.0f} MB of journal",
                    flush=True,
                )

    return tell


def _result(cost: Cost, home: Path, *, rows: int, pages: int) -> Result:
    (run,) = home.glob("runs/*/")
    (snapshot,) = {Path(file).parent for file in cost.told["files"]}
    sizes = {"journal": _size(run) / MB} | {path.name: path.stat().st_size / MB for path in sorted(snapshot.iterdir())}
    wrong = [] if cost.told["complete"] else [f"Ladle says: {' '.join(cost.told['reasons'])}"]
    wrong += [problem for name in ("csv", "parquet") if (problem := _miscounted(snapshot / f"data.{name}", rows=rows))]
    return Result(
        rows=rows,
        pages=pages,
        wall=cost.wall,
        inside=cost.told["seconds"],
        cpu=cost.cpu,
        peak=cost.largest,
        family=cost.memory,
        sizes=sizes,
        wrong=tuple(wrong),
    )


def _miscounted(file: Path, *, rows: int) -> str:
    """What is wrong with a file that should hold the ids from 1 to `rows` once each; empty when nothing is."""
    read = "read_csv" if file.suffix == ".csv" else "read_parquet"
    statement = f"SELECT count(*), count(DISTINCT id), min(id), max(id) FROM {read}('{file}')"
    with duckdb.connect() as database:
        found = database.execute(statement).fetchall()[0]
    if found == (rows, rows, 1, rows):
        return ""
    return (
        f"{file.name} has {found[0]:,} rows with {found[1]:,} ids, from {found[2]} to {found[3]}, instead of {rows:,}."
    )


def _size(folder: Path) -> int:
    """Bytes of the files in it, as they are now."""
    total = 0
    for path in folder.iterdir():
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _tell(result: Result) -> None:
    per_second = result.rows / result.inside
    print(f"  {result.wall:.1f} s ({result.inside:.1f} s inside), {result.cpu:.1f} s of CPU, {per_second:,.0f} rows/s")
    against = "within" if result.peak < TARGET else "OVER"
    print(f"  memory of one process at most {result.peak:.0f} MB: {against} {TARGET} MB; of all {result.family:.0f} MB")
    print("  " + ", ".join(f"{name} {size:,.1f} MB" for name, size in result.sizes.items()))
    for problem in result.wrong:
        print(f"  WRONG: {problem}")
    if not result.wrong:
        print(f"  complete: {result.rows:,} rows, every id once, in the CSV and in the Parquet file")
    sys.stdout.flush()


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rows", type=_numbers, default="1000000,10000000", metavar="N,M", help="1000000,10000000")
    parser.add_argument("--pages", type=int, default=100_000, help="100000, whatever the rows")
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="between two lines (10)")
    parser.add_argument("--folder", type=Path, help="where there is room: 10 million rows take about 5 GB")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers down there, too")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
