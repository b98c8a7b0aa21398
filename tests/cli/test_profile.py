"""`ladle profile`: figures of each column, and the numbers that are written as text; older profiles have fewer."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ladle.cli import main
from ladle.cli.profiling import say_profile
from tests.snapshots.kit import field, from_records

PEOPLE = [
    {"name": f"P{n}", "height": n, "mass": m} for n, m in enumerate(["77", "1,358", "unknown", "78.2", "unknown"])
]


def test_range_quantiles_and_mean_are_shown_of_numbers_in_texts_too(tmp_path: Path) -> None:
    from_records(tmp_path, PEOPLE, field("name"), field("height"), field("mass", type="text"))
    done = CliRunner().invoke(main, ["profile", "stars/people", "--home", str(tmp_path / "home")])
    heads, name, height, mass = [line.split() for line in done.stdout.splitlines()]
    assert heads[4:12] == ["min", "5", "%", "median", "95", "%", "max", "mean"]
    assert name[:4] == ["name", "text", "0", "5"]
    assert height[4:10] == ["0", "0", "2", "4", "4", "2"]
    assert mass[:10] == ["mass", "text", "0", "4", "77", "77", "78.2", "1358", "1358", "504.4"]
    assert done.stderr.splitlines() == ["mass: numbers written as text, 3 of 5; others: unknown 2"]


def test_a_profile_of_an_older_version_is_shown_without_what_it_lacks(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = from_records(tmp_path, PEOPLE, field("name"), field("height")).profile()
    del document["quantiles_exact"], document["columns"][1]["quantiles"]
    say_profile(document)
    told = capfd.readouterr()
    assert told.out.splitlines()[2].split()[:7] == ["height", "integer", "0", "5", "0", "4", "2"]
    assert told.err == ""
