"""Counts of combinations against a plain count of the same rows."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import petl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladle.errors import BadInput, Damaged
from ladle.explore.snapshot import Snapshot
from ladle.snapshots.bounds import Bounds
from tests.snapshots.kit import ODD_NAMES, field, from_records

CELLS = st.one_of(st.none(), st.sampled_from(["x", "y", "", "é"]), st.integers(0, 2))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    name: [CELLS, st.sampled_from([None, 1, 2]), st.sampled_from([None, 0.5, 1.5]), st.booleans()][number % 4]
    for number, name in enumerate(ODD_NAMES)
}


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records with some of the odd names."""
    names = draw(st.lists(st.sampled_from(ODD_NAMES), min_size=1, max_size=5, unique=True))
    return draw(st.lists(st.fixed_dictionaries({name: VALUES[name] for name in names}), min_size=1, max_size=60))


def plain(snapshot: Snapshot, *columns: str) -> list[tuple[tuple[Any, ...], int]]:
    """Combinations by count, ties by first appearance: a Counter keeps the order of appearance, sorting is stable."""
    rows = [row for offset in range(0, len(snapshot), 1000) for row in snapshot.rows(offset=offset, limit=1000)]
    counted = Counter(tuple(row[column] for column in columns) for row in rows)
    return sorted(counted.items(), key=lambda each: -each[1])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=tables(), data=st.data())
def test_counts_of_any_combination_are_those_of_a_plain_count(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    snapshot = from_records(tmp_path_factory.mktemp("home"), records)
    columns = data.draw(st.lists(st.sampled_from(list(records[0])), min_size=1, max_size=4, unique=True))
    expected = plain(snapshot, *columns)
    counts = snapshot.count(*columns)
    assert [(row.values, row.count) for row in counts.rows] == expected
    assert (counts.columns, counts.total_rows, counts.combinations) == (tuple(columns), len(records), len(expected))
    assert [row.share for row in counts.rows] == [count / len(records) for _, count in expected]
    offset, limit = data.draw(st.integers(0, 70)), data.draw(st.integers(1, 70))
    part = snapshot.count(*columns, offset=offset, limit=limit)
    assert part.rows == counts.rows[offset : offset + limit]
    assert part.combinations == len(expected)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A table of two columns without a row."""
    return from_records(tmp_path_factory.mktemp("home"), [], field("name"), field("homeworld"))


def test_counts_are_those_of_petl(tmp_path: Path) -> None:
    records = [{"date": f"2014-12-{number % 3}", "world": f"w{number % 7}"} for number in range(100)]
    snapshot = from_records(tmp_path, records)
    expected = petl.valuecounts(petl.fromdicts(records, header=["date", "world"]), "date", "world")
    found = snapshot.count("date", "world").rows
    assert {(*row.values, row.count, row.share) for row in found} == {tuple(row) for row in petl.data(expected)}


def test_order_first_is_by_first_appearance_over_all_chunks(tmp_path: Path) -> None:
    records = [{"v": (number * 7919) % 523} for number in range(2000)]
    snapshot = from_records(tmp_path, records, bounds=Bounds(chunk_rows=50, group_rows=100))
    assert [row.values[0] for row in snapshot.count("v", order="first").rows] == [(n * 7919) % 523 for n in range(523)]
    assert [(row.values, row.count) for row in snapshot.count("v").rows] == plain(snapshot, "v")


@pytest.mark.parametrize(
    ("columns", "more", "told"),
    [
        ((), {}, "No column is named. Name one or more of: name, homeworld"),
        (("homewrld",), {}, 'Did you mean "homeworld"'),
        (("NAME",), {}, 'There is no column "NAME"'),
        (("name", "name"), {}, '"name" is named twice'),
        (("name; DROP TABLE t",), {}, "There is no column"),
        (("name",), {"limit": 0}, "limit is 0"),
        (("name",), {"offset": -1}, "offset is -1"),
        (("name",), {"order": "size"}, 'There is no order "size"'),
    ],
)
def test_a_question_that_cannot_be_is_refused_by_name(
    empty: Snapshot, columns: tuple[str, ...], more: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        empty.count(*columns, **more)


def test_threads_ask_at_the_same_time(tmp_path: Path) -> None:
    snapshots = [from_records(tmp_path / str(size), [{"v": n % size} for n in range(100)]) for size in (2, 5)]
    wrong: list[int] = []

    def many(snapshot: Snapshot, size: int) -> None:
        wrong.extend(size for _ in range(20) if snapshot.count("v").combinations != size)

    threads = [threading.Thread(target=many, args=each) for each in zip(snapshots * 2, (2, 5, 2, 5), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"v": 1}])
    raw = snapshot.path("parquet").read_bytes()
    snapshot.path("parquet").write_bytes(raw[:-1])
    with pytest.raises(Damaged, match=r"data\.parquet"):
        snapshot.count("v")
    snapshot.path("parquet").write_bytes(b"x" * len(raw))
    with pytest.raises(Damaged, match=r"data\.parquet"):
        snapshot.count("v")
    with pytest.raises(Damaged, match=r"data\.parquet"):
        snapshot.arrow()
