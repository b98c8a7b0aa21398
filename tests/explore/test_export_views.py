"""Exports of a view: the same rows as looking gives, in every form, in flat memory, whole or an error."""

from __future__ import annotations

import io
import random
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ladle.errors import BadInput, Damaged
from ladle.explore import stream
from ladle.explore.export import KINDS
from ladle.explore.ordered import ordered
from ladle.explore.snapshot import Snapshot
from ladle.explore.values import column_values
from ladle.explore.view import Filter, Sort, View
from ladle.snapshots.bounds import Bounds
from tests.explore.test_export import broken
from tests.snapshots.kit import ODD_NAMES, field, from_records

ROWS = 600
TEXTS = ["", None, 'q"q', "a,b", "two\nlines", "é 🦆", "=1+1", "10", "9", " x "]
VIEWS = {
    "filtered": View(filters=(Filter("x", "gte", 0),)),
    "few": View(filters=(Filter("n", "in", "3,77,599"),)),
    "none": View(filters=(Filter("n", "gt", ROWS),)),
    "searched": View(search="two lines"),
    "sorted": View(sort=(Sort("t"), Sort("x", True))),
    "sorted and filtered": View(filters=(Filter("b", "exact", True),), sort=(Sort("d", True),)),
    "columns": View(columns=("a.b", "t", "n")),
    "all": View(columns=("a", "n"), filters=(Filter("n", "lt", 500),), search="9", sort=(Sort("a.b", True),)),
}


