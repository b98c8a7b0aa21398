"""`ladle export` with the options of `show`: all rows of the view in any form, a file whole or not at all."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from tests.explore.test_export import broken
from tests.snapshots.kit import from_records

PEOPLE = [
    {"name": "Luke", "height": 172, "mass": "77"},
    {"name": "R2-D2", "height": 96, "mass": "32"},
    {"name": "Jabba", "height": 175, "mass": "1,358"},
    {"name": "Leia", "height": 150, "mass": "unknown"},
]
TALL = ("--where", "height__gte=150", "--sort=-height", "--columns", "name,height")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four people."""
    path = tmp_path_factory.mktemp("people")
    from_records(path, PEOPLE)
    return path / "home"


def export(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "stars/people", "--home", str(home), *arguments])


def test_a_view_goes_to_standard_output(home: Path) -> None:
    assert export(home, *TALL).stdout == '"name","height"\n"Jabba",175\n"Luke",172\n"Leia",150\n'
    lines = export(home, *TALL, "--kind", "ndjson").stdout.splitlines()
    assert json.loads(lines[0]) == {"name": "Jabba", "height": 175}
    assert export(home, "--search", "jab", "--to", "ndjson").stdout.count("\n") == 1
    heavy = export(home, "--number", "mass", "--where", "mass__gt=50", "--sort=-mass", "--columns", "name").stdout
    assert heavy.splitlines()[1:] == ['"Jabba"', '"Luke"']


def test_a_file_has_the_form_of_its_ending_and_is_told_with_its_rows(home: Path, tmp_path: Path) -> None:
    done = export(home, *TALL, "-o", str(tmp_path / "tall.parquet"))
    assert pq.read_table(tmp_path / "tall.parquet")["name"].to_pylist() == ["Jabba", "Luke", "Leia"]
    told = " ".join(done.stdout.split())
    assert "tall.parquet: 3 rows where height at least 150, sorted by height, descending, " in told
    done = export(home, *TALL, "-o", str(tmp_path / "tall"), "--kind", "xlsx", "--json")
    written = json.loads(done.stdout)
    assert (written["rows"], written["form"]) == (3, "xlsx")
    assert written["size"] == (tmp_path / "tall").stat().st_size


def test_what_can_not_be_exported_is_refused_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    for arguments in (("--where", "height__gte=tall"), ("--columns", "nam"), ("--sort", "size")):
        done = export(home, *arguments, "-o", str(tmp_path / "none.csv"))
        assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_breaks_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    snapshot = from_records(tmp_path, [{"n": n, "t": f"{n}" * 20} for n in range(20_000)], size=5_000)
    snapshot.prepare(snapshot.view([("_sort", "-n")])).result()
    broken(snapshot)
    kept = tmp_path / "out.csv"
    kept.write_text("as it was")
    done = export(tmp_path / "home", "--sort=-n", "-o", str(kept))
    assert (done.exit_code, kept.read_text()) == (1, "as it was")
    assert "can't be read" in done.stderr
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out.csv"]


def test_a_terminal_sees_how_many_rows_are_done(home: Path, tmp_path: Path) -> None:
    seen, terminal = pty.openpty()
    command = [sys.executable, "-m", "ladle", "export", "stars/people", "--home", str(home), "--sort", "name"]
    env = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with os.fdopen(terminal, "wb") as stderr:
        subprocess.run([*command, "-o", str(tmp_path / "a.csv")], stderr=stderr, check=True, env=env)
    assert b"4 of 4" in os.read(seen, 1 << 16)
    os.close(seen)
    assert (tmp_path / "a.csv").read_bytes().count(b"\n") == 5
