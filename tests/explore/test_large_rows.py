"""Rows of megabytes: read one at a time, never more of them in an answer than fits, and cut where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import ladle
from ladle.explore.large import LARGE, MOST_TEXT, WATCHED, lines_of
from tests.snapshots.kit import from_records

LONG = 'a,"b"\r\n' * 1_000 + "x" * 1_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> ladle.Snapshot:
    """Forty rows of a megabyte, two columns of text and one of numbers; then rows of 2,000 characters, then of none."""
    records: list[dict[str, Any]] = [{"n": number, "t": f"{number}{LONG}", "u": "x\n"} for number in range(40)]
    records += [{"n": number, "t": f"{number}\n" + "y" * 2_000, "u": None} for number in range(40, 300)]
    records += [{"n": number, "t": None, "u": ""} for number in range(300, 450)]
    return from_records(tmp_path_factory.mktemp("large"), records)


def test_rows_of_every_size_are_read_whole(large: ladle.Snapshot) -> None:
    size = large.path("csv").stat().st_size
    assert (WATCHED < 100 * 2_000 < LARGE, size > LARGE) == (True, True)
    for first in (0, 38, 96, 195, 297, 445):
        rows = large.rows(offset=first, limit=3)
        assert [row["n"] for row in rows] == list(range(first, min(first + 3, 450)))
        for row in rows:
            n = row["n"]
            wanted = f"{n}{LONG}" if n < 40 else f"{n}\n{'y' * 2_000}" if n < 300 else None
            assert (row["t"] == wanted) is True  # a megabyte is no message
            assert row["u"] == ("x\n" if n < 40 else None if n < 300 else "")


def test_rows_that_hold_too_much_together_are_refused_with_the_remedy(large: ladle.Snapshot) -> None:
    told = r"These 40 rows hold more than 32,000,000 characters\. Ask for fewer rows \(limit; _limit.*_col"
    for view in (ladle.View(), ladle.View(sort=(ladle.Sort("n"),))):
        with pytest.raises(ladle.BadInput, match=told):
            large.rows(limit=40, view=view)
    assert len(large.rows(limit=MOST_TEXT // len(f"39{LONG}") - 1)) > 20
    names = [row["u"] for row in large.rows(limit=450, view=ladle.View(columns=("n", "u")))]
    assert names == ["x\n"] * 40 + [None] * 260 + [""] * 150


def test_long_texts_are_cut_where_that_is_wanted_and_tell_their_length(large: ladle.Snapshot) -> None:
    rows = large.look(limit=450, longest=1_000).rows
    assert [len(row["t"]) for row in rows[:300]] == [1_000] * 300
    assert [row["t"].length for row in rows[:300:10]] == [len(f"{n}{LONG}") for n in range(0, 40, 10)] + [
        len(f"{n}\n") + 2_000 for n in range(40, 300, 10)
    ]
    assert type(rows[0]["u"]) is str


@pytest.mark.parametrize("wanted", [[0], [2], [0, 1, 2], [1, 2]])
def test_a_line_end_between_quotes_ends_no_row(wanted: Sequence[int]) -> None:
    lines = [b'1,"a\n""\n"\n', b'2,"\r\n,"\n', b'"",""\n']
    raw = b"..." + b"".join(lines) + b"more\n"

    def read(start: int, size: int) -> bytes:
        return raw[start : start + size]

    assert list(lines_of(read, 3, len(raw) - 5, wanted)) == [lines[number] for number in wanted]
    with pytest.raises(ValueError, match="not where the index has them"):
        list(lines_of(read, 3, len(raw) - 5, [*wanted, 3]))
