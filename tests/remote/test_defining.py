"""Sources of one's own at a server: previewed, inferred, kept, shown and removed from here as in a home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import ladle
from ladle.errors import BadInput, Conflict, DefinitionError, NotFound, SettingError
from ladle.testing import ScriptedApi, answer
from tests.cli.command import Done
from tests.cli.command import ladle as command
from tests.remote.conftest import Served, serving
from tests.servers.stack import home_of

DEFINITION = """
ladle = 1
name = "own"
title = "Things of one's own"
base_url = "{url}"

[resources.things]
path = "things"
records = "items"
params = {{ of = "{{group}}" }}
each = {{ csv = "groups.csv", key = "group" }}

[datasets.things]
title = "Things"
resource = "things"
columns = [{{ name = "id", type = "integer" }}, {{ name = "name" }}]
"""
FUNCTION = '\n[resources.others]\npath = "others"\ntransform = "beside:better"\n'


@dataclass(frozen=True)
class Both:
    """A site, and a home on this machine, which ask the same API."""

    served: Served
    settings: dict[str, str]
    api: ScriptedApi

    def of(self, *words: str, scope: str = "define") -> tuple[Done, Done]:
        """A command with LADLE_URL, and in the home."""
        return command(*words, **self.served.as_(scope)), command(*words, **self.settings)

    def definition(self, folder: Path, more: str = "") -> Path:
        """A definition file with its list."""
        file = folder / "own.toml"
        file.write_text(DEFINITION.format(url=self.api.url) + more)
        (folder / "groups.csv").write_text("group\na\nb\n")
        return file


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("defining")
    things = [{"id": number, "name": f"thing {number}", "made": "2026-11-22T10:00:00Z"} for number in range(1, 4)]
    allowed = {"LADLE_ALLOW_ADDRESSES": "127.0.0.1"}
    with (
        ScriptedApi({"/things": answer({"items": things})}) as api,
        serving(home_of(folder / "there"), log=folder / "log", **allowed) as served,
    ):
        yield Both(served, {"LADLE_HOME": str(folder / "here"), **allowed}, api)


def test_a_source_is_kept_previewed_shown_and_removed_in_the_same_words(both: Both, tmp_path: Path) -> None:
    file = str(both.definition(tmp_path))
    for words in [
        ("sources", "add", file),
        ("preview", "own/things"),
        ("sources", "show", "own", "--version", "1"),
        ("sources", "show", "own", "--version", "7"),
        ("plan", "own/things"),
        ("sources", "remove", "own"),
        ("sources", "show", "own"),
        ("sources", "remove", "own"),
        ("sources", "remove", "swapi"),
    ]:
        there, here = both.of(*words)
        assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr), words


def test_the_documents_are_the_same_but_for_who_kept_it_when(both: Both, tmp_path: Path) -> None:
    file = str(both.definition(tmp_path))
    show, preview, remove = ("sources", "show", "own"), ("preview", "own/things"), ("sources", "remove", "own")
    for words in [("sources", "add", file), show, preview, remove]:
        there, here = (json.loads(done.stdout) for done in both.of(*words, "--json"))
        for told in (there, here):
            told.pop("trusted", None)
            told.pop("requests", None)  # a server has asked already, and remembers
            for version in told.get("versions", ()):
                del version["made_at"], version["made_by"], version["trusted"]
        assert there == here


def test_an_address_becomes_a_source_there(both: Both, tmp_path: Path) -> None:
    url = f"{both.api.url}things"
    there, here = both.of("infer", url, "--name", "guessed", "--json")
    assert (there.returncode, there.stdout) == (0, here.stdout)
    kept, _ = both.of("infer", url, "--name", "guessed", "--save", "-o", str(tmp_path / "guessed.toml"))
    assert "See first rows with: ladle preview guessed/things" in kept.stderr
    assert both.of("sources", "show", "guessed")[0].stdout.startswith((tmp_path / "guessed.toml").read_text())
    refused, _ = both.of("infer", "http://10.0.0.1/", "--name", "guessed")
    assert (refused.returncode, "LADLE_ALLOW_ADDRESSES" in refused.stderr) == (2, True)


def test_a_definition_with_mistakes_or_functions_is_refused_by_its_lines(both: Both, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("def better(records):\n    return records\n")
    there, _ = both.of("sources", "add", str(both.definition(tmp_path, FUNCTION)))
    assert (there.returncode, "own.toml, line 20" in there.stderr) == (2, True), there.stderr
    there, here = both.of("sources", "add", str(both.definition(tmp_path, "\nnonsense = 1\n")))
    assert (there.returncode, there.stderr) == (2, here.stderr)


@pytest.mark.parametrize("words", [("preview", "own.toml"), ("plan", "own.toml#a"), ("collect", "own.toml")])
def test_a_file_is_kept_there_first(both: Both, words: tuple[str, ...]) -> None:
    there, _ = both.of(*words)
    assert (there.returncode, "Keep it there first: ladle sources add own.toml;" in there.stderr) == (2, True)


@pytest.mark.parametrize("words", [("sources", "remove", "own"), ("infer", "http://127.0.0.1:9/")], ids=" ".join)
def test_a_token_of_too_small_a_scope_is_told_so(both: Both, words: tuple[str, ...]) -> None:
    there, _ = both.of(*words, scope="collect")
    assert (there.returncode, "refuses that" in there.stderr, "LADLE_TOKEN" in there.stderr) == (2, True, True)


def test_the_library_does_the_same(both: Both, tmp_path: Path) -> None:
    server, file = both.served.server("define"), both.definition(tmp_path)
    added = ladle.add_source(file, home=server)
    assert (added.name, added.trusted, list(added.datasets)) == ("own", False, ["things"])
    (latest, *_) = ladle.source_versions("own", home=server)
    assert (latest.text, latest.current, sorted(latest.files)) == (file.read_text(), True, ["groups.csv"])
    shown = ladle.preview("own/things", home=server)
    assert shown.rows[0]["name"] == "thing 1"
    assert ladle.infer(f"{both.api.url}things", home=server).datasets == ("things",)
    ladle.remove_source("own", home=server)
    assert not ladle.source_versions("own", home=server)[0].current
    with pytest.raises(NotFound):
        ladle.source_versions("never", home=server)
    with pytest.raises(Conflict):
        ladle.remove_source("swapi", home=server)
    with pytest.raises(DefinitionError):
        ladle.add_source("ladle = 2", home=server)
    with pytest.raises(BadInput, match='"definition" can\'t be set'):
        ladle.preview("things", definition="ladle = 1", home=server)
    with pytest.raises(SettingError, match="refuses that"):
        ladle.remove_source("own", home=both.served.server("read"))
