"""What people get wrong: takes words that make no sense, looks for a sentence on what to do, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import ladle as library
from ladle.cli import main
from ladle.demo.serve import start_replicas
from tests.cli.command import process

SWAPI = "swapi/people"
WRONG: list[tuple[str, list[str], str]] = [
    ("a source", ["collect", "swap/people"], 'no source "swap". Did you mean "swapi"?'),
    ("a dataset", ["collect", "swapi/peple"], 'no dataset "swapi/peple". Did you mean "swapi/people"?'),
    ("a source for a dataset", ["plan", "swapi"], '"swapi" is a source; a dataset is named source/dataset.'),
    ("nothing", ["plan", ""], 'no source "". There are: swapi, openweather.'),
    ("a path for a dataset", ["plan", "../../etc/passwd"], 'no source ".."'),
    ("a run", ["runs", "yesterday"], 'no run "yesterday". List them with: ladle runs'),
    ("a path for a run", ["runs", "../snapshots"], 'no run "../snapshots"'),
    ("a run to go on with", ["collect", "20200101-000000-abcdef"], 'no run "20200101-000000-abcdef"'),
    ("no run to go on with", ["collect", SWAPI, "--resume"], "No run of swapi/people was left unfinished."),
    (
        "settings for a resume",
        ["collect", SWAPI, "--resume", "--pace", "fast"],
        "Leave out --set, --base-url, --quota",
    ),
    ("snapshots of a dataset", ["snapshots", "swapi/peple"], 'Did you mean "swapi/people"?'),
    ("snapshots of a source", ["snapshots", "openweathr/cities"], 'Did you mean "openweather"?'),
    ("a snapshot's dataset", ["show", "swapi/peple"], 'no snapshot of "swapi/peple". Did you mean "swapi/people"?'),
    ("a snapshot", ["show", "20200101-000000-abcdef"], 'no snapshot "20200101-000000-abcdef". There are: '),
    ("a pattern for a snapshot", ["show", "*"], 'no snapshot "*"'),
    ("a pattern for a dataset", ["profile", "swapi/*"], 'no snapshot of "swapi/*"'),
    ("a path for a snapshot", ["show", "../../../etc"], 'no snapshot of "../../../etc"'),
    ("a zero byte", ["show", "a\0b"], "no snapshot"),
    ("an offset below 0", ["show", SWAPI, "--offset", "-1"], "offset is -1. It must be a whole number, 0 or more."),
    ("a limit of 0", ["show", SWAPI, "--limit", "0"], "limit is 0. It must be a whole number from 1 to 1000."),
    ("a limit of 1001", ["show", SWAPI, "--limit", "1001"], "limit is 1001."),
    ("a limit in words", ["show", SWAPI, "--limit", "ten"], "'ten' is not a valid integer"),
    ("a column", ["count", SWAPI, "homewrld"], 'no column "homewrld". Did you mean "homeworld"?'),
    ("a column twice", ["count", SWAPI, "date", "date"], 'The column "date" is named twice.'),
    ("no column", ["count", SWAPI], "No column is named. Name one or more of: name, height"),
    ("an offset of counts", ["count", SWAPI, "date", "--offset", "-3"], "offset is -3."),
    ("a limit of counts", ["count", SWAPI, "date", "--limit", "-5"], "limit is -5."),
    ("an order", ["count", SWAPI, "date", "--order", "up"], "'up' is not one of 'count', 'first'"),
    (
        "a form",
        ["export", SWAPI, "--to", "xls"],
        "'xls' is not one of 'csv', 'parquet', 'csv-",
    ),
    ("json without a file", ["export", SWAPI, "--json"], "Name the file with --output."),
    ("a folder that is not there", ["export", SWAPI, "-o", "/no/such/folder/x.csv"], "can't be written: No such file"),
    ("a base URL", ["collect", SWAPI, "--base-url", "ftp://x"], '--base-url: The base URL "ftp://x" can\'t be used.'),
    ("half a bracket", ["collect", SWAPI, "--base-url", "http://[x"], '--base-url: The base URL "http://[x" can\'t'),
    ("a port", ["collect", SWAPI, "--base-url", "http://x:99999/"], "can't be used"),
    ("a password", ["collect", SWAPI, "--base-url", "http://me:pass@x/"], '"http://…@x/" can\'t be used'),
    ("a quota", ["plan", SWAPI, "--quota", "lots"], '--quota: The quota "lots" can\'t be read. Write it like'),
    ("a quota of nothing", ["plan", SWAPI, "--quota", "0 per day"], 'The quota "0 per day" allows nothing.'),
    ("a pace", ["plan", SWAPI, "--pace", "slow"], '--pace: The pace "slow" is not known. It can be "safe" or "fast".'),
    ("an unset key", ["collect", "openweather/cities"], "Set the environment variable OPENWEATHER_API_KEY"),
    ("a home in the cloud", ["runs", "--home", "gs://bucket"], "Give the path of a folder on this machine, or s3:"),
    ("a home that can't be", ["runs", "--home", "/dev/null/home"], "Set LADLE_HOME to a folder that you may write to."),
    ("a command", ["colect", SWAPI], "No such command 'colect'"),
    ("an option", ["plan", SWAPI, "--fast"], "No such option"),
    ("a missing word", ["collect"], "Missing argument 'DATASET|FILE'"),
]


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a home with one snapshot; the API that it came from is not there any more."""
    home = tmp_path_factory.mktemp("home")
    with start_replicas() as replicas:
        library.collect(SWAPI, home=home, base_url=replicas.swapi_url)
    return {"LADLE_HOME": str(home), "LADLE_SWAPI_BASE_URL": replicas.swapi_url}


