"""Arrays that are put together without pandas are those that Arrow makes, and nothing loads what it does not need."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladle.snapshots.arrays import put_together
from ladle.snapshots.types import ARROW
from ladle.sources.source import ColumnType

VALUES: dict[ColumnType, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(exclude_categories=["Cs"])),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False) | st.integers(-(2**53), 2**53),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamp": st.integers(-(10**10), 10**11).map(
        lambda second: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(0, second)
    ),
}


@pytest.mark.parametrize("kind", VALUES)
def test_an_array_put_together_is_the_one_that_arrow_makes(kind: ColumnType) -> None:
    @settings(deadline=None)
    @given(st.lists(VALUES[kind] | st.none(), max_size=40))
    def holds(values: list[Any]) -> None:
        made = put_together(values, kind)
        made.validate(full=True)
        assert made.equals(pa.array(values, type=ARROW[kind]))
        assert made.null_count == values.count(None)

    holds()


def test_the_ends_of_time_are_kept() -> None:
    assert put_together([date.min, date.max], "date").to_pylist() == [date.min, date.max]


def test_to_import_ladle_loads_neither_duckdb_nor_readers_nor_a_command_line() -> None:
    late = "duckdb pandas pyarrow.compute pyarrow.csv pyarrow.parquet pyarrow.dataset rich click django"
    program = f"import sys; from ladle import *; print([name for name in '{late}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
