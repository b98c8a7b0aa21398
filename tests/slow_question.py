"""Takes a folder, gives a home with a table and a question about it that takes minutes, a short step at a time."""

from __future__ import annotations

import random
from pathlib import Path

import ladle
from tests.servers.stack import home_of

ROWS = 150_000
"""More than are counted in the asking thread."""
WHERE = tuple(("word__like", f"%{a}{'_' * gap}%{b}%") for gap in range(8, 13) for a in "01" for b in "01")
"""Each pattern goes through every word at many places at once."""


def slow_table(folder: Path) -> ladle.Snapshot:
    """The latest snapshot of own/slow in `folder/home`."""
    chance = random.Random(5)
    file = folder / "slow.csv"
    lines = (f"{number},{chance.getrandbits(36):036b}\n" for number in range(ROWS))
    file.write_text("n,word\n" + "".join(lines))
    return ladle.import_file(file, name="own/slow", home=home_of(folder / "home"))
