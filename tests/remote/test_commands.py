"""Every command that looks, in a home and with LADLE_URL: the same words, the same documents, the same exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Done, ladle
from tests.remote.conftest import NAME, Served

LOOKING: dict[str, tuple[str, ...]] = {
    "snapshots": ("snapshots",),
    "snapshots of a dataset": ("snapshots", NAME),
    "show": ("show", "swapi/people", "--offset", "78"),
    "show a view": ("show", NAME, "--where", "size__gte=90", "--sort=-weight", "--columns", "name,at"),
    "show the one before": ("show", f"{NAME}~1", "--search", "yoda"),
    "a row": ("show", NAME, "--row", "3"),
    "no row": ("show", NAME, "--row", "300"),
    "wrong column": ("show", NAME, "--where", "nothing=1"),
    "count": ("count", "swapi/people", "date", "homeworld", "--limit", "5"),
    "count bins": ("count", NAME, "at:month", "size:50", "--order", "value"),
    "count nothing": ("count", NAME, "nothing"),
    "profile": ("profile", "swapi/people"),
    "diff": ("diff", f"{NAME}~2", NAME),
    "diff of a kind": ("diff", f"{NAME}~2", NAME, "--only", "changed", "--key", "name"),
    "diff of two datasets": ("diff", "swapi/people", NAME),
    "history": ("history", NAME, "2"),
    "chart": ("chart", NAME, "histogram", "size", "--bins", "5"),
    "chart of a text": ("chart", NAME, "histogram", "name"),
    "map": ("chart", NAME, "map", "lat", "lon", "--colour", "weight"),
    "series": ("chart", NAME, "series", "size"),
    "sql": ("sql", NAME, "SELECT name, weight FROM data ORDER BY weight DESC", "--limit", "2"),
    "no sql": ("sql", NAME, "DROP TABLE data"),
}
AS_CSV: dict[str, tuple[str, ...]] = {
    "chart": ("chart", "swapi/people", "bars", "homeworld", "--csv"),
    "sql": ("sql", NAME, "SELECT name FROM data ORDER BY 1", "--csv"),
    "export": ("export", NAME),
    "export a view": ("export", "swapi/people", "--to", "ndjson", "--where", "mass__contains=1", "--sort", "name"),
}


def both(served: Served, *words: str) -> tuple[Done, Done]:
    """A command with LADLE_URL, and in the home."""
    return ladle(*words, **served.as_("read")), ladle(*words, LADLE_HOME=served.home)


def said(done: Done) -> list[str]:
    """Standard error, but for what is said where an answer takes more than a moment."""
    return [line for line in done.stderr.splitlines() if not line.endswith(" …")]


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["words", "json"])
@pytest.mark.parametrize("words", LOOKING.values(), ids=list(LOOKING))
def test_a_command_says_the_same_of_a_server(served: Served, words: tuple[str, ...], form: tuple[str, ...]) -> None:
    there, here = both(served, *words, *form)
    assert (there.returncode, there.stdout, said(there)) == (here.returncode, here.stdout, said(here))
    assert here.returncode in (0, 2)


@pytest.mark.parametrize("words", AS_CSV.values(), ids=list(AS_CSV))
def test_what_goes_into_a_pipe_is_the_same(served: Served, words: tuple[str, ...]) -> None:
    there, here = both(served, *words)
    assert (there.returncode, there.stdout) == (0, here.stdout)


def test_a_file_is_written_whole_and_the_same(served: Served, tmp_path: Path) -> None:
    for name in ("people.csv", "people.parquet", "people.xlsx"):
        there, here = tmp_path / f"there-{name}", tmp_path / f"here-{name}"
        done = ladle("export", "swapi/people", "-o", str(there), **served.as_("read"))
        assert (done.returncode, done.stdout.count("82 rows")) == (0, 1)
        ladle("export", "swapi/people", "-o", str(here), LADLE_HOME=served.home)
        assert there.read_bytes() == here.read_bytes()


def test_an_address_in_the_homes_place_means_the_same(served: Served) -> None:
    done = ladle("show", NAME, "--json", "--home", served.url, LADLE_TOKEN=served.tokens["read"])
    assert done.stdout == ladle("show", NAME, "--json", "--home", served.home, **served.as_("read")).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("worker",),
        ("doctor",),
        ("gc",),
        ("copy", "elsewhere"),
        ("users", "list"),
        ("tokens", "list"),
        ("audit",),
        ("import", "x.csv"),
        ("schedule", "list"),
        ("webhooks", "list"),
    ],
    ids=" ".join,
)
def test_what_is_done_in_a_home_itself_says_so(served: Served, words: tuple[str, ...]) -> None:
    done = ladle(*words, **served.as_("read"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Do it where the server runs; or name a folder with --home" in done.stderr


def test_a_server_that_is_not_there_fails_and_a_wrong_address_is_wrong_usage() -> None:
    gone = ladle("snapshots", LADLE_URL="http://127.0.0.1:9")
    assert (gone.returncode, "nothing answers there" in gone.stderr) == (1, True)
    assert ladle("snapshots", LADLE_URL="ladle.example.org").returncode == 2


def test_no_output_has_the_token(served: Served) -> None:
    token = served.tokens["read"]
    for words in [*LOOKING.values(), ("show", "no/such"), ("collect",), ("gc",)]:
        done = ladle(*words, **served.as_("read"))
        assert token not in done.stdout + done.stderr
