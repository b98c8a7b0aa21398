"""One's own file by the command line: told how it was read, shown like any other, refused in words."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import ladle, process


def test_an_imported_file_is_shown_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_bytes(b"id;answer\n1;NA\n2;yes\n")
    home = {"LADLE_HOME": str(tmp_path / "home")}
    done = process("import", str(tmp_path / "survey.csv"), "--missing", "NA", "--key", "id", **home)
    assert done.returncode == 0, done.stderr
    assert "files/survey, 2 rows, 2 columns" in done.stdout
    assert "delimiter ;" in done.stderr
    shown = json.loads(ladle("show", "files/survey", "--json", **home).stdout)
    assert shown["results"] == [{"id": 1, "answer": None}, {"id": 2, "answer": "yes"}]
    (line,) = ladle("snapshots", "files/survey", **home).stdout.splitlines()[1:]
    assert line.split()[1:5] == ["files/survey", "2", "2", "imported"]


def test_with_json_it_is_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1\t2\n")
    words = ("import", str(tmp_path / "a.csv"), "--name", "own/a", "--header", "--delimiter", "tab", "--json")
    done = ladle(*words, LADLE_HOME=str(tmp_path / "home"))
    told = json.loads(done.stdout)
    assert (told["source"], told["rows"], told["imported"]["settings"]["delimiter"]) == ("own", 0, "tab")


def test_a_file_that_can_not_be_read_is_told_with_the_way_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2,3\n")
    done = ladle("import", str(tmp_path / "a.csv"), LADLE_HOME=str(tmp_path / "home"))
    assert done.returncode == 2
    assert "Expected 2 columns, got 3" in done.stderr
    assert "delimiter ," in done.stderr
    refused = ladle("import", str(tmp_path / "a.csv"), "--name", "swapi/people", LADLE_HOME=str(tmp_path / "home"))
    assert (refused.returncode, "is taken by a source" in refused.stderr) == (1, True)
