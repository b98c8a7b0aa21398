"""Exports for spreadsheets, read back by the readers that people use; what a sheet can't hold is refused in words."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import ladle
from ladle.errors import BadInput, Damaged
from ladle.explore.export import KINDS, export
from ladle.explore.fits import is_beyond
from ladle.explore.sheet import MOST_CELL
from ladle.explore.snapshot import Snapshot
from ladle.explore.xlsx import LIMIT
from tests.snapshots.kit import ODD_NAMES, field, from_records

at = datetime.fromisoformat


def sheet(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """The rows of the sheet as openpyxl reads them, the names first."""
    book = openpyxl.load_workbook(io.BytesIO(b"".join(snapshot.export("xlsx"))))
    return list(book["data"].iter_rows(values_only=True))


def lines(snapshot: Snapshot) -> list[list[str]]:
    """The lines of the CSV for spreadsheets as Python reads them."""
    raw = b"".join(snapshot.export("csv-for-spreadsheets"))
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_a_sheet_holds_every_value_as_what_it_is(tmp_path: Path) -> None:
    records = [
        {"t": "é <&> 🦆", "i": 12, "x": 0.1, "b": True, "d": "2014-12-20", "u": 86_399},
        {"t": None, "i": None, "x": None, "b": None, "d": None, "u": None},
        {"t": "", "i": -(10**15) + 1, "x": 1e300, "b": False, "d": "1900-03-01", "u": -1},
        {"t": " two\nlines ", "i": 0, "x": -2.5, "b": True, "d": "9999-12-31", "u": 253_402_300_799},
    ]
    columns = [field(name) for name in "tixb"] + [field("d", type="date"), field("u", unix="s")]
    head, *rows = sheet(from_records(tmp_path, records, *columns))
    assert head == ("t", "i", "x", "b", "d", "u")
    assert rows == [
        ("é <&> 🦆", 12, 0.1, True, at("2014-12-20"), at("1970-01-01T23:59:59")),
        (None,) * 6,
        ("", -(10**15) + 1, 1e300, False, at("1900-03-01"), at("1969-12-31T23:59:59")),
        (" two\nlines ", 0, -2.5, True, at("9999-12-31"), at("9999-12-31T23:59:59")),
    ]


def test_what_a_sheet_can_not_hold_exactly_is_text(tmp_path: Path) -> None:
    records = [{"i": 2**62 + 1, "d": "1900-02-28", "u": -2_208_988_800}, {"i": 1, "d": "0001-01-01", "u": 0}]
    columns = [field("i"), field("d", type="date"), field("u", unix="s")]
    assert sheet(from_records(tmp_path, records, *columns))[1:] == [
        ("4611686018427387905", "1900-02-28", "1900-01-01T00:00:00Z"),
        (1, "0001-01-01", at("1970-01-01")),
    ]


def test_signs_that_xml_has_no_place_for_are_written_as_sheets_write_them(tmp_path: Path) -> None:
    texts = ["\x00\x1f", "a\r\nb", "_x0041_", "_x0041_x0042_", "_x41_", "\ufffe"]
    told = ["_x0000__x001F_", "a_x000D_\nb", "_x005F_x0041_", "_x005F_x0041_x005F_x0042_", "_x41_", "_xFFFE_"]
    rows = sheet(from_records(tmp_path, [{"t": text} for text in texts]))[1:]
    assert [row[0] for row in rows] == told


def test_texts_that_look_like_formulas_are_mere_texts_in_a_sheet(tmp_path: Path) -> None:
    raw = b"".join(from_records(tmp_path, [{"=n": "=1+1"}]).export("xlsx"))
    cell = openpyxl.load_workbook(io.BytesIO(raw))["data"]["A2"]
    # openpyxl itself takes text with = for a formula when it writes, not when it reads an inline string.
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_names_stay_in_view_and_odd_ones_are_kept(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [dict.fromkeys(ODD_NAMES, "x")])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(snapshot.export("xlsx"))))
    assert book["data"].freeze_panes == "A2"
    assert [cell.value for cell in book["data"][1]] == ODD_NAMES
    assert book["data"]["A1"].font.bold


def test_a_table_without_rows_is_a_sheet_of_names(tmp_path: Path) -> None:
    assert sheet(from_records(tmp_path, [], field("a"), field("b"))) == [("a", "b")]
    assert lines(from_records(tmp_path / "csv", [], field("a"), field("b"))) == [["a", "b"]]


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"a": number} for number in range(30)])
    for kind in KINDS:
        assert b"".join(snapshot.export(kind)) == b"".join(snapshot.export(kind))


def test_more_rows_or_columns_than_a_sheet_has_are_refused_before_the_first_byte(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"a": 1}])
    full = replace(snapshot.manifest, rows=1_048_576)
    with pytest.raises(
        BadInput, match=r"has 1,048,576 rows; a sheet has 1,048,576, one of them for the names\. Take CSV"
    ):
        export(snapshot.folder, full, kind="xlsx")
    wide = replace(snapshot.manifest, columns=snapshot.columns * 16_385)
    with pytest.raises(BadInput, match="16,385 columns; a sheet has 16,384"):
        export(snapshot.folder, wide, kind="xlsx")


@pytest.mark.parametrize("text", ["x" * 32_768, "🦆" * 16_384], ids=["ascii", "two units each"])
def test_a_text_longer_than_a_cell_is_refused_with_its_row_and_never_cut(tmp_path: Path, text: str) -> None:
    snapshot = from_records(tmp_path, [{"a": 1, "t": "short"}] * 11 + [{"a": 1, "t": text}])
    with pytest.raises(BadInput, match=r'Row 12 has 32,768 characters in "t"; a cell takes 32,767\. Take CSV'):
        snapshot.export("xlsx")
    fits = from_records(tmp_path / "fits", [{"t": text[1:]}])
    assert sheet(fits)[1] == (text[1:],)


def test_a_sheet_that_may_have_two_gigabytes_is_known_by_its_size() -> None:
    cells = (LIMIT - 5_500) // MOST_CELL
    for raw, large in ((b"&" * 1000, False), (b"&" * 1500, True), (b"x" * 5000, False), (b"\x01" * 1000, True)):
        assert is_beyond([raw], cells=cells) == large


def test_a_sheet_is_never_larger_than_was_reckoned(tmp_path: Path) -> None:
    texts = ["&<>", "\x00\r_x0041_", "\uffff", "é🦆", "", "x", "1", "=1"]
    dates = ["2014-12-20", "0001-01-01", None, "9999-12-31"] * 2
    records = [{"t": t, "d": d, "b": True, "i": 10**15} for t, d in zip(texts, dates, strict=True)]
    snapshot = from_records(tmp_path, records, field("t"), field("d", type="date"), field("b"), field("i"))
    with zipfile.ZipFile(io.BytesIO(b"".join(snapshot.export("xlsx")))) as packed:
        rows = len(packed.read("xl/worksheets/sheet1.xml").partition(b"</row>")[2])
    csv_size = snapshot.path("csv").stat().st_size
    assert csv_size < rows < csv_size + MOST_CELL * 4 * len(records)


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path) -> None:
    run = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "=", "-", "＝1", "-1\n", "+49 30 123"]
    stay = ["-78.2", "+5", "-.5", "+1e-3", "-1.", "1-1", "a=b", "'=1", "", " =1", "é"]
    snapshot = from_records(tmp_path, [{"t": text, "=n": -1} for text in run + stay])
    head, *rows = lines(snapshot)
    assert head == ["t", "'=n"]
    assert [row[0] for row in rows] == [f"'{text}" for text in run] + stay
    assert {row[1] for row in rows} == {"-1"}


def test_null_and_the_empty_text_stay_apart_for_spreadsheets(tmp_path: Path) -> None:
    raw = b"".join(
        from_records(tmp_path, [{"a": None, "t": ""}], field("a"), field("t")).export("csv-for-spreadsheets")
    )
    assert raw.decode("utf-8-sig") == '"a","t"\n,""\n'


def test_an_export_takes_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (20_000, 100_000):
        snapshot = from_records(tmp_path / str(rows), [{"a": n, "t": f"text {n}"} for n in range(rows)], size=5_000)
        for _ in snapshot.export("xlsx"):
            break
        tracemalloc.start()
        for _ in snapshot.export("xlsx"):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


@pytest.mark.parametrize("kind", ["csv-for-spreadsheets", "ndjson", "xlsx"])
def test_a_file_that_breaks_on_the_way_breaks_the_export(tmp_path: Path, kind: str) -> None:
    snapshot = from_records(tmp_path, [{"t": f"{n}" * 20} for n in range(30_000)], size=5_000)
    broken(snapshot)
    pieces = snapshot.export(kind)
    assert next(pieces)
    with pytest.raises(Damaged, match="can't be read"):
        deque(pieces, maxlen=0)


def broken(snapshot: Snapshot) -> None:
    """Damage the Parquet file behind its first rows; its size and its footer stay."""
    path = snapshot.path("parquet")
    raw = bytearray(path.read_bytes())
    middle = len(raw) * 2 // 3
    raw[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(raw)


def test_a_relation_of_duckdb_is_asked_in_its_own_words(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"a": n, "b c": "x" if n % 2 else "y"} for n in range(5)])
    relation = snapshot.duckdb()
    assert relation.columns == ["a", "b c"]
    assert relation.filter("\"b c\" = 'x'").aggregate("sum(a)").fetchall() == [(4,)]
    snapshot.path("parquet").unlink()
    with pytest.raises(Damaged, match="is missing"):
        snapshot.duckdb()


def test_petl_goes_through_the_rows_as_often_as_it_likes(tmp_path: Path) -> None:
    snapshot = from_records(
        tmp_path, [{"a": 1, "d": "2014-12-20"}, {"a": None, "d": None}], field("a"), field("d", type="date")
    )
    table = snapshot.petl()
    assert [list(table), list(table)] == [[("a", "d"), (1, date(2014, 12, 20)), (None, None)]] * 2
    assert list(table.cut("a").selectnotnone("a")) == [("a",), (1,)]


def test_polars_has_the_types_and_values(tmp_path: Path) -> None:
    frame = from_records(
        tmp_path, [{"i": 2**62 + 1, "u": 60}, {"i": None, "u": 0}], field("i"), field("u", unix="s")
    ).polars()
    assert frame["i"].to_list() == [2**62 + 1, None]
    assert str(frame["u"].dtype) == "Datetime(time_unit='ms', time_zone='UTC')"
    assert frame.height == 2


def test_the_year_has_four_digits_in_every_csv(tmp_path: Path) -> None:
    moment = datetime(19, 8, 19, 12, tzinfo=UTC)
    assert ladle.text_of(moment) == "0019-08-19 12:00:00Z"
    snapshot = from_records(tmp_path, [{"u": int(moment.timestamp())}], field("u", unix="s"))
    found = b"".join(snapshot.sql_csv("SELECT u FROM data"))
    assert found.splitlines()[1] == b"0019-08-19 12:00:00Z"
    assert b"".join(snapshot.export("csv")).splitlines()[1] == b"0019-08-19 12:00:00Z"
