"""The documents against the code: every command, setting, route and word is told of, and what is told is there."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest
from click.testing import CliRunner
from django.urls import URLPattern, URLResolver, get_resolver

import ladle
import ladle_server
from ladle import cli, testing
from ladle.cli.face import FAILED, INCOMPLETE, USAGE, Commands
from ladle.collect.progress import Progress
from ladle.demo import start_replicas
from ladle.errors import LadleError
from ladle.testing import FAULTS, HARMLESS
from ladle_server import environment
from ladle_server.api.errors import status_of

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
README = (ROOT / "README.md").read_text("utf-8")
README_CALLS = re.findall(r"^\$ ladle (.*)", README, re.M)
WORDS = (
    *("source", "resource", "record", "quota", "plan", "run", "journal", "dataset", "snapshot", "request", "answer"),
    *("item", "reference", "gap", "trouble", "pace", "permit", "gate", "ledger", "home"),
    *("parameter", "version", "gallery", "preview"),
    *("user", "owner", "action", "token", "scope", "session", "deed"),
    *("worker", "lease", "fence", "slice", "broker", "offer", "schedule", "due", "webhook", "delivery"),
)


def told(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands() -> dict[str, click.Command]:
    """Every command by its name, from the one group of the command line."""
    (group,) = (value for value in vars(cli).values() if isinstance(value, click.Group))
    return group.commands


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_its_options_are_documented(name: str) -> None:
    row = re.search(rf"^\| `ladle {name}[ `].*$", told("command-line.md"), re.M)
    assert row, f"docs/reference/command-line.md has no row for ladle {name}"
    options = {part for option in commands()[name].params if isinstance(option, click.Option) for part in option.opts}
    missing = {option for option in options if option.startswith("--")} - {"--json", "--help", "--home"}
    assert {option for option in missing if option not in row[0]} == set()


def test_every_documented_command_is_there() -> None:
    assert set(re.findall(r"^\| `ladle (\w+)", told("command-line.md"), re.M)) == set(commands())


def test_every_setting_in_the_code_is_documented() -> None:
    code = [path.read_text("utf-8") for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".toml")]
    settings = {
        name
        for text in code
        for name in re.findall(r"\b(?:(?:LADLE|OPENWEATHER)_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)\b", text)
    }
    settings = {re.sub(r"^LADLE_[A-Z]+_(BASE_URL|QUOTA|PACE)$", r"LADLE_<SOURCE>_\1", name) for name in settings}
    settings -= {"OPENWEATHER_WINDOWS"}  # a constant of the replica
    assert {name for name in settings if name not in told("settings.md")} == set()


def test_env_example_names_every_setting_that_is_documented_and_no_other() -> None:
    named = set(re.findall(r"^# ([A-Za-z_0-9]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    first_cells = re.findall(r"^\| (`.*?) \|", told("settings.md"), re.M)
    documented = {name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)}
    assert named == {name.replace("<SOURCE>", "SWAPI") for name in documented}


def test_every_setting_of_ladle_that_is_documented_is_known_to_the_check_of_settings() -> None:
    documented = set(re.findall(r"^\| `(LADLE_[A-Z_]+)`", told("settings.md"), re.M))
    assert documented == set(environment.KNOWN)


def keys_of(schema: object) -> Iterator[str]:
    """Every key that a definition may have, at any depth."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield from schema["properties"]
        for each in schema.values():
            yield from keys_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys_of(each)


def test_every_key_of_a_definition_is_documented() -> None:
    schema = json.loads((ROOT / "src" / "ladle" / "sources" / "definition.schema.json").read_text("utf-8"))
    page = re.sub(r"^```.*?^```", "", told("definitions.md"), flags=re.MULTILINE | re.DOTALL)
    words = set(re.findall(r"\b\w+\b", " ".join(re.findall(r"`([^`]+)`", page))))
    assert {key for key in keys_of(schema) if key not in words} == set()
    assert {"page_size", "oauth2", "choices", "written"} <= set(keys_of(schema))


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every address of the site, parameters as {}, no slash at the end."""
    for pattern in resolver.url_patterns:
        here = before + re.sub(r"<(?:\w+:)?\w+>", "{}", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield "/" + here.strip("/")
        else:
            yield from routes(pattern, here)


def test_every_route_is_documented_and_every_documented_route_is_served() -> None:
    addresses = re.findall(r"`(?:GET |POST |PATCH |DELETE )?(/[^\s`]*)`?", told("http.md"))
    documented = {"/" + re.sub(r"\{\w+\}", "{}", address).split("?")[0].strip("/") for address in addresses}
    served = {route for route in routes(get_resolver()) if not route.startswith("/static/")}
    assert served - documented == set()
    assert documented - served - {"/api/v1"} == set()


def test_every_fault_of_the_testing_kit_is_documented() -> None:
    kinds = re.findall(r"`([^`]+)`", told("testing.md").partition("The kinds of faults, ")[2])
    assert kinds == ["FAULTS", *FAULTS, "HARMLESS", *HARMLESS]


def test_every_name_of_the_testing_kit_is_documented() -> None:
    assert {name for name in testing.__all__ if f"`{name}" not in told("testing.md")} <= {"ScriptedApi"}


def cells(page: str, section: str) -> dict[str, list[str]]:
    """The rows of a section's table by the name in their first cell, in backquotes; the other cells without them."""
    part = told(page).partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {name.strip("`"): [each.strip("` ") for each in others] for name, *others in rows}


def family(root: type[LadleError]) -> Iterator[type[LadleError]]:
    """An error and all that descend from it, in whichever module."""
    yield root
    for each in root.__subclasses__():
        if each.__module__.startswith("ladle"):
            yield from family(each)


