"""`python -m tests.contract`: takes a number of cases for each operation, gives schemathesis's report."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.contract.config import configuration
from tests.contract.ground import Ground, ground


def tried(on: Ground, folder: Path, *, cases: int, seed: int, more: Sequence[str], headers: Mapping[str, str]) -> int:
    """The exit code of a run: 0 where every answer is one that the description names."""
    (folder / "schemathesis.toml").write_text(configuration(on.known, headers=headers))
    command = ("--config-file", str(folder / "schemathesis.toml"), "run", f"{on.url}/api/schema")
    options = ("--checks", "all", "--max-examples", str(cases), "--seed", str(seed), "--continue-on-failure", *more)
    whole = (sys.executable, "-m", "schemathesis.cli", *command, *options)
    return subprocess.run(whole, check=False, cwd=folder).returncode


def main() -> int:
    """Ask for so many cases."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description="The API held against its schema.")
    parser.add_argument("--cases", type=int, default=500, help="for each operation (default: 500, some 20,000 in all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="as whom to ask")
    asked, more = parser.parse_known_args()
    headers = {name.strip(): value.strip() for name, _, value in (each.partition(":") for each in asked.header)}
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder)) as on:
        try:
            return tried(on, Path(folder), cases=asked.cases, seed=asked.seed, more=more, headers=headers)
        finally:
            sys.stdout.write((Path(folder) / "log").read_text("utf-8", "replace")[-20000:])


if __name__ == "__main__":
    sys.exit(main())
