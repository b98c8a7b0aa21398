"""`make bench`: takes nothing, measures all parts, writes docs/benchmarks.md, its pictures and numbers.

Each part is a bench of its own and can be run alone. A part whose numbers are in the folder is not measured again, so
that a run can be ended and gone on with; `--page` measures nothing and writes the page of the numbers that are kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.published.machine import about
from bench.published.page import page
from bench.published.parts import PARTS, QUICK, Part

ROOT = Path(__file__).parents[2]
NUMBERS = "benchmarks.json"
SECONDS = "seconds.json"
"""In the folder of the numbers: what each part took."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not known yet, then write; 1 where a part failed."""
    asked = _asked(arguments)
    images = asked.docs / "images"
    failed: list[str] = []
    if not asked.page:
        with ExitStack() as stack:
            folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.mkdir(parents=True, exist_ok=True)
            numbers, failed = measured(_parts(asked), folder)
        images.mkdir(parents=True, exist_ok=True)
        (asked.docs / NUMBERS).write_text(json.dumps(numbers, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    write(asked.docs)
    print(f"\nWritten: {asked.docs / 'benchmarks.md'}", flush=True)
    for name in failed:
        print(f"FAILED: {name}, see above", file=sys.stderr)
    return int(bool(failed))


def measured(parts: Sequence[Part], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The numbers of all parts, and the names of those that ended with an error (with numbers or without)."""
    numbers: dict[str, Any] = {"about": about()}
    seconds, failed = _seconds(folder), []
    for number, part in enumerate(parts, 1):
        print(f"\n== {number} of {len(parts)}: {part.title}", flush=True)
        if not part.file(folder).exists():
            since = time.monotonic()
            if subprocess.run(part.words(folder), cwd=ROOT, check=False).returncode:
                failed.append(part.name)
            seconds[part.name] = time.monotonic() - since
            (folder / SECONDS).write_text(json.dumps(seconds), "utf-8")
        if part.file(folder).exists():
            numbers[part.name] = _slim(json.loads(part.file(folder).read_text("utf-8")))
        print(f"-- {part.title}: {seconds.get(part.name, 0):.0f} s", flush=True)
    minutes = round(sum(seconds.get(part.name, 0) for part in parts) / 60)
    numbers["about"] |= {"date": datetime.now(UTC).date().isoformat(), "minutes": minutes}
    return numbers, failed


def _seconds(folder: Path) -> dict[str, float]:
    """What the parts took whose numbers are there already."""
    file = folder / SECONDS
    kept: dict[str, float] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return kept


def write(docs: Path) -> None:
    """The page and its pictures, of the numbers that are kept beside it; pictures of an earlier page go."""
    made = page(json.loads((docs / NUMBERS).read_text("utf-8")))
    for old in (docs / "images").glob("bench-*.svg"):
        old.unlink()
    for name, drawing in made.pictures.items():
        (docs / "images" / name).write_text(drawing, "utf-8")
    (docs / "benchmarks.md").write_text(made.text, "utf-8")


def _slim(numbers: Any) -> Any:
    """Floats to six digits: more of them say nothing."""
    if isinstance(numbers, float):
        return float(f"{numbers:.6g}")
    if isinstance(numbers, dict):
        return {name: _slim(each) for name, each in numbers.items()}
    return [_slim(each) for each in numbers] if isinstance(numbers, list) else numbers


def _parts(asked: argparse.Namespace) -> Sequence[Part]:
    return [part for part in (QUICK if asked.quick else PARTS) if not asked.only or part.name in asked.only]


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.published", description=__doc__, allow_abbrev=False)
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, default=[], help="these parts alone")
    parser.add_argument("--quick", action="store_true", help="two small parts, in seconds")
    parser.add_argument("--folder", type=Path, help="where numbers stay while it runs (else they go at its end)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page goes (docs)")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page of the numbers in docs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