def run(words: list[str], where: dict[str, str]) -> Result:
    unset = dict.fromkeys(("OPENWEATHER_API_KEY", "LADLE_SWAPI_QUOTA", "LADLE_SWAPI_PACE"))
    return CliRunner().invoke(main, words, env={**unset, **where})


@pytest.mark.parametrize(("words", "told"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong_words_end_with_2_and_a_sentence(where: dict[str, str], words: list[str], told: str) -> None:
    end = run(words, where)
    assert isinstance(end.exception, SystemExit), end.exception
    assert end.exit_code == 2
    assert end.stdout == ""
    assert told in end.stderr
    own = [line for line in end.stderr.splitlines() if line.startswith("ladle: ")]
    assert own == [] or len(end.stderr.splitlines()) == 1
    assert len(library.list_runs(library.Home.open(where["LADLE_HOME"]))) == 1


@pytest.mark.parametrize("name", ["LADLE_SWAPI_BASE_URL", "LADLE_SWAPI_QUOTA", "LADLE_SWAPI_PACE"])
def test_a_wrong_setting_is_named(where: dict[str, str], name: str) -> None:
    for words in (["sources"], ["plan", SWAPI], ["collect", SWAPI, "--json"]):
        end = run(words, {**where, name: "some nonsense"})
        assert (end.exit_code, end.stdout) == (2, "")
        assert end.stderr.startswith(f"ladle: {name}: The ")


def test_an_offset_past_the_end_shows_nothing_and_says_so(where: dict[str, str]) -> None:
    end = run(["show", SWAPI, "--offset", "99999999999999999999"], where)
    assert (end.exit_code, len(end.stdout.splitlines())) == (0, 1)
    assert "Showing none of 82 rows" in end.stderr


def test_an_export_that_fails_leaves_what_was_there(where: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "people.csv"
    target.write_text("as it was", "utf-8")
    copy = library.Home.open(tmp_path / "home")
    snapshot = library.snapshot(SWAPI, home=where["LADLE_HOME"])
    folder = copy.snapshots / SWAPI / snapshot.id
    folder.mkdir(parents=True)
    for kind in ("csv", "manifest"):
        source = snapshot.path(kind)
        (folder / source.name).write_bytes(source.read_bytes()[: -1 if kind == "csv" else None])
    end = run(["export", SWAPI, "-o", str(target)], {"LADLE_HOME": str(copy.path)})
    assert (end.exit_code, target.read_text("utf-8")) == (1, "as it was")
    assert "bytes instead of" in end.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "people.csv"]


def test_a_run_waiting_for_its_key_is_not_spoilt_by_its_absence(tmp_path: Path) -> None:
    started = library.start(library.Home.open(tmp_path), "openweather/cities", env={"OPENWEATHER_API_KEY": "k"})
    for words in (["collect", "openweather/cities", "--resume"], ["collect", started.id]):
        end = run(words, {"LADLE_HOME": str(tmp_path)})
        assert end.exit_code == 2
        assert "Set the environment variable OPENWEATHER_API_KEY" in end.stderr
    assert started.state == "queued"


def test_a_process_says_the_same_without_a_traceback(where: dict[str, str]) -> None:
    end = process("show", "swapi/peple", "--json", **where)
    assert (end.returncode, end.stdout) == (2, "")
    assert end.stderr.splitlines() == [
        'ladle: There is no snapshot of "swapi/peple". Did you mean "swapi/people"? There are: swapi/people.'
    ]
