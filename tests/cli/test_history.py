"""`ladle history` and `ladle show --row`: one record in every snapshot, one row with every value."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from tests.snapshots.kit import built, page, person, source

RUNS = ("20261121-120103-7f3a9c", "20261122-080000-000001", "20261123-080000-000002")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A person who comes with the second snapshot and changes in two cells with the third."""
    path = tmp_path_factory.mktemp("stars")
    lists = ([person(2)], [person(1, eye="blue", mass=77), person(2)], [person(1, eye=None, mass=78), person(2)])
    for run, records in zip(RUNS, lists, strict=True):
        built(path, [page(1, records)], of=source(), run=run)
    return str(path / "home")


def ladle(home: str, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--home", home])


def test_what_became_of_a_record_is_said_snapshot_by_snapshot(home: str) -> None:
    said = ladle(home, "history", "stars/people", "Person 1", "--key", "name")
    assert said.exit_code == 0, said.stderr
    assert said.stdout.splitlines() == [
        "snapshot                taken                      column  before  after",
        "20261121-120103-7f3a9c  2026-11-21 12:01  absent",
        "20261122-080000-000001  2026-11-21 12:01  added",
        "20261123-080000-000002  2026-11-21 12:01  changed  eye     blue    null",
        "                                                   mass    77      78",
    ]
    assert said.stderr.strip() == "name Person 1: in 2 of 3 snapshots of stars/people."


def test_a_history_is_one_document_and_its_key_is_found(home: str) -> None:
    said = ladle(home, "history", RUNS[0], person(1)["url"], "--json")
    assert [each["fate"] for each in json.loads(said.stdout)["results"]] == ["absent", "added", "changed"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("history", "stars/people", "x", "--key", "nme"), 'no column "nme"'),
        (("history", "stars/people", "x", "y"), "2 values are given for the key url"),
        (("history", "stars/people"), "Missing argument"),
        (("show", "stars/people", "--row", "3"), "There is no row 3"),
        (("show", "stars/people", "--row", "0"), "numbered from 1 to 2"),
    ],
)
def test_what_can_t_be_shown_is_said_with_exit_code_2(home: str, words: tuple[str, ...], told: str) -> None:
    said = ladle(home, *words)
    assert said.exit_code == 2
    assert told in said.stderr


def test_one_row_is_shown_a_line_for_each_column(home: str) -> None:
    said = ladle(home, "show", "stars/people", "--row", "1")
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in said.stdout.splitlines()}
    assert lines == {"column": "value", "url": person(1)["url"], "name": "Person 1", "eye": "null", "mass": "78"}
    assert f"Row 1 of 2, of stars/people, {RUNS[2]}." in said.stderr
    told = json.loads(ladle(home, "show", "stars/people", "--row", "1", "--json").stdout)
    assert (told["number"], told["rows"], told["row"]["mass"]) == (1, 2, 78)
