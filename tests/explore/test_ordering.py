"""The quick way to sort: the same order as in plain Python, whatever is known of the texts that rows are sorted by."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.explore import ordering
from ladle.explore.numbers import Numbers
from ladle.explore.ordering import Key, numbers_sql
from ladle.explore.orders import order_of
from ladle.explore.snapshot import Snapshot
from ladle.explore.view import Filter, Sort, View
from tests.snapshots.kit import field, from_records

TEXTS = ["", " ", "a", "A", "ab", "ä", "z", "🦊", "\x7f", '"', "a\nb", "10", "9", "ｚ", "a" * 20 + "b", "a" * 20 + "c"]
COLUMNS = [field("t"), field("u"), field("n", type="number")]


def ordered(snapshot: Snapshot, view: View) -> list[int]:
    numbers: Numbers = order_of(snapshot.folder, snapshot.manifest, view).result(60)
    return numbers.part(0, numbers.count)


def in_python(records: list[dict[str, Any]], view: View) -> list[int]:
    """Python compares texts by code point too, and keeps the order of equals."""
    found = [row for row, record in enumerate(records) if not view.filters or (record["n"] or 0) > 0]
    for sort in reversed(view.sort):
        there = [row for row in found if records[row][sort.column] is not None]
        there.sort(key=lambda row, name=sort.column: records[row][name], reverse=sort.descending)  # type: ignore[misc]
        found = there + [row for row in found if records[row][sort.column] is None]
    return found


record = st.fixed_dictionaries(
    {
        "t": st.none() | st.sampled_from(TEXTS),
        "u": st.none() | st.sampled_from(TEXTS),
        "n": st.none() | st.sampled_from([-1.5, 0.5, 2.5]),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    records=st.lists(record, min_size=1, max_size=60),
    sort=st.lists(st.sampled_from("tun"), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.tuples(*(st.builds(Sort, st.just(name), st.booleans()) for name in names))
    ),
    narrowed=st.booleans(),
)
def test_few_texts_are_sorted_by_their_places_as_by_themselves(
    records: list[dict[str, Any]], sort: tuple[Sort, ...], narrowed: bool
) -> None:
    view = View(sort=sort, filters=(Filter("n", "gt", 0),) if narrowed else ())
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "MANY_ROWS", 0)
        patch.setattr(ordering, "TIMES", 1)
        assert ordered(from_records(Path(folder), records, *COLUMNS), view) == in_python(records, view)


def test_where_the_profile_is_gone_texts_are_sorted_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "MANY_ROWS", 0)
    records = [{"t": text, "u": None, "n": 1.5} for text in TEXTS * 6]
    snapshot = from_records(tmp_path, records, *COLUMNS)
    snapshot.path("profile").unlink()
    view = View(sort=(Sort("t", descending=True),))
    assert ordered(snapshot, view) == in_python(records, view)


@pytest.mark.parametrize(
    ("rows", "texts", "listed"),
    [
        (10_000_000, 60, True),
        (10_000_000, 2_000_000, True),
        (10_000_000, 2_000_001, False),
        (1_000_000, 200_001, False),
        (10_000_000, None, False),
        (99_999, 3, False),
    ],
)
def test_only_texts_that_come_often_are_listed(rows: int, texts: int | None, listed: bool) -> None:
    sql = numbers_sql([Key("c0", True, texts), Key("c1", False)], where="true", width=2, rows=rows)
    assert ("DISTINCT c0" in sql, "DISTINCT c1" in sql) == (listed, False)
    assert ("ORDER BY d0.k DESC" in sql, "ORDER BY c0 DESC" in sql) == (listed, not listed)


def test_numbers_of_rows_are_wide_only_where_they_must_be() -> None:
    assert "UINTEGER" in numbers_sql([], where="true", width=1, rows=1 << 32)
    assert "UINTEGER" not in numbers_sql([], where="true", width=1, rows=(1 << 32) + 1)