def all_errors() -> set[type[LadleError]]:
    """Those of the library and of the site, every module of both loaded."""
    for package in (ladle, ladle_server):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" not in module.name and ".migrations" not in module.name:
                importlib.import_module(module.name)
    return set(family(LadleError))


def made(kind: type[LadleError]) -> LadleError:
    """An error of a kind, whatever it wants to be told besides."""
    error = kind.__new__(kind)
    LadleError.__init__(error, "It went wrong.", hint="Do it otherwise.")
    return error


def exit_code(error: LadleError) -> int:
    """With what a command ends that raises it."""

    @click.group(cls=Commands)
    def group() -> None:
        """Nothing else."""

    @group.command()
    def fails() -> None:
        raise error

    return CliRunner().invoke(group, ["fails"]).exit_code


def test_every_error_is_documented_with_its_parent_and_every_documented_one_is_there() -> None:
    public, inside = cells("errors.md", "By name"), cells("errors.md", "Of the inside")
    kinds = {kind.__name__: kind for kind in all_errors()}
    assert set(public) | set(inside) == set(kinds)
    assert set(public) == {name for name in kinds if hasattr(ladle, name)}
    assert {name: parent for name, (parent, *_) in (public | inside).items()} == {
        name: kind.__base__.__name__ for name, kind in kinds.items() if kind.__base__
    }


def test_every_error_ends_with_the_exit_code_and_the_status_that_the_reference_says() -> None:
    kinds = {kind.__name__: kind for kind in all_errors()}
    said = {name: (int(code), int(status)) for name, (*_, code, status) in cells("errors.md", "By name").items()}
    errors = {name: made(kinds[name]) for name in said}
    assert said == {name: (exit_code(error), int(status_of(error))) for name, error in errors.items()}
    assert {FAILED, USAGE, INCOMPLETE, 0} == {int(code) for code in cells("errors.md", "By exit code")}


def test_every_status_of_an_error_over_http_is_documented_and_every_documented_one_is_given() -> None:
    site = ROOT / "src" / "ladle_server"
    code = [path.read_text("utf-8") for path in site.rglob("*.py") if path.parent.name != "posting"]
    named = {int(HTTPStatus[name]) for text in code for name in re.findall(r"\bHTTPStatus\.([A-Z_]+)", text)}
    listed = {
        int(number)
        for text in code
        for told in re.findall(r"problems\(((?:\d+, )*\d+)", text)
        for number in told.split(",")
    }
    given = {status for status in named | listed if status >= HTTPStatus.BAD_REQUEST}
    assert {int(status) for status in cells("errors.md", "By status of HTTP")} == given


def test_every_option_that_the_reference_of_commands_names_is_there() -> None:
    for name, command in commands().items():
        rows = re.findall(rf"^\| `ladle {name}[ `].*$", told("command-line.md"), re.M)
        known = {part for each in (command, *getattr(command, "commands", {}).values()) for part in options_of(each)}
        named = {part for row in rows for part in re.findall(r"`(--[a-z-]+)", row)}
        assert named - known == set(), f"ladle {name}"


def options_of(command: click.Command) -> Iterator[str]:
    """The long and short names of a command's options."""
    for option in command.params:
        if isinstance(option, click.Option):
            yield from (*option.opts, *option.secondary_opts)


def test_every_key_of_a_definition_that_the_reference_names_is_one() -> None:
    schema = json.loads((ROOT / "src" / "ladle" / "sources" / "definition.schema.json").read_text("utf-8"))
    headed = re.findall(r"^\| key[^|]*\| says \|\n\|[-|]+\|\n((?:\|.*\n)+)", told("definitions.md"), re.M)
    first = [cell for table in headed for cell in re.findall(r"^\| (`[^|]*) \|", table, re.M)]
    named = {key for cell in first for key in re.findall(r"`(\w+)`", cell)}
    assert len(named) > 40
    assert named - set(keys_of(schema)) == set()


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_in_the_glossary(word: str) -> None:
    assert re.search(rf"^{word}\n    \S", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.M)


def test_every_state_of_a_run_is_in_the_glossary() -> None:
    states = get_args(get_type_hints(Progress)["state"])
    assert "running" in states
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    assert {state for state in states if f"\n| {state} |" not in glossary} == set()


def test_every_public_name_that_the_reference_uses_is_there() -> None:
    names = set(re.findall(r"`ladle\.(\w+)", told("python.md")))
    assert {name for name in names if not hasattr(ladle, name)} == set()


def test_the_definition_of_the_walk_by_hand_is_right() -> None:
    walk = (ROOT / "docs" / "howto" / "own-source.md").read_text("utf-8")
    whole, columns, *_ = blocks(walk, "toml")
    for definition in (whole, whole + columns):
        assert ladle.check(definition).mistakes == ()


@pytest.mark.parametrize("line", README_CALLS)
def test_every_command_in_the_readme_can_be_called(line: str) -> None:
    name, *arguments = shlex.split(line, comments=True)
    with commands()[name].make_context(name, arguments, resilient_parsing=True) as context:
        assert context.params is not None


@pytest.mark.parametrize("text", [README, told("python.md")], ids=["README", "reference"])
def test_the_python_in_the_documents_runs(text: str, tmp_path: Path) -> None:
    (code,) = blocks(text, "python")
    with start_replicas() as replicas:
        env = {"LADLE_HOME": str(tmp_path), "LADLE_SWAPI_BASE_URL": replicas.swapi_url, "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run((sys.executable, "-c", code), env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
