"""Completion: takes a line begun in a shell, gives the words that can stand there, from the home itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ladle.demo.serve import start_replicas
from tests.cli.command import environment, ladle
from tests.servers.process import missing


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """With one run and one snapshot of swapi/people, and an imported file."""
    folder = tmp_path_factory.mktemp("home")
    table = folder / "prices.csv"
    table.write_text("item,price\napple,3\n")
    with start_replicas(keys=("k",)) as replicas:
        assert ladle("collect", "swapi/people", LADLE_HOME=str(folder), LADLE_SWAPI_BASE_URL=replicas.swapi_url)
    assert ladle("import", str(table), LADLE_HOME=str(folder)).returncode == 0
    return str(folder)


def offered(line: str, home: str, **settings: str) -> list[str]:
    """What stands after `type,` in each line of the answer to bash; the last word of the line is the one begun."""
    words = line.split(" ")
    asked = {"_LADLE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = ladle(**asked, LADLE_HOME=home, **settings)
    assert done.stderr == ""
    return [answer.partition(",")[2] for answer in done.stdout.splitlines() if answer]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ladle sna", ["snapshots"]),
        ("ladle users pass", ["passwd"]),
        ("ladle export --ki", ["--kind"]),
        ("ladle show sw", ["swapi/people"]),
        ("ladle show ", ["files/prices", "swapi/people"]),
        ("ladle diff swapi/people f", ["files/prices"]),
        ("ladle snapshots files/", ["files/prices"]),
        ("ladle collect openw", ["openweather/cities"]),
        ("ladle collect swapi/pe", ["swapi/people"]),
        ("ladle schedule add swapi/pe", ["swapi/people"]),
        ("ladle sources show swa", ["swapi", "swapi-info", "swapi-tech"]),
        ("ladle count swapi/people ho", ["homeworld"]),
        ("ladle count swapi/people homeworld da", ["date"]),
        ("ladle pause sw", ["swapi/people"]),
        ("ladle show none/", []),
        ("ladle count none/such ho", []),
    ],
)
def test_a_word_begun_is_completed_by_what_is_there(line: str, words: list[str], home: str) -> None:
    assert offered(line, home) == words


def test_ids_are_offered_once_a_digit_is_typed(home: str) -> None:
    snapshots = json.loads(ladle("snapshots", "--json", LADLE_HOME=home).stdout)["results"]
    runs = json.loads(ladle("runs", "--json", LADLE_HOME=home).stdout)["results"]
    assert len(snapshots) == 2
    assert offered("ladle profile 2", home) == [each["id"] for each in snapshots]
    assert offered("ladle runs 2", home) == [each["id"] for each in runs]


def test_the_home_that_the_line_names_is_looked_into(home: str, tmp_path: Path) -> None:
    assert offered(f"ladle show --home {home} sw", str(tmp_path)) == ["swapi/people"]
    assert offered("ladle show sw", str(tmp_path)) == []


def test_where_no_dataset_begins_so_the_shell_offers_files(home: str) -> None:
    words = {"_LADLE_COMPLETE": "bash_complete", "COMP_WORDS": "ladle check own", "COMP_CWORD": "2"}
    collect = {**words, "COMP_WORDS": "ladle collect ./ow"}
    assert ladle(**words, LADLE_HOME=home).stdout == "file,own\n"
    assert ladle(**collect, LADLE_HOME=home).stdout == "file,./ow\n"


def test_nothing_is_made_and_no_server_is_asked(tmp_path: Path) -> None:
    assert offered("ladle show sw", str(tmp_path / "none")) == []
    assert offered("ladle show sw", str(tmp_path / "none"), LADLE_URL="http://127.0.0.1:9") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    plain = ladle("completion", shell)
    assert f"_LADLE_COMPLETE={shell}_complete" in plain.stdout
    assert json.loads(ladle("completion", shell, "--json").stdout) == {"shell": shell, "script": plain.stdout[:-1]}


def test_another_shell_is_refused_by_name() -> None:
    done = ladle("completion", "tcsh")
    assert done.returncode == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


def test_bash_itself_completes_by_the_script(home: str, tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        missing("no bash on this machine")
    command = tmp_path / "ladle"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m ladle "$@"\n')
    command.chmod(0o755)
    script = tmp_path / "script"
    script.write_text(ladle("completion", "bash").stdout)
    line = f"source {script}; COMP_WORDS=(ladle show sw) COMP_CWORD=2; _ladle_completion {command}; echo $COMPREPLY"
    done = subprocess.run(
        ("bash", "--norc", "-c", line),
        env=environment({"LADLE_HOME": home}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("swapi/people\n", "")
