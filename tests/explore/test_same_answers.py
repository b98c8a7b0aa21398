"""Rows, filters, search, sorts and counts of random tables, by every door: as in plain Python, and as petl has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ladle.explore.address import write_view
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, View
from tests.explore import petl_says
from tests.explore.drawn import Drawn, tables, views
from tests.explore.plain import Row, counted, read, seen
from tests.snapshots.kit import from_records

QUESTIONS = 5
"""For each table, which takes longer to make than to be asked."""
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""What fails is not made smaller, which would take minutes: its tables are small."""
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=40, deadline=None, phases=PHASES, report_multiple_bugs=False, suppress_health_check=SLOW)
@given(drawn=tables(), data=st.data())
def test_views_and_counts_are_those_of_plain_python_and_of_petl(
    tmp_path_factory: pytest.TempPathFactory, drawn: Drawn, data: st.DataObject
) -> None:
    snapshot = drawn.kept(tmp_path_factory.mktemp("drawn"))
    rows, kinds = drawn.rows, drawn.kinds
    assert {column.name: column.type for column in snapshot.columns} == kinds
    assert snapshot.rows(limit=1000) == rows
    for _ in range(QUESTIONS):
        view = data.draw(views(kinds))
        expected, numbers = seen(rows, view, kinds), petl_says.numbers(rows, view, kinds)
        assert [{name: rows[number][name] for name in view.columns or kinds} for number in numbers] == expected
        offset, limit = data.draw(st.integers(0, 60)), data.draw(st.integers(1, 40))
        part = snapshot.look(view, offset=offset, limit=limit)
        assert (part.rows, part.total) == (expected[offset : offset + limit], len(expected))
        assert snapshot.rows(view=snapshot.view(write_view(view)), limit=1000) == expected
        columns = data.draw(st.lists(st.sampled_from(list(kinds)), min_size=1, max_size=3, unique=True))
        check_counts(snapshot, rows, replace(view, columns=(), sort=()), columns, kinds)


def check_counts(snapshot: Snapshot, rows: list[Row], view: View, columns: list[str], kinds: dict[str, str]) -> None:
    """Counts of the view's rows, in both orders, whole and in parts, with the rest summed up."""
    there = read(seen(rows, view, kinds), view)
    counts, expected = snapshot.count(*columns, view=view), counted(there, *columns)
    assert [(row.values, row.count) for row in counts.rows] == expected
    assert (counts.combinations, counts.total_rows) == (len(expected), len(there))
    if there:
        assert [(row.values, row.count, row.share) for row in counts.rows] == petl_says.counts(there, *columns)
    first = snapshot.count(*columns, view=view, order="first", offset=1, limit=2)
    in_order = counted(there, *columns, order="first")
    assert [(row.values, row.count) for row in first.rows] == in_order[1:3]
    assert (first.combinations, first.rest.combinations) == (len(expected), len(in_order[3:]))
    assert first.rest.count == sum(count for _, count in in_order[3:])


def test_whole_numbers_are_compared_exactly_however_they_are_written(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"n": number} for number in (2**53, 2**53 + 1, 10**18, 10**18 + 1)])
    for written, number in (("1e18", 10**18), ("9007199254740993.0", 2**53 + 1), (" +9007199254740993 ", 2**53 + 1)):
        for op in ("exact", "in"):
            asked = Filter("n", op, [written] if op == "in" else written)
            assert snapshot.rows(view=View(filters=(asked,))) == [{"n": number}]
