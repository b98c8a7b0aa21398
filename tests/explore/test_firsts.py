"""First rows of combinations, looked for near the beginning first: the same answers as in one go, in any table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.explore import counts
from ladle.explore.ends import likely_of
from ladle.explore.firsts import are_mixed, quick, reach, steps
from ladle.explore.grouping import Question
from ladle.explore.query import ask, table
from ladle.explore.snapshot import Snapshot
from ladle.explore.tally import tally
from ladle.snapshots.bounds import Bounds
from tests.snapshots.kit import from_records

ROWS = 3000
NEAR, END = 300, 2900


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Columns that are mixed, sorted, rare at the end, in bursts, missing, and different in each row."""
    records = [
        {
            "mixed": f"m{number * 7919 % 13}",
            "none": None if number % 3 else number * 31 % 5,
            "late": "late" if number == ROWS - 1 else number % 2,
            "burst": "burst" if 1000 <= number < 1100 else number % 2,
            "sorted": number // 100,
            "each": number * 7919 % ROWS,
        }
        for number in range(ROWS)
    ]
    return from_records(tmp_path_factory.mktemp("made"), records, size=500, bounds=Bounds(group_rows=250))


def asked(snapshot: Snapshot, columns: Sequence[str], *, order: str = "count", where: str = "") -> Question:
    view = snapshot.view([tuple(where.split("=", 1))] if where else [])  # type: ignore[list-item]
    return counts.asked(snapshot.folder, snapshot.manifest, columns, view=view, order=order).question


def stepped(question: Question, *, near: int = NEAR, end: int = END) -> Question:
    """The same, gone through by steps."""
    keys = len(question.terms)
    taken = steps(question.inner, keys=keys, by=question.by, near=near, end=end, rows=question.rows)
    return replace(question, quick=taken)


def answer(question: Question) -> list[tuple[int, int]]:
    """First row and count of all combinations, worked out now."""
    found = tally(question, anew=True).result(60)
    return found.part(0, found.combinations)


def in_steps_alone(question: Question) -> Question:
    """One that fails when it is asked in one go."""
    return replace(question, sql="this is no SQL")


def in_one_go_alone(question: Question) -> Question:
    """One that fails when all rows are counted without their first rows."""
    assert question.quick is not None
    return replace(question, quick=replace(question.quick, counted="this is no SQL"))


@pytest.mark.parametrize("order", ["count", "first", "value"])
@pytest.mark.parametrize("columns", [["mixed"], ["none"], ["mixed", "none"], ["burst"], ["burst", "mixed", "none"]])
def test_first_rows_that_are_looked_for_step_by_step_are_those_of_one_go(
    made: Snapshot, columns: list[str], order: str
) -> None:
    question = asked(made, columns, order=order)
    assert answer(in_steps_alone(stepped(question))) == answer(question)


def test_a_combination_that_first_comes_in_the_very_last_row_is_found_there(made: Snapshot) -> None:
    found = answer(in_steps_alone(stepped(asked(made, ["late"]), end=ROWS - 200)))
    assert found == [(0, 1500), (1, 1499), (ROWS - 1, 1)]


def test_equal_counts_stay_in_the_order_of_first_appearance_wherever_a_page_ends(made: Snapshot) -> None:
    question = asked(made, ["mixed", "burst"])
    found = tally(in_steps_alone(stepped(question)), anew=True).result(60)
    rows = made.rows(limit=1000) + made.rows(offset=1000, limit=1000) + made.rows(offset=2000, limit=1000)
    plain = sorted(Counter((row["mixed"], row["burst"]) for row in rows).items(), key=lambda each: -each[1])
    assert len({count for _, count in plain}) < len(plain)
    for offset in range(len(plain)):
        ((first, count),) = found.part(offset, 1)
        assert ((rows[first]["mixed"], rows[first]["burst"]), count) == plain[offset]


