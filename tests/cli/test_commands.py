"""Every command as the process it is: takes a home with one snapshot, looks at outputs, documents and exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click import Group
from click.testing import CliRunner, Result

from ladle.cli import main
from ladle.demo.serve import start_replicas
from ladle.testing import answer
from tests.apis import PEOPLE, settings, swapi
from tests.cli.command import Done, environment, ladle, process

COLUMNS = [
    "name",
    "height",
    "mass",
    "hair_color",
    "skin_color",
    "eye_color",
    "birth_year",
    "gender",
    "homeworld",
    "date",
]

Check = Callable[[Any], bool]
READING: dict[str, tuple[tuple[str, ...], Check]] = {
    "sources": (("sources",), lambda told: [each["name"] for each in told["results"]] == ["swapi", "openweather"]),
    "plan": (("plan", "swapi/people"), lambda told: (told["total"], len(told["parts"])) == (15, 2)),
    "runs": (("runs",), lambda told: (told["count"], told["results"][0]["state"]) == (1, "complete")),
    "run": (("runs", "{id}"), lambda told: told["progress"]["done"] == 15),
    "snapshots": (("snapshots", "swapi/people"), lambda told: told["results"][0]["rows"] == 82),
    "show": (
        ("show", "swapi/people", "--offset", "80", "--limit", "5"),
        lambda told: (told["count"], len(told["results"]), list(told["results"][0])) == (82, 2, COLUMNS),
    ),
    "show an id": (("show", "{id}", "--limit", "1"), lambda told: told["results"][0]["name"] == "Luke Skywalker"),
    "count": (
        ("count", "swapi/people", "date", "homeworld", "--limit", "1"),
        lambda told: (told["count"], told["results"][0]["values"]["homeworld"]) == (49, "Naboo"),
    ),
    "profile": (("profile", "swapi/people"), lambda told: [each["name"] for each in told["columns"]] == COLUMNS),
    "diff": (
        ("diff", "{id}", "swapi/people~0", "--limit", "1"),
        lambda told: (told["same"], told["count"], told["key"], told["key_from"]) == (82, 0, ["name"], "unique"),
    ),
    "export": (("export", "swapi/people", "-o", "{home}/people.parquet"), lambda told: told["form"] == "parquet"),
    "demo": (("demo", "--once"), lambda told: (told["snapshot"]["rows"], len(told["rows"])) == (82, 10)),
}
TEXT: dict[str, tuple[tuple[str, ...], str]] = {
    "plan": (("plan", "swapi/people"), "about 15 requests"),
    "demo": (("demo", "--once"), "swapi/people: 82 characters in 15 requests, complete."),
    "csv": (("export", "swapi/people"), "Luke Skywalker"),
    "ndjson": (("export", "swapi/people", "--to", "ndjson"), '"name":"Luke Skywalker"'),
    "for-spreadsheets": (("export", "swapi/people", "--to", "csv-for-spreadsheets"), '"Luke Skywalker"'),
    "xlsx": (("export", "swapi/people", "-o", "{home}/people.xlsx"), "people.xlsx: 82 rows"),
    "show": (("show", "swapi/people"), "Obi-Wan Kenobi"),
    "count": (("count", "swapi/people", "homeworld", "--order", "first"), "Tatooine"),
    "run": (("runs", "{id}"), "planets?page=6"),
}


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of a home of its own and of an API on this machine."""
    with start_replicas(keys=("k",)) as replicas:
        yield {"LADLE_HOME": str(tmp_path_factory.mktemp("home")), "LADLE_SWAPI_BASE_URL": replicas.swapi_url}


@pytest.fixture(scope="module")
def done(where: dict[str, str]) -> dict[str, Done]:
    """The ends of all commands with --json, each a process; but for `collect`, two at the same time."""
    collected = process("collect", "swapi/people", "--json", **where)
    assert collected.returncode == 0, collected.stderr
    places = {"id": json.loads(collected.stdout)["id"], "home": where["LADLE_HOME"]}
    filled = {name: [word.format(**places) for word in words] for name, (words, _) in READING.items()}
    with ThreadPoolExecutor(2) as pool:
        running = {name: pool.submit(process, *words, "--json", **where) for name, words in filled.items()}
        return {"collect": collected, **{name: each.result() for name, each in running.items()}}


