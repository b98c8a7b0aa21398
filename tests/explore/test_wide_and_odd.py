"""Wide and odd tables by every way of asking: what is answered is what was put in."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from ladle.cli import main
from ladle.errors import BadInput
from ladle.explore.address import write_view
from ladle.explore.export import KINDS
from ladle.explore.view import Filter, Sort, View
from tests.explore.odd import CELLS, NAMES, TABLES, WIDTH, Odd, table
from tests.explore.plain import counted

LONGEST_FILTER = 10_000
pytestmark = pytest.mark.timeout(300)  # two thousand columns take a while to be made


@pytest.fixture(params=TABLES)
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Odd:
    return table(request.param, tmp_path_factory)


def values_of(odd: Odd) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in odd.rows]


def test_rows_sorts_and_filters_by_the_first_and_the_last_column(odd: Odd) -> None:
    snapshot, rows = odd.snapshot, odd.rows
    assert snapshot.rows(limit=1000) == rows
    for column in (snapshot.columns[0].name, snapshot.columns[-1].name):
        down = View(sort=(Sort(column, descending=True),))
        assert snapshot.rows(view=down, limit=1000) == sorted(rows, key=lambda row: row[column], reverse=True)
        for row in rows[:3]:
            same = View(filters=(Filter(column, "exact", row[column]),), columns=(column,))
            assert snapshot.look(same).rows == [{column: r[column]} for r in rows if r[column] == row[column]][:10]
            assert snapshot.view(write_view(same)) == replace(
                same, filters=(Filter(column, "exact", str(row[column])),)
            )


def test_counts_and_profile(odd: Odd) -> None:
    snapshot, rows = odd.snapshot, odd.rows
    names = [column.name for column in snapshot.columns]
    for by in {(names[0],), (names[-1],), tuple(dict.fromkeys((names[-1], names[0])))}:
        counts = snapshot.count(*by)
        assert [(row.values, row.count) for row in counts.rows] == counted(rows, *by)
    profile = snapshot.profile()
    assert [column["name"] for column in profile["columns"]] == names
    assert [column["distinct"] for column in profile["columns"]] == [len({row[name] for row in rows}) for name in names]


def test_sql_gives_every_row(odd: Odd) -> None:
    found = odd.snapshot.sql("SELECT * FROM data", limit=1000)
    # SQL does not tell "Name" from "name": the second one has a name of its own there.
    assert [tuple(row.values()) for row in found.rows] == values_of(odd)
    assert found.total == len(odd.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_export_holds_every_value(odd: Odd, kind: str) -> None:
    if kind == "xlsx" and odd.rows and odd.rows[0].keys() == {"n", "text"}:
        with pytest.raises(BadInput, match="1,000,000 characters"):
            b"".join(odd.snapshot.export(kind))
        return
    raw = b"".join(odd.snapshot.export(kind))
    csv.field_size_limit(1 << 30)
    names = [column.name for column in odd.snapshot.columns]
    texts = [tuple(map(str, line)) for line in values_of(odd)]
    if kind == "ndjson":
        assert [orjson.loads(line) for line in raw.splitlines()] == odd.rows
    elif kind == "parquet":
        read = pq.read_table(io.BytesIO(raw))
        assert (read.column_names, list(zip(*(c.to_pylist() for c in read.columns), strict=True))) == (
            names,
            values_of(odd),
        )
    elif kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True).active
        assert sheet is not None
        assert sum(1 for _ in sheet.iter_rows()) == len(odd.rows) + 1
    else:
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig" if "spread" in kind else "utf-8"), newline="")))
        told = [tuple(cell.removeprefix("'") for cell in line) for line in lines]
        assert told == [tuple(cell.removeprefix("'") for cell in line) for line in (tuple(names), *texts)]


def test_the_same_on_the_command_line(odd: Odd, tmp_path: Path) -> None:
    snapshot, names = odd.snapshot, [column.name for column in odd.snapshot.columns]
    assert orjson.loads(told(odd, "show", "--json", "--limit", "1000"))["results"] == odd.rows
    counts = orjson.loads(told(odd, "count", names[-1], "--json"))
    assert [each["count"] for each in counts["results"]] == [n for _, n in counted(odd.rows, names[-1])][:50]
    assert orjson.loads(told(odd, "profile", "--json")) == snapshot.profile()
    for words in (["show", "--limit", "1000"], ["count", names[0]], ["profile"], ["sql", "SELECT * FROM data"]):
        shown = told(odd, *words)
        assert not re.search("[\0-\x08\x0b-\x1f\x7f\u202e]", shown), "a terminal would obey"
        assert len(shown) < 5_000_000
    told(odd, "export", "-o", str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_bytes() == snapshot.path("csv").read_bytes()


def told(odd: Odd, command: str, *words: str) -> str:
    """What a command says."""
    home = str(odd.snapshot.folder.parents[3])
    result = CliRunner().invoke(main, [command, odd.snapshot.id, *words, "--home", home])
    assert result.exit_code == 0, result.output[-1000:]
    return result.stdout


def test_what_differs_from_itself_is_nothing(odd: Odd) -> None:
    if not odd.rows:
        return
    found = odd.snapshot.diff(odd.snapshot, key=odd.snapshot.columns[0].name)
    assert (found.added, found.removed, found.changed, found.same) == (0, 0, 0, len(odd.rows))


def test_two_thousand_columns_keep_their_names_and_types(tmp_path_factory: pytest.TempPathFactory) -> None:
    columns = table("wide", tmp_path_factory).snapshot.columns
    assert [column.name for column in columns] == [f"column {n}" for n in range(WIDTH)]
    assert {column.type for column in columns[1::3]} == {"integer"}


def test_each_column_is_asked_for_whatever_it_is_called(tmp_path_factory: pytest.TempPathFactory) -> None:
    odd = table("named", tmp_path_factory)
    snapshot, rows = odd.snapshot, odd.rows
    assert [column.name for column in snapshot.columns] == NAMES
    for name in NAMES:
        view = View((name,), (Filter(name, "exact", rows[3][name]),), sort=(Sort(name, descending=True),))
        assert snapshot.look(snapshot.view(write_view(view))).rows == [{name: rows[3][name]}]
        assert snapshot.count(name).combinations == len(rows)


def test_each_cell_is_found_whatever_it_holds(tmp_path_factory: pytest.TempPathFactory) -> None:
    snapshot = table("filled", tmp_path_factory).snapshot
    for number, cell in enumerate(CELLS):
        if len(cell) > LONGEST_FILTER:
            continue
        for op in ("contains", "in"):
            view = View(filters=(Filter("text", op, [cell] if op == "in" else cell), Filter("n", "exact", number)))
            assert snapshot.look(snapshot.view(write_view(view))).rows == [{"n": number, "text": cell}], (op, cell)


def test_a_table_without_rows_and_one_without_a_second_column_say_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    nothing, one = table("empty", tmp_path_factory), table("narrow", tmp_path_factory)
    assert [column.type for column in nothing.snapshot.columns] == ["text", "integer", "timestamp"]
    assert nothing.snapshot.look(View(search="x", sort=(Sort("at"),))).total == 0
    assert nothing.snapshot.count("n", "at").combinations == 0
    assert one.snapshot.look(View(search="x")).rows == one.rows
