"""`ladle sql`: a table for people, one JSON document, or the whole result as CSV; and a mistake's exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from tests.snapshots.kit import built, page, source


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql")
    built(path, [page(1, [{"name": f"Person {number}"} for number in range(12)])], of=source(key=None))
    return path / "home"


def sql(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["sql", "stars/people", *words, "--home", str(home)])


def test_rows_are_a_table_and_the_total_is_told(home: Path) -> None:
    said = sql(home, "SELECT name, 1.5 AS half FROM data", "--limit", "2")
    assert said.stdout.splitlines() == ["name      half", "Person 0   1.5", "Person 1   1.5"]
    assert "Showing 1 to 2 of 12 rows." in said.stderr


def test_json_is_shaped_as_the_api_s(home: Path) -> None:
    told = json.loads(sql(home, "SELECT name FROM data", "--limit", "1", "--offset", "11", "--json").stdout)
    assert told == {
        "columns": [{"name": "name", "type": "text"}],
        "exact": True,
        "count": 12,
        "next": None,
        "previous": None,
        "results": [{"name": "Person 11"}],
    }


def test_csv_is_the_whole_result(home: Path) -> None:
    assert len(sql(home, "SELECT name FROM data", "--csv").stdout.splitlines()) == 13


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("COPY data TO '/tmp/x'",), "It is COPY"),
        (("SELECT nme FROM data",), "(line 1: SELECT nme FROM data)"),
        (("SELECT 1", "--csv", "--json"), "two forms"),
    ],
)
def test_what_is_wrong_is_told_with_exit_code_2(home: Path, words: tuple[str, ...], told: str) -> None:
    said = sql(home, *words)
    assert (said.exit_code, told in said.stderr) == (2, True), said.output
