"""`ladle diff`: takes a home with two snapshots of a dataset, looks at what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from tests.snapshots.kit import built, page, person, source

RUNS = ("20261121-120103-7f3a9c", "20261122-080000-000001")


@pytest.fixture
def home(tmp_path: Path) -> str:
    """One row added, one removed, one changed in two cells, of which one was null; a column that became text."""
    first = [person(1, mass=77, eye=None), person(2, mass=78, eye="blue")]
    second = [person(1, mass="1,358", eye=""), person(3, mass="unknown", eye=None)]
    for run, records in zip(RUNS, (first, second), strict=True):
        built(tmp_path, [page(1, records)], of=source(), run=run)
    return str(tmp_path / "home")


def diff(home: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["diff", *words, "--home", home])


def test_what_changed_is_said_in_numbers_columns_and_cells(home: str) -> None:
    said = diff(home, "stars/people~1", "stars/people", "--key", "name")
    assert said.exit_code == 0, said.stderr
    assert said.stdout.splitlines() == [
        f"stars/people, {RUNS[0]} to {RUNS[1]}: 1 added, 1 removed, 1 changed, 0 same.",
        "By name (as chosen).",
        "Cells changed: mass 1, eye 1.",
        "The column mass was integer and is text.",
        "   name      column  before  after",
        "+  Person 3",
        "-  Person 2",
        "~  Person 1  mass    77      1,358",
        "~  Person 1  eye     null",
    ]
    assert "Showing 1 to 3 of 3 rows that differ." in said.stderr


def test_a_part_of_it_is_one_document(home: str) -> None:
    said = diff(home, *RUNS, "--column", "eye", "--json")
    told = json.loads(said.stdout)
    assert (told["key"], told["changed"], told["count"]) == (["url"], 1, 1)
    assert (told["results"][0]["before"]["eye"], told["results"][0]["after"]["eye"]) == (None, "")
    only = diff(home, *RUNS, "--only", "removed", "--limit", "1")
    assert "-  https://stars.example/api/people/2/" in only.stdout
    assert "Showing 1 to 1 of 1 row that differs." in only.stderr


def test_a_wrong_word_ends_with_2_and_a_sentence(home: str) -> None:
    for words, told in (
        ((*RUNS, "--key", "nme"), 'Did you mean "name"'),
        (("stars/people~7", "stars/people"), "there are 2 snapshots"),
        ((*RUNS, "--limit", "0"), "limit is 0"),
    ):
        said = diff(home, *words)
        assert said.exit_code == 2
        assert told in said.stderr.replace("\n", " ")
