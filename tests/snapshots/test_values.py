"""Values and types: what the API wrote is what the table shows, whatever page it came on."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ladle.snapshots.bounds import Bounds
from ladle.snapshots.types import kind_of, widen
from tests.snapshots.kit import built, field, from_records, page, source

ODD_TEXTS = [
    "1,358",
    "78.2",
    "unknown",
    "Padmé",
    "a, b",
    "one\r\ntwo\nthree\rfour",
    'said "no"',
    '"',
    "\n",
    "",
    " ",
    "null",
    "NULL",
    "NaN",
    "🦆 \U0001f469\u200d\U0001f680",
    "a\x00b",
    "\ufeffbom",
    "=1+1",
    "\\N",
    "x" * 1_000_000,
]


def test_every_odd_text_survives_in_rows_csv_and_parquet(tmp_path: Path) -> None:
    texts = [*ODD_TEXTS, None]
    snapshot = from_records(tmp_path, [{"text": text, "other": "1"} for text in texts])
    assert [row["text"] for row in snapshot.rows(limit=1000)] == texts
    assert snapshot.arrow().column("text").to_pylist() == texts
    csv.field_size_limit(2_000_000)
    with snapshot.path("csv").open(newline="", encoding="utf-8") as file:
        read = [row["text"] for row in csv.DictReader(file)]
    assert read == [text or "" for text in texts]


def test_null_and_the_empty_string_stay_apart(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"only": None}, {"only": ""}, {"only": "x"}, {}])
    assert [row["only"] for row in snapshot.rows()] == [None, "", "x", None]
    assert snapshot.path("csv").read_bytes() == b'"only"\n\n""\n"x"\n\n'


@pytest.mark.parametrize(
    ("values", "kept", "shown"),
    [
        ([1, None, -3], "integer", [1, None, -3]),
        ([1, 2.5], "number", [1.0, 2.5]),
        ([2.5, 1], "number", [2.5, 1.0]),
        ([1, "unknown"], "text", ["1", "unknown"]),
        (["1,358", 78.2], "text", ["1,358", "78.2"]),
        ([True, False, None], "boolean", [True, False, None]),
        ([True, 1], "text", ["true", "1"]),
        ([2**63 - 1, -(2**63)], "integer", [2**63 - 1, -(2**63)]),
        ([2**63], "text", [str(2**63)]),
        ([1, 2**64 - 1], "text", ["1", str(2**64 - 1)]),
        ([2**53 + 1, 0.5], "text", [str(2**53 + 1), "0.5"]),
        ([2**53, 0.5], "number", [2.0**53, 0.5]),
        ([1e300, -0.0, 5e-324], "number", [1e300, -0.0, 5e-324]),
        ([{"a": [1, "é"]}, [], None], "text", ['{"a":[1,"é"]}', "[]", None]),
        ([None, None], "text", [None, None]),
    ],
)
def test_a_column_takes_the_narrowest_type_that_keeps_every_value(
    tmp_path: Path, values: list[Any], kept: str, shown: list[Any]
) -> None:
    pages = [page(number, [{"v": value}]) for number, value in enumerate(values, 1)]
    snapshot = built(tmp_path, pages, of=source(field("v"), key=None))
    assert [column.type for column in snapshot.columns] == [kept]
    assert [row["v"] for row in snapshot.rows()] == shown
    assert snapshot.arrow().column("v").to_pylist() == shown


def test_a_text_on_the_last_page_turns_a_column_of_numbers_to_text(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"mass": number} for number in range(1000)]
    snapshot = from_records(tmp_path, [*records, {"mass": "unknown"}], bounds=Bounds(chunk_rows=50, group_rows=100))
    expected = [*map(str, range(1000)), "unknown"]
    assert pq.ParquetFile(snapshot.path("parquet")).num_row_groups == 11
    assert [row["mass"] for offset in (0, 500, 1000) for row in snapshot.rows(offset=offset, limit=500)] == expected


def test_a_large_integer_and_a_fraction_in_different_chunks_are_both_kept(tmp_path: Path) -> None:
    snapshot = from_records(
        tmp_path, [{"v": value} for value in (2**53 + 1, 7, 0.5)], size=1, bounds=Bounds(chunk_rows=1)
    )
    assert [row["v"] for row in snapshot.rows()] == [str(2**53 + 1), "7", "0.5"]


def test_chunks_of_any_length_leave_every_hundredth_row_in_the_index(tmp_path: Path) -> None:
    snapshot = from_records(
        tmp_path, [{"n": number} for number in range(1003)], size=7, bounds=Bounds(chunk_rows=30, group_rows=137)
    )
    assert [snapshot.rows(offset=at, limit=1)[0]["n"] for at in range(1003)] == list(range(1003))


def test_dates_are_shown_as_written_and_what_is_none_makes_them_text(tmp_path: Path) -> None:
    edited = field("date", path="edited", date="%Y-%m-%d")
    dates = ["2014-12-20T21:17:56.891000Z", "2014-12-09T13:50:51.644+09:00", None]
    kept = from_records(tmp_path / "a", [{"edited": text} for text in dates], edited)
    assert [(row["date"]) for row in kept.rows()] == [date(2014, 12, 20), date(2014, 12, 9), None]
    mixed = from_records(tmp_path / "b", [{"edited": text} for text in [*dates, "unknown", 7]], edited)
    assert [row["date"] for row in mixed.rows()] == ["2014-12-20", "2014-12-09", None, "unknown", "7"]
    other = from_records(tmp_path / "c", [{"edited": dates[0]}], field("edited", date="%d.%m.%Y"))
    assert other.rows() == [{"edited": "20.12.2014"}]


def test_seconds_since_1970_become_times_in_utc(tmp_path: Path) -> None:
    dt = field("dt", unix="s")
    snapshot = from_records(tmp_path / "a", [{"dt": 1624758900}, {"dt": "0"}, {}], dt)
    expected = [datetime(2021, 6, 27, 1, 55, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), None]
    assert [row["dt"] for row in snapshot.rows()] == expected
    assert pa.types.is_timestamp(snapshot.arrow().schema.field("dt").type)
    assert [row.values[0] for row in snapshot.count("dt").rows] == expected
    mixed = from_records(tmp_path / "b", [{"dt": 1624758900}, {"dt": 1e30}], dt)
    assert [row["dt"] for row in mixed.rows()] == ["1624758900", "1e+30"]


@pytest.mark.parametrize(
    ("declared", "values", "kept", "shown"),
    [
        ("integer", ["3439525", 7, None], "integer", [3439525, 7, None]),
        ("integer", ["007"], "text", ["007"]),
        ("integer", ["1,358"], "text", ["1,358"]),
        ("number", ["-34.61", 9], "number", [-34.61, 9.0]),
        ("number", ["1.0000000000000000001"], "text", ["1.0000000000000000001"]),
        ("boolean", ["true", False], "boolean", [True, False]),
        ("text", [1, 2.5, True], "text", ["1", "2.5", "true"]),
        ("date", ["2014-12-20"], "date", [date(2014, 12, 20)]),
        ("timestamp", ["2014-12-20T21:17:56Z"], "timestamp", [datetime(2014, 12, 20, 21, 17, 56, tzinfo=UTC)]),
        ("timestamp", ["2014-12-20T21:17:56.5Z"], "text", ["2014-12-20T21:17:56.5Z"]),
    ],
)
def test_a_declared_type_reads_texts_only_where_nothing_is_lost(
    tmp_path: Path, declared: Any, values: list[Any], kept: str, shown: list[Any]
) -> None:
    snapshot = from_records(tmp_path, [{"v": value} for value in values], field("v", type=declared))
    assert [column.type for column in snapshot.columns] == [kept]
    assert [row["v"] for row in snapshot.rows()] == shown


def test_kinds_only_ever_widen() -> None:
    kinds: list[Any] = ["none", "boolean", "integer", "long", "number", "date", "timestamp", "text"]
    for one in kinds:
        for other in kinds:
            wide = widen(one, other)
            assert wide == widen(other, one)
            assert widen(wide, one) == wide == widen(wide, other)
    assert kind_of([]) == "none"


def test_the_csv_reads_back_with_python_alone(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"a": "x,y", "b": 1, "c": None}, {"a": "é", "b": 2, "c": True}])
    rows = list(csv.reader(io.StringIO(snapshot.path("csv").read_text(encoding="utf-8"))))
    assert rows == [["a", "b", "c"], ["x,y", "1", ""], ["é", "2", "true"]]
