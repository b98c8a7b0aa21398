"""Repeated keys are found whether their hashes stay in memory or go to files."""

from __future__ import annotations

import random

import pytest

from ladle.collect.distinct import Distinct


@pytest.mark.parametrize("in_memory", [0, 10, 100_000])
def test_repeated_hashes_are_found_in_memory_and_in_files(in_memory: int) -> None:
    numbers = random.Random(1)
    hashes = [numbers.randrange(-(2**63), 2**63) for _ in range(20_000)] + [-(2**63), 2**63 - 1, 0, -1]
    again = [hashes[0], hashes[5], hashes[5], -(2**63), 2**63 - 1, -1]
    with Distinct(in_memory=in_memory) as distinct:
        for start in range(0, len(hashes), 777):
            distinct.add(hashes[start : start + 777])
        assert distinct.repeated() == set()
        distinct.add(iter(again))
        assert distinct.total == 20_010
        assert distinct.distinct == 20_004
        assert distinct.repeated() == set(again)
        distinct.add([7, 7])  # it can be asked in between, and goes on
        assert distinct.repeated() == {*again, 7}


def test_nothing_is_no_repetition() -> None:
    with Distinct() as distinct:
        assert (distinct.distinct, distinct.repeated()) == (0, set())
