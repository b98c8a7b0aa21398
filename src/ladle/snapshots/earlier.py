"""`swapi/people~1` is the snapshot before the latest: takes what goes after the ~, gives a number or an error."""

from __future__ import annotations

import re

from ladle.errors import BadInput, NotFound


def how_many_back(reference: str, back: str) -> int:
    """How many snapshots before the latest are meant; raises BadInput for what is no number."""
    if not re.fullmatch("[0-9]{1,9}", back):
        raise BadInput(f'"{reference}" is no snapshot.', hint="After ~ goes how many before the latest: ~1.")
    return int(back)


def too_far_back(reference: str, count: int) -> NotFound:
    """The error for a dataset that has fewer snapshots, `count` of them."""
    there = "is 1 snapshot" if count == 1 else f"are {count:,} snapshots"
    return NotFound(f'There is no "{reference}": of this dataset there {there}.', hint="Collect it again.")
