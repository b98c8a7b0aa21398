"""`ladle show` with filters, search, sort and columns: the rows that were asked for, told in words, or a refusal."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from tests.snapshots.kit import from_records

PEOPLE = [
    {"name": "Luke", "height": 172, "a,b": "x", "mass": "77"},
    {"name": "R2-D2", "height": 96, "a,b": "y", "mass": "unknown"},
    {"name": "Darth Vader", "height": 202, "a,b": None, "mass": "136"},
    {"name": "Leia", "height": 150, "a,b": "x", "mass": "1,358"},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four people."""
    path = tmp_path_factory.mktemp("people")
    from_records(path, PEOPLE)
    return path / "home"


def unstyled(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def show(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["show", "stars/people", "--home", str(home), *arguments])


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--where", "height__gte=150"), ["Luke", "Darth Vader", "Leia"]),
        (("--where", "height__gte=150", "--where", "a,b=x", "--sort=-name"), ["Luke", "Leia"]),
        (("--sort", "height"), ["R2-D2", "Leia", "Luke", "Darth Vader"]),
        (('--sort=-"a,b",-height',), ["R2-D2", "Luke", "Leia", "Darth Vader"]),
        (("--search", "DARTH va"), ["Darth Vader"]),
        (("--where", "name__in=Leia,Luke"), ["Luke", "Leia"]),
        (("--number", "mass", "--sort=-mass"), ["Leia", "Darth Vader", "Luke", "R2-D2"]),
        (("--number", "mass", "--where", "mass__lt=100"), ["Luke"]),
    ],
)
def test_what_was_asked_for_is_shown(home: Path, arguments: tuple[str, ...], names: list[str]) -> None:
    told = json.loads(show(home, *arguments, "--json").stdout)
    assert ([row["name"] for row in told["results"]], told["count"]) == (names, len(names))


def test_the_columns_and_the_view_are_told_and_how_to_go_on(home: Path) -> None:
    done = show(home, "--where", "height__gte=150", "--sort=-height", "--columns", '"a,b",name', "--limit", "2")
    assert done.stdout.splitlines()[0].split() == ["a,b", "name"]
    words = " ".join(done.stderr.split())
    assert "Showing 1 to 2 of 3 rows where height at least 150, sorted by height, descending, of stars/people" in words
    rest = shlex.split(words.partition("Go on with: ladle show stars/people ")[2])
    assert json.loads(show(home, *rest, "--json").stdout)["results"] == [{"a,b": "x", "name": "Leia"}]


def test_going_on_reads_the_same_columns_as_numbers(home: Path) -> None:
    done = show(home, "--number", "mass", "--sort=-mass", "--columns", "name", "--limit", "2")
    words = " ".join(done.stderr.split())
    assert "sorted by mass (as a number), descending" in words
    rest = shlex.split(words.partition("Go on with: ladle show stars/people ")[2])
    assert [row["name"] for row in json.loads(show(home, *rest, "--json").stdout)["results"]] == ["Luke", "R2-D2"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--where", "height"), "is no filter"),
        (("--where", "hieght=1"), 'Did you mean "height"'),
        (("--where", "height__gt=tall"), '"tall" is no value for "height"'),
        (("--sort", "nam"), 'no column "nam"'),
        (("--columns", "name,name"), "named twice"),
        (("--number", "mas"), 'no column "mas"'),
    ],
)
def test_what_cannot_be_asked_is_refused(home: Path, arguments: tuple[str, ...], told: str) -> None:
    done = show(home, *arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a table of 2,000 columns."""
    path = tmp_path_factory.mktemp("wide")
    from_records(path, [{f"column_{number}": f"{row} {number}" for number in range(2_000)} for row in range(2)])
    return path / "home"


@pytest.mark.parametrize(
    ("words", "remedy"),
    [(("show", "stars/people"), "--columns shows"), (("sql", "stars/people", "FROM data"), "name them in the SELECT")],
)
def test_a_terminal_shows_the_columns_that_fit_and_how_to_see_the_others(
    wide: Path, words: tuple[str, ...], remedy: str
) -> None:
    terminal = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}
    done = CliRunner(env=terminal).invoke(main, [*words, "--home", str(wide)])
    lines = unstyled(done.stdout).splitlines()
    assert [line.split() for line in lines] == [
        [f"column_{number}" for number in range(8)],
        *([word for number in range(8) for word in (str(row), str(number))] for row in range(2)),
    ]
    assert max(map(len, lines)) <= 80
    assert f"1,992 more columns of 2,000 not shown: {remedy}" in done.stderr
    assert "--json, or a pipe, has all" in done.stderr


def test_a_pipe_has_all_columns(wide: Path) -> None:
    done = CliRunner().invoke(main, ["show", "stars/people", "--home", str(wide)])
    heads, first, _ = done.stdout.splitlines()
    assert heads.split() == [f"column_{number}" for number in range(2_000)]
    assert (first.index("0 1999"), "not shown" in done.stderr) == (heads.index("column_1999"), False)


@pytest.mark.parametrize(
    ("command", "arguments", "shown"),
    [
        ("show", ("--columns", '""', "--sort", '-""'), [{"": "b"}, {"": "b"}, {"": "a"}]),
        ("show", ("--columns", "n", "--where", "=a"), [{"n": 2}]),
        (
            "count",
            ("",),
            [{"values": {"": "b"}, "count": 2, "share": 2 / 3}, {"values": {"": "a"}, "count": 1, "share": 1 / 3}],
        ),
    ],
)
def test_a_column_without_a_name_is_named_like_any_other(
    tmp_path: Path, command: str, arguments: tuple[str, ...], shown: list[object]
) -> None:
    from_records(tmp_path, [{"": "b", "n": 1}, {"": "a", "n": 2}, {"": "b", "n": 3}])
    words = [command, "stars/people", *arguments, "--home", str(tmp_path / "home"), "--json"]
    assert json.loads(CliRunner().invoke(main, words).stdout)["results"] == shown
