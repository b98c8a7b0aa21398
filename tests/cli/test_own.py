"""From a definition file to a dataset by hand: takes commands' words, looks at what they say and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ladle.cli import main
from ladle.testing import ScriptedApi, answer
from tests.cli.command import ladle
from tests.sources import own


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with own.api() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path, api: ScriptedApi) -> Path:
    return own.written(tmp_path, api.url)


@pytest.fixture
def where(tmp_path: Path) -> dict[str, str]:
    return {"LADLE_HOME": str(tmp_path / "home")}


def run(words: list[object], where: Mapping[str, str]) -> Result:
    return CliRunner(env=dict(where)).invoke(main, [str(word) for word in words])


def said(words: list[object], where: Mapping[str, str]) -> Any:
    """The document of a command that ends well."""
    end = run([*words, "--json"], where)
    assert end.exit_code == 0, end.output
    return json.loads(end.stdout)


def test_the_walk_from_a_file_to_a_dataset(file: Path, where: dict[str, str], tmp_path: Path, api: ScriptedApi) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(own.MINE, "utf-8")
    assert said(["check", file], where) == {"mistakes": [], "datasets": ["own/things", "own/weather"]}
    assert f"ladle preview {file}#things" in run(["check", file], where).output, "one that works as it is"
    shown = said(["preview", f"{file}#things"], where)
    assert (shown["rows"], shown["requests"]) == (own.THINGS[:10], 1)
    assert said(["plan", f"{file}#weather", "--set", f"cities={mine}"], where)["total"] == 1
    assert said(["sources", "add", file], where)["version"] == 1
    assert [each["name"] for each in said(["sources"], where)["results"]] == ["swapi", "openweather", "own"]
    before = len(api.requests)
    done = ladle("collect", "own/weather", "--set", f"cities={mine}", "--set", "units=imperial", "--json", **where)
    assert done.returncode == 0, done.stderr
    assert [dict(request.query) for request in api.requests[before:]] == [{"city": "Oslo", "units": "imperial"}]
    assert said(["show", "own/weather"], where)["results"][0]["city"] == "Oslo"
    kept = said(["runs", json.loads(done.stdout)["id"]], where)
    assert kept["definition_version"] == 1
    assert kept["parameters"] == {"units": "imperial", "cities": str(mine), "lang": "en"}
    assert "version 1 of own, units = imperial" in run(["runs", kept["id"]], where).stdout


def test_a_preview_shows_numbers_as_the_file_would_hold_them(tmp_path: Path, where: dict[str, str]) -> None:
    with ScriptedApi({"/things": [answer([{"id": 3440781}])]}) as api:
        text = f'ladle = 1\nname = "x"\nbase_url = "{api.url}"\n[resources.things]\npath = "things"\n'
        (tmp_path / "x.toml").write_text(text)
        shown = run(["preview", tmp_path / "x.toml"], where)
    assert shown.exit_code == 0, shown.output
    assert "3440781" in shown.output


def test_a_file_is_collected_and_taken_up_again_by_its_path(file: Path, where: dict[str, str]) -> None:
    done = ladle("collect", f"{file}#things", **where)
    assert done.returncode == 0, done.stderr
    assert "own/things: 23 rows, 3 columns, complete" in done.stdout
    again = run(["collect", f"{file}#things", "--resume"], where)
    assert "No run of own/things was left unfinished" in again.stderr


def test_every_mistake_is_named_with_its_line(file: Path, where: dict[str, str]) -> None:
    file.write_text(file.read_text("utf-8").replace('"page"', '"pgae"').replace('key = "id"', "key = 7"), "utf-8")
    end = run(["check", file], where)
    assert end.exit_code == 2
    lines = end.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{file}, line 12", f"{file}, line 13"]
    assert '"resources.things.paging" is "pgae". It can be "page"' in lines[1]
    told = run(["check", file, "--json"], where)
    assert told.exit_code == 2
    assert [(each["line"], each["key"]) for each in json.loads(told.stdout)["mistakes"]] == [
        (12, "resources.things.key"),
        (13, "resources.things.paging"),
    ]


def test_a_source_is_shown_with_its_versions_and_each_of_them(file: Path, where: dict[str, str]) -> None:
    run(["sources", "add", file], where)
    first = file.read_text("utf-8")
    file.write_text(first.replace("My own", "Mine"), "utf-8")
    assert "own (version 2): own/things, own/weather" in run(["sources", "add", file], where).stdout
    shown = said(["sources", "show", "own"], where)
    assert (shown["title"], shown["version"], shown["definition"]) == ("Mine", 2, file.read_text("utf-8"))
    assert [(each["version"], each["current"]) for each in shown["versions"]] == [(2, True), (1, False)]
    assert said(["sources", "show", "own", "--version", "1"], where)["definition"] == first
    text = run(["sources", "show", "own"], where).stdout
    assert 'title = "Mine"' in text
    assert "command line" in text


@pytest.mark.parametrize("name", ["swapi", "github"])
def test_a_built_in_source_and_an_example_are_shown_to_be_copied(
    name: str, where: dict[str, str], tmp_path: Path
) -> None:
    text = run(["sources", "show", name], where).stdout
    copied = tmp_path / "copied.toml"
    copied.write_text(text, "utf-8")
    assert run(["check", copied], where).exit_code == 0


def test_a_source_that_was_removed_is_gone_but_its_versions_and_runs(file: Path, where: dict[str, str]) -> None:
    run(["sources", "add", file], where)
    assert ladle("collect", "own/things", **where).returncode == 0
    assert said(["sources", "remove", "own"], where) == {"name": "own", "removed": True}
    assert [each["name"] for each in said(["sources"], where)["results"]] == ["swapi", "openweather"]
    gone = run(["sources", "show", "own"], where)
    assert (gone.exit_code, "ladle sources show own --version 1" in gone.stderr) == (2, True)
    assert said(["sources", "show", "own", "--version", "1"], where)["current"] is False
    assert said(["show", "own/things"], where)["count"] == 23
    assert said(["snapshots", "own/things"], where)["count"] == 1
    assert "No run of own/things was left unfinished" in run(["resume", "own/things"], where).stderr


def test_what_stands_before_a_subcommand_holds_for_it(file: Path, where: dict[str, str], tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    end = run(["sources", "--home", other, "--json", "add", file], where)
    assert json.loads(end.stdout)["name"] == "own"
    assert [each["name"] for each in said(["sources", "--home", other], where)["results"]][2:] == ["own"]
    assert len(said(["sources"], where)["results"]) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "{file}"], "own has several datasets. Name one of: {file}#things, {file}#weather."),
        (["plan", "{file}#thing"], 'Did you mean "{file}#things"?'),
        (["plan", "/no/such.toml"], 'The definition "/no/such.toml" can\'t be read: No such file or directory.'),
        (["check", "/no/such.toml"], 'The definition "/no/such.toml" can\'t be read'),
        (["check", "/"], "Is a directory"),
        (["sources", "add", "/no/such.toml"], 'The definition "/no/such.toml" can\'t be read'),
        (["preview", "own/things"], 'There is no source "own".'),
        (["plan", "{file}#weather", "--set", "units"], '--set "units" sets nothing. Write a parameter and its value'),
        (["plan", "{file}#weather", "--set", "=x"], '--set "=x" sets nothing.'),
        (["plan", "{file}#weather", "--set", "lang=fr"], 'The parameter "lang" is "fr". It can be "en" or "de".'),
        (["plan", "{file}#weather", "--set", "lng=de"], 'There is no parameter "lng". Did you mean "lang"?'),
        (["plan", "{file}#weather", "--set", "lang=de", "--set", "lang=en"], '--set "lang" is given twice.'),
        (["plan", "{file}#weather", "--set", "cities=no.csv"], 'The list "no.csv" can\'t be read: No such file'),
        (["plan", "swapi/people", "--set", "units=x"], 'There is no parameter "units". There are: none.'),
        (["collect", "{file}#weather", "--resume", "--set", "lang=de"], "Leave out --set"),
        (["sources", "show", "nothing"], 'There is no source "nothing".'),
        (["sources", "show", "swapi", "--version", "1"], "swapi has no version 1. There are: none."),
        (["sources", "remove", "swapi"], "swapi is built in: it can't be removed."),
        (["sources", "remove", "nothing"], 'There is no source of your own "nothing".'),
    ],
)
def test_what_makes_no_sense_is_told_with_the_remedy(
    words: list[str], told: str, file: Path, where: dict[str, str]
) -> None:
    end = run([word.format(file=file) for word in words], where)
    assert isinstance(end.exception, SystemExit), end.exception
    assert end.exit_code in (1, 2)
    assert end.stdout == ""
    assert told.format(file=file) in end.stderr


def test_a_function_that_is_not_there_is_named_before_anything_is_collected(
    file: Path, where: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("def tidy(record):\n    return record\n", "utf-8")
    file.write_text(file.read_text("utf-8").replace('key = "id"', 'key = "id"\ntransform = "mine:tidi"'), "utf-8")
    line = file.read_text("utf-8").splitlines().index('transform = "mine:tidi"') + 1
    for words in (["check", file], ["sources", "add", file]):
        end = run(words, where)
        assert (end.exit_code, end.stdout) == (2, "")
        assert f'line {line}: "resources.things.transform" is "mine:tidi". There is no function' in end.stderr
        assert 'Did you mean "mine:tidy"?' in end.stderr
    file.write_text(file.read_text("utf-8").replace("mine:tidi", "mine:tidy"), "utf-8")
    assert run(["check", file], where).exit_code == 0
