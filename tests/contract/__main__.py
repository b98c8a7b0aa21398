"""`python -m tests.contract`: takes a number of cases for each kind of people, gives what is wrong with any answer.

    kind → ground (a site with some of everything) → rounds of schemathesis until there are so many cases → a tally

The first round tries the document's examples, every bound of every parameter, drawn cases right and wrong, and
sequences of operations; those that follow draw more, with the next seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.contract.config import LEFT_OUT, configuration
from tests.contract.ground import Ground, ground
from tests.contract.kinds import ASKERS, Asker
from tests.contract.telling import Tally, actions, slow, table
from tests.contract.watched import TOLD

ROOT = Path(__file__).parents[2]
ALL = ("examples", "coverage", "fuzzing", "stateful")
DRAWN = ("fuzzing", "stateful")
PER_CASE = 2.0
"""Requests that come of one drawn case, as many as there are in sequences too: the first round aims below."""


def tried(on: Ground, described: Path, *, asker: Asker, seed: int, examples: int, phases: Sequence[str]) -> Path:
    """One round: the file of what was asked and answered. What schemathesis itself says goes to its own output."""
    folder = described.parent
    headers, told = dict(on.headers.get(asker.name, {})), folder / f"told-{asker.name}-{seed}"
    (folder / "schemathesis.toml").write_text(configuration(on.known, headers=headers, examples=examples))
    command = ("--config-file", str(folder / "schemathesis.toml"), "--no-color", "run", str(described))
    options = ("--url", on.url, "--checks", "all", "--seed", str(seed), "--phases", ",".join(phases))
    whole = (sys.executable, "-m", "schemathesis.cli", *command, *options, "--warnings", "off", "--no-shrink")
    watch = {"file": str(told), "slow": on.slow, "headers": headers}
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.watched", "PYTHONPATH": path}
    env = os.environ | {TOLD: json.dumps(watch), **hooks}
    code = subprocess.run(whole, check=False, cwd=folder, env=env).returncode
    assert code in (0, 1), f"schemathesis ended with {code}"
    return told


def tally_of(asker: Asker, folder: Path, *, cases: int, seed: int) -> Tally:
    """So many cases as one kind, at least."""
    began = time.monotonic()
    with ground(folder, asker=asker, doomed=30) as on:
        described = document(on, folder)
        tally = Tally(asker, actions(json.loads(described.read_text())))
        each = max(1, round(cases / len(tally.actions) / PER_CASE))
        while tally.cases < cases:
            first = not tally.seeds
            tally.seeds.append(seed + len(tally.seeds))
            phases = ALL if first else DRAWN
            tally.read(tried(on, described, asker=asker, seed=tally.seeds[-1], examples=each, phases=phases))
            took = time.monotonic() - began
            print(f"-- {asker.name}: {tally.cases} cases, {len(list(tally.wrong()))} wrong, {took:.0f} s", flush=True)
            each = max(1, round((cases - tally.cases) / len(tally.actions)))
    return tally


def document(on: Ground, folder: Path) -> Path:
    """The description, asked for by whoever may see it, once: nobody is shown it who has not logged in or hurries."""
    path = folder / "openapi.json"
    path.write_bytes(on.site.get("/api/schema", **on.headers.get("staff", {})).body)
    return path


def main() -> int:
    """Try as each kind in turn, and tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description="The API held against its schema.")
    parser.add_argument("--cases", type=int, default=20_000, help="for each kind, at least (default: 20,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (default: 1)")
    parser.add_argument("--as", dest="kinds", nargs="+", choices=tuple(ASKERS), default=tuple(ASKERS), help="as whom")
    asked = parser.parse_args()
    tallies: list[Tally] = []
    for asker in (ASKERS[name] for name in asked.kinds):
        with tempfile.TemporaryDirectory() as folder:
            tallies.append(tally_of(asker, Path(folder), cases=asked.cases, seed=asked.seed))
    wrong = [(each.asker.name, told) for each in tallies for told in each.wrong()]
    print(*(f"\n{number}. as {name}: {told}" for number, (name, told) in enumerate(wrong, 1)))
    print(f"\n{table(tallies)}\n\nSlowest answers:\n{slow(tallies)}\n")
    print(*(f"Left out: {name}. {why}" for name, why in LEFT_OUT.items()), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
