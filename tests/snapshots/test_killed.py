"""kill -9 at any moment of a build leaves no snapshot or a whole one, and the next build makes it whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ladle.explore.finding import all_snapshots, find
from ladle.home import Home
from ladle.snapshots.build import build
from tests.snapshots import killed
from tests.snapshots.kit import RUN, facts, journal, page, source

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("way", [[], ["live"]])
def test_a_build_that_is_killed_anywhere_leaves_nothing_or_all(tmp_path: Path, way: list[str]) -> None:
    entries = [page(number, [{"a": number, "b": "é" * number}] * 10) for number in range(1, 60)]
    written = journal(tmp_path / "journal", entries)
    env = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, killed.__file__, str(written), str(tmp_path / "homes"), *way]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    states = [line.split()[1] for line in done.stdout.splitlines()]
    assert len(states) >= 10
    assert set(states) == {"none", "whole"}
    assert sorted(states) == states, "once it is there it stays"

    of = source(key=None)
    for touch in range(1, len(states) + 1):
        home = Home.open(tmp_path / "homes" / str(touch))
        assert len(all_snapshots(home)) == (states[touch - 1] == "whole")
        if touch % 3:
            continue  # what is left of the touches before and after is much the same
        build(written, source=of, dataset=of.datasets["people"], home=home, run_id=RUN, facts=facts())
        assert len(find(home, RUN).rows(offset=100, limit=1000)) == 490
