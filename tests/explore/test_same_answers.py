"""Rows, filters, search, sorts and counts of random tables, by every door: as in plain Python, and as petl has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ladle.explore.address import write_view
from ladle.explore.view import Filter, View
from tests.explore import petl_says
from tests.explore.drawn import Drawn, tables, views
from tests.explore.plain import counted, seen
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
        counts = snapshot.count(*columns)
        assert [(row.values, row.count, row.share) for row in counts.rows] == petl_says.counts(rows, *columns)
        assert [(row.values, row.count) for row in counts.rows] == counted(rows, *columns)
        first = snapshot.count(*columns, order="first", offset=offset, limit=limit)
        assert [(row.values, row.count) for row in first.rows] == counted(rows, *columns, order="first")[
            offset : offset + limit
        ]
        assert first.combinations == counts.combinations == len(counts.rows)


def test_whole_numbers_are_compared_exactly_however_they_are_written(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"n": number} for number in (2**53, 2**53 + 1, 10**18, 10**18 + 1)])
    for written, number in (("1e18", 10**18), ("9007199254740993.0", 2**53 + 1), (" +9007199254740993 ", 2**53 + 1)):
        for op in ("exact", "in"):
            asked = Filter("n", op, [written] if op == "in" else written)
            assert snapshot.rows(view=View(filters=(asked,))) == [{"n": number}]