@pytest.mark.parametrize("columns", [["sorted"], ["each"], ["sorted", "mixed"]])
def test_a_table_that_is_not_mixed_is_gone_through_once(made: Snapshot, columns: list[str]) -> None:
    question = asked(made, columns)
    assert answer(in_one_go_alone(stepped(question))) == answer(question)


@pytest.mark.parametrize("where", ["sorted__gte=20", "sorted__lt=2", "mixed=nothing"])
def test_where_a_filter_leaves_no_row_to_look_at_all_is_gone_through_once(made: Snapshot, where: str) -> None:
    question = asked(made, ["mixed"], where=where)
    assert answer(in_one_go_alone(stepped(question))) == answer(question)


def test_a_view_and_its_values_hold_in_every_step(made: Snapshot) -> None:
    question = asked(made, ["burst", "none"], where="mixed__in=m1,m2,m5")
    assert answer(in_steps_alone(stepped(question))) == answer(question) != answer(asked(made, ["burst", "none"]))


CELLS = st.one_of(st.none(), st.sampled_from(["", "x", "é"]), st.integers(0, 2), st.sampled_from([0.0, -0.0, 0.5]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells=st.lists(st.tuples(CELLS, st.booleans()), min_size=1, max_size=60), data=st.data())
def test_any_table_however_it_is_cut_has_the_same_combinations(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[Any, bool]], data: st.DataObject
) -> None:
    records = [{"cell": cell, "truth": truth} for cell, truth in cells]
    snapshot = from_records(tmp_path_factory.mktemp("home"), records, bounds=Bounds(chunk_rows=5, group_rows=10))
    question = asked(snapshot, ["cell", "truth"], order=data.draw(st.sampled_from(["count", "first"])))
    near, end = data.draw(st.integers(1, len(cells))), data.draw(st.integers(0, len(cells)))
    assert answer(stepped(question, near=near, end=end)) == answer(question)


@pytest.mark.parametrize(
    ("rows", "likely", "begin"),
    [
        (999_999, 10, None),  # a moment whatever the way
        (1_000_000, 10, 80_000),
        (1_000_000, 10_000, 100_000),
        (10_000_000, 3000, 150_000),
        (10_000_000, 50_000, 250_000),
        (10_000_000, 50_001, None),  # values too rare to be near the beginning
        (100_000_000, 18_250, 912_500),
        (100_000_000, 100_000_000, None),
    ],
)
def test_a_part_is_looked_at_first_where_that_may_be_quicker(rows: int, likely: int, begin: int | None) -> None:
    taken = quick("t", keys=2, by="f", rows=rows, likely=likely)
    assert (taken and taken.begin) == begin


@pytest.mark.parametrize(
    ("found", "new", "of", "mixed"),
    [
        (300, 0, 20_000, True),
        (300, 200, 20_000, True),
        (300, 201, 20_000, False),
        (0, 0, 20_000, False),
        (3, 0, 0, False),
    ],
)
def test_the_end_tells_whether_rows_are_mixed(found: int, new: int, of: int, mixed: bool) -> None:
    assert are_mixed(found, new=new, of=of) is mixed


def test_what_is_lacking_is_looked_for_ever_further() -> None:
    assert reach(100, rows=10_000, lacking=1, fewest=5000) == 200
    assert reach(100, rows=10_000, lacking=50, fewest=100) > 400
    assert reach(6000, rows=10_000, lacking=1, fewest=5000) == 10_000


def test_combinations_are_likely_as_many_as_the_values_of_all_columns_make(made: Snapshot) -> None:
    known = [("mixed", 13), ("burst", 3), ("sorted", 30), ("sorted:10", 1)]
    for column, values in known:
        terms = asked(made, [column]).terms
        assert likely_of(made.folder, made.manifest, terms) == values
    assert likely_of(made.folder, made.manifest, asked(made, ["burst", "mixed", "sorted:10"]).terms) == 39


def test_the_footer_of_a_file_is_kept_for_every_question(made: Snapshot) -> None:
    sql = f"SELECT DISTINCT current_setting('parquet_metadata_cache') FROM {table(6)}"
    assert ask(made.path("parquet"), sql) == [(True,)]