def records() -> list[dict[str, Any]]:
    """Every type, with nulls; a name with a dot beside what stands before it."""
    dates = ["2014-12-20", "9999-12-31", None, "0001-01-01"]
    at = random.Random(7)
    return [
        {
            "n": n,
            "t": TEXTS[n % len(TEXTS)],
            "x": None if n % 7 == 0 else at.choice([-1.5, 0.0, 1e300, 0.1 + n]),
            "b": [True, False, None][n % 3],
            "d": at.choice(dates),
            "u": None if n % 11 == 0 else at.randrange(-1, 1_795_300_000),
            "a": f"a{n % 5}",
            "ab": at.randrange(9),
        }
        for n in range(ROWS)
    ]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """600 rows in row groups of 50."""
    columns = [field(name) for name in "ntxb"]
    columns += [field("d", type="date"), field("u", unix="s"), field("a"), field("a.b", path="ab")]
    bounds = Bounds(chunk_rows=50, group_rows=50)
    return from_records(tmp_path_factory.mktemp("views"), records(), *columns, size=50, bounds=bounds)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that 600 rows go beyond."""
    monkeypatch.setattr(stream, "MOST_ROWS", 40)
    monkeypatch.setattr(stream, "_WINDOW", 200)
    monkeypatch.setattr(stream, "_NUMBERS", 128)


def whole(snapshot: Snapshot, kind: str, view: View) -> bytes:
    return b"".join(snapshot.export(kind, view=view))


def rows_of(snapshot: Snapshot, view: View) -> list[dict[str, Any]]:
    """The same rows as looking gives them."""
    return snapshot.rows(view=view, limit=1000)


@pytest.mark.parametrize(
    "view", [View(filters=(Filter("n", "gte", 0),)), View(sort=(Sort("n"),))], ids=["all", "sorted"]
)
def test_a_view_of_all_rows_and_columns_is_the_kept_csv_byte_for_byte(table: Snapshot, view: View) -> None:
    assert whole(table, "csv", view) == table.path("csv").read_bytes()
    assert whole(table, "csv", View(sort=(Sort("n", True),))) != table.path("csv").read_bytes()


@pytest.mark.parametrize("name", VIEWS)
def test_every_form_has_the_rows_that_looking_shows(table: Snapshot, name: str) -> None:
    view = VIEWS[name]
    wanted = rows_of(table, view)
    assert len(wanted) == {"few": 3, "none": 0}.get(name, len(wanted))
    read = [orjson.loads(line) for line in whole(table, "ndjson", view).splitlines()]
    told = [orjson.loads(orjson.dumps(row, option=orjson.OPT_UTC_Z)) for row in wanted]
    assert read == told
    kept = pq.read_table(io.BytesIO(whole(table, "parquet", view)))
    assert kept.equals(table.arrow(view))
    assert [tuple(row.values()) for row in wanted] == list(zip(*map(column_values, kept.columns), strict=True))
    sheet = openpyxl.load_workbook(io.BytesIO(whole(table, "xlsx", view)))["data"]
    columns = list(view.columns) or [column.name for column in table.columns]
    assert [cell.value for cell in sheet[1]] == columns
    assert sheet.max_row == len(wanted) + 1
    assert [row[columns.index("n")] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        row["n"] for row in wanted
    ]


@pytest.mark.parametrize("name", ["filtered", "sorted", "columns"])
def test_csv_keeps_null_and_the_empty_text_apart_in_a_view(table: Snapshot, name: str) -> None:
    raw = whole(table, "csv", VIEWS[name])
    options = pa.csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    read = pa.csv.read_csv(io.BytesIO(raw), convert_options=options, parse_options=parse)
    assert read["t"].to_pylist() == [row["t"] for row in rows_of(table, VIEWS[name])]
    assert whole(table, "csv-for-spreadsheets", VIEWS[name]).startswith(b"\xef\xbb\xbf" + raw.split(b"\n")[0])


def test_rows_come_in_any_order_however_little_is_held(tmp_path: Path) -> None:
    order = list(range(3000))
    random.Random(3).shuffle(order)

    def pieces() -> Iterator[pa.Table]:
        for at in range(0, 3000, 70):
            some = order[at : at + 70]
            yield pa.table({"0": [f"row {each}" for each in some], "place": pa.array(some, pa.int64())})

    for span, held in ((1, 1), (500, 4_000), (10_000, 30_000), (1 << 20, 1 << 20)):
        given = list(ordered(pieces(), count=3000, row_bytes=20, rows=64, span_bytes=span, held_bytes=held))
        assert [text for each in given for text in each["0"].to_pylist()] == [f"row {each}" for each in range(3000)]
        assert max(each.num_rows for each in given) <= 64


def test_a_sorted_export_takes_no_more_memory_for_more_rows() -> None:
    def peak(rows: int) -> int:
        order = list(range(rows))
        random.Random(3).shuffle(order)
        tables = (
            pa.table({"0": [f"{each:0200}" for each in order[at : at + 500]], "p": order[at : at + 500]})
            for at in range(0, rows, 500)
        )
        most = 0
        for _ in ordered(tables, count=rows, row_bytes=200, rows=500, span_bytes=200_000, held_bytes=400_000):
            most = max(most, pa.total_allocated_bytes())
        return most - before

    before = pa.total_allocated_bytes()
    assert peak(40_000) < 2 * peak(5_000) + 1_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_view_gives_the_same_bytes_under_the_same_tag(table: Snapshot, kind: str) -> None:
    view, other = VIEWS["sorted"], VIEWS["filtered"]
    assert whole(table, kind, view) == whole(table, kind, view)
    tags = {table.tag(kind, view=each) for each in (view, other, View(), VIEWS["columns"])}
    assert (len(tags), table.tag(kind, view=view) in tags) == (4, True)


def test_numbers_that_were_changed_in_the_cache_are_made_again(table: Snapshot) -> None:
    view = View(filters=(Filter("n", "lt", 590),), sort=(Sort("u"),))
    first = whole(table, "csv", view)
    orders = table.folder.parents[3] / "orders"
    for path in orders.rglob("*.order"):
        raw = bytearray(path.read_bytes())
        raw[:8] = b"\xff" * 8
        path.write_bytes(raw)
    assert whole(table, "csv", view) == first


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sort", [(), (Sort("n", True),)], ids=["filtered", "sorted"])
def test_a_file_that_breaks_on_the_way_breaks_the_export_of_a_view(
    tmp_path: Path, kind: str, sort: tuple[Sort, ...]
) -> None:
    snapshot = from_records(tmp_path, [{"n": n, "t": f"{n}" * 20} for n in range(20_000)], size=5_000)
    view = View(filters=(Filter("n", "gte", 0),), sort=sort)
    snapshot.prepare(view).result()  # the order is known, and then the file breaks
    broken(snapshot)
    with pytest.raises(Damaged, match="can't be read"):
        deque(snapshot.export(kind, view=view), maxlen=0)


def test_how_far_an_export_is_is_told(table: Snapshot) -> None:
    told: list[int] = []
    deque(table.export("csv", view=VIEWS["sorted"], made=told.append), maxlen=0)
    assert (told[-1], told == sorted(told), len(told)) == (ROWS, True, 15)


def test_a_sheet_takes_the_rows_that_fit_and_names_the_one_that_does_not(tmp_path: Path) -> None:
    long = [{"n": n, "t": "x" * (40_000 if n == 7 else 3)} for n in range(9)]
    snapshot = from_records(tmp_path, long)
    assert whole(snapshot, "xlsx", View(filters=(Filter("n", "lt", 7),)))
    assert whole(snapshot, "xlsx", View(columns=("n",)))
    with pytest.raises(BadInput, match=r'Row 8 has 40,000 characters in "t"'):
        snapshot.export("xlsx", view=View(filters=(Filter("n", "gt", 4),), sort=(Sort("n", True),)))


def test_a_view_that_can_not_be_is_refused_before_the_first_byte(table: Snapshot) -> None:
    for view in (View(columns=("x", "y")), View(filters=(Filter("n", "gte", "high"),)), View(sort=(Sort("z"),))):
        for kind in KINDS:
            with pytest.raises(BadInput):
                table.export(kind, view=view)


def test_odd_names_are_chosen_and_sorted_by(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{name: f"{n} {name}" for name in ODD_NAMES} for n in range(12)])
    for name in ODD_NAMES:
        view = View(columns=(name,), sort=(Sort(name, True),))
        assert [list(orjson.loads(line).values()) for line in whole(snapshot, "ndjson", view).splitlines()] == [
            list(row.values()) for row in rows_of(snapshot, view)
        ]


def test_other_tools_have_the_view_s_rows(table: Snapshot) -> None:
    view = VIEWS["all"]
    wanted = rows_of(table, view)
    assert len(wanted) > 40
    assert table.arrow(view).to_pylist() == table.polars(view).to_dicts() == wanted
    assert table.pandas(view)["n"].to_list() == [row["n"] for row in wanted]
    assert list(table.petl(view)) == [("a", "n"), *(tuple(row.values()) for row in wanted)]
    assert table.arrow(view).schema == table.arrow().select(["a", "n"]).schema