@pytest.fixture(scope="module")
def said(done: dict[str, Done], where: dict[str, str]) -> dict[str, Result]:
    """The ends of commands without it, in this process."""
    id = json.loads(done["collect"].stdout)["id"]
    env = environment(where)
    return {
        name: CliRunner().invoke(main, [word.format(id=id, home=where["LADLE_HOME"]) for word in words], env=env)
        for name, (words, _) in TEXT.items()
    }


@pytest.mark.parametrize("name", ["collect", *READING])
def test_with_json_standard_output_is_one_document(done: dict[str, Done], name: str) -> None:
    end = done[name]
    assert end.returncode == 0, end.stderr
    document = json.loads(end.stdout)
    assert "Traceback" not in end.stderr
    check = READING[name][1] if name in READING else lambda told: told["state"] == "complete"
    assert check(document), document


@pytest.mark.parametrize("name", TEXT)
def test_without_it_it_is_for_people(said: dict[str, Result], name: str) -> None:
    assert said[name].exit_code == 0, said[name].stderr
    assert TEXT[name][1] in said[name].stdout


def test_what_is_exported_can_be_read_again(done: dict[str, Done], said: dict[str, Result]) -> None:
    rows = list(csv.DictReader(io.StringIO(said["csv"].stdout)))
    assert len(rows) == 82
    assert [json.loads(line) for line in said["ndjson"].stdout.splitlines()] == rows
    told = json.loads(done["export"].stdout)
    assert pq.read_table(told["file"]).to_pylist()[81]["name"] == rows[81]["name"]
    assert Path(told["file"]).stat().st_size == told["size"]


def test_a_pipe_gets_whole_lines_however_narrow_the_terminal_is(said: dict[str, Result]) -> None:
    assert [len(said[name].stdout.splitlines()) for name in ("show", "count")] == [11, 50]
    first = said["plan"].stdout.splitlines()[0]
    assert first.startswith("Star Wars API: characters (swapi/people) from http://127")
    assert first.endswith("/api/")


def test_a_run_with_a_gap_ends_with_3_and_names_the_gap(tmp_path: Path) -> None:
    with swapi(people4=answer({"detail": "[bold]Gone:fire:[/bold]"}, status=410)) as api:
        end = ladle("collect", "swapi/people", "--json", **settings(api, tmp_path))
    assert end.returncode == 3
    told = json.loads(end.stdout)
    assert (told["state"], told["snapshot"]) == ("incomplete", told["id"])
    assert "gap: people?page=4: The API answered 410: [bold]Gone:fire:[/bold]." in end.stderr.splitlines()
    assert "82 records; 72 were found" in end.stderr


def test_a_run_that_fails_ends_with_1_and_one_document(tmp_path: Path) -> None:
    with swapi(people1=answer("", status=403)) as api:
        end = ladle("collect", "swapi/people", "--json", **settings(api, tmp_path))
    assert (end.returncode, json.loads(end.stdout)["state"]) == (1, "failed")
    assert end.stderr.splitlines()[-1].startswith("ladle: Star Wars API refused the call. The API answered 403.")


def test_options_go_before_settings(tmp_path: Path) -> None:
    with swapi() as api:
        where = {"LADLE_HOME": str(tmp_path / "other"), "LADLE_SWAPI_BASE_URL": "http://no-such-host.invalid/"}
        where |= {"LADLE_SWAPI_QUOTA": "nonsense", "LADLE_SWAPI_PACE": "nonsense"}
        options = [
            "--base-url",
            f"{api.url}api",
            "--quota",
            "1000 per second",
            "--pace",
            "fast",
            "--home",
            str(tmp_path),
        ]
        end = ladle("collect", "swapi/people", *options, **where)
        assert (end.returncode, len(api.requests)) == (0, 15), end.stderr
        assert api.requests[0].path == PEOPLE
    assert not (tmp_path / "other").exists()


def test_no_line_of_a_list_of_commands_is_cut_at_80_columns() -> None:
    groups = [(), *((name,) for name, each in main.commands.items() if isinstance(each, Group))]
    for words in groups:
        group = main.commands[words[0]] if words else main
        lines = ladle(*words, "--help").stdout.partition("Commands:\n")[2].splitlines()
        assert len(lines) == len(group.commands), lines  # none goes on in the next one either
        assert [line for line in lines if line.endswith(("...", "…")) or len(line) > 80] == []
