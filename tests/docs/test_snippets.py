"""Every command and all Python of README and the how-tos: takes a page's blocks in order, gives whether they do it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ladle
from tests.docs.apart import APART, reason
from tests.docs.reading import ROOT, Block, blocks, commands, differing
from tests.docs.shell import FOREIGN, Shell
from tests.docs.world import World, made

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
TOLD = [page for page in PAGES if blocks(page.read_text("utf-8"), "console", "shell", "python")]
PROMPTS = ("Password:", "Again:")
PASSWORD = "a ladle of soup in the evening\n"  # what somebody types who is asked for one


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made(tmp_path_factory.mktemp("pages")) as ready:
        yield ready


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.stem)
def test_the_page_does_what_it_shows(page: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell(world.folder, world.variables, instead=world.instead, helper=world.helper)
    names: dict[str, Any] = {"ladle": ladle}
    kept: Path | None = None
    for block in blocks(page.read_text("utf-8"), "console", "shell", "python", "toml"):
        if block.language == "toml":
            kept = keep(block, shell, kept)
        elif block.language == "python":
            scripted(block, shell, names, monkeypatch)
        else:
            typed(page.name, block, shell)


def keep(block: Block, shell: Shell, kept: Path | None) -> Path | None:
    """A definition that says in its first line which file it is, or a dataset to be added to the one before."""
    named = re.match(r"# (\S+\.toml)\n", block.text)
    if named:
        kept = shell.folder / named[1]
        kept.write_text(block.text)
    elif kept is not None and block.text.startswith("["):
        kept.write_text(f"{kept.read_text()}\n{block.text}")
    return kept


def scripted(block: Block, shell: Shell, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run it where the blocks before it have run; `snapshot` is what every page takes for granted."""
    with monkeypatch.context() as patch:
        for name, value in shell.env.items():
            if name.startswith(FOREIGN):
                patch.setenv(name, value)
        patch.chdir(shell.folder)
        names.setdefault("snapshot", ladle.snapshot("swapi/people", home=shell.env["LADLE_HOME"]))
        exec(compile(shell.local(block.text), block.heading, "exec"), names)  # noqa: S102 - the page's own words


def typed(page: str, block: Block, shell: Shell) -> None:
    """Type each command that is not on the list, and hold what came against what is shown."""
    for command in commands(block):
        if reason(page, command.text):
            continue
        code, came = shell.run(command.text, typed=PASSWORD)
        shown = [shell.local(line) for line in command.shown if line not in PROMPTS]
        assert (code, differing(shown, came)) == (0, None), f"{command.text}\n{came}"


@pytest.mark.parametrize(("page", "begins"), [(page, begins) for page, kept in APART.items() for begins in kept])
def test_the_list_of_what_is_not_tried_names_nothing_that_is_gone(page: str, begins: str) -> None:
    (path,) = (each for each in PAGES if each.name == page)
    told = [each for block in blocks(path.read_text("utf-8"), "console", "shell") for each in commands(block)]
    assert any(each.text.startswith(begins) for each in told)
