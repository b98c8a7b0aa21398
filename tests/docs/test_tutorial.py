"""The tutorial, word by word: takes its own blocks and presses, gives whether a newcomer arrives."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.flags import FLAGS
from tests.docs import walk
from tests.docs.reading import ROOT, Block, Command, blocks, commands, differing
from tests.docs.shell import Shell
from tests.processes import running

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
ARRIVED = "Ladle is at "
APART = ("make setup", ". .venv/bin/activate")
"""Not typed here: the Ladle of this tree is installed already, where the tests are."""


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The reader's terminals, in one folder; the ports that the tutorial names stand for free ones."""
    ports = {"8000": free_port(), "8101": free_port()}
    with Shell(tmp_path_factory.mktemp("clone"), {}, instead=ports) as terminal:
        yield terminal


@pytest.fixture(scope="module")
def first_terminal(shell: Shell) -> Iterator[str]:
    """What the first terminal shows: the demo, which goes on until the reader has done all of it."""
    (block,) = (block for block in blocks(TUTORIAL, "console") if block.heading == "The first dataset")
    (command,) = commands(block)
    words = shell.local(command.text).split()[1:]
    site = shell.local("8000")
    # Its port is the usual one in the tutorial, so that no word there names it.
    whole = [sys.executable, "-m", "ladle", *words, "--port", site]
    options = {"cwd": shell.folder, "env": shell.env, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with running(whole, **options) as process:
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(ARRIVED):
                break
        yield "".join(lines)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def test_the_first_terminal_shows_what_is_told(first_terminal: str, shell: Shell) -> None:
    (block,) = (block for block in blocks(TUTORIAL, "console") if block.heading == "The first dataset")
    assert differing([shell.local(line) for line in commands(block)[0].shown], first_terminal) is None


@pytest.mark.browser
def test_every_press_in_the_browser_leads_where_it_is_told(first_terminal: str, shell: Shell, chromium: Path) -> None:
    chapter = TUTORIAL.partition("## In the browser")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"\*\*(.+?)\*\*", chapter)) == walk.PRESSED
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = opened.new_page(viewport={"width": 1280, "height": 800})
        names = list(walk.in_the_browser(page, f"http://127.0.0.1:{shell.local('8000')}"))
        opened.close()
    assert [f"images/tutorial-{name}.png" for name in names] == re.findall(r"\]\((images/.+?)\)", chapter)


def test_every_other_block_does_what_it_shows(first_terminal: str, shell: Shell) -> None:
    for block in blocks(TUTORIAL, "console", "python", "toml"):
        if block.heading == "The first dataset":
            continue
        if block.language == "toml":
            keep(block, shell)
        elif block.language == "python":
            scripted(block, shell)
        else:
            typed(block, shell)


def keep(block: Block, shell: Shell) -> None:
    """Save a definition under the name that its first line has."""
    named = re.match(r"# (\S+)\n", block.text)
    assert named
    (shell.folder / named[1]).write_text(shell.local(block.text))


def scripted(block: Block, shell: Shell) -> None:
    """Run a script; its comments of one line are what it prints there."""
    came = shell.python(block.text)
    for line in re.findall(r"^# (.*)", block.text, re.M):
        assert line in came.splitlines()


def typed(block: Block, shell: Shell) -> None:
    """Type each command and hold what came against what is shown."""
    for command in commands(block):
        if command.text in APART:
            continue
        code, came = stopped(command, shell) if "^C" in command.shown else (0, "")
        if not came:
            code, came = shell.run(command.text)
        shown = [shell.local(line) for line in command.shown if line != "^C"]
        assert (code, differing(shown, came)) == (1 if "^C" in command.shown else 0, None), f"{command.text}\n{came}"


def stopped(command: Command, shell: Shell) -> tuple[int, str]:
    """A command that is stopped by Ctrl-C as soon as it has made two requests."""
    whole = [sys.executable, "-m", "ladle", *shlex.split(command.text)[1:]]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with running(whole, cwd=shell.folder, env=shell.env, **pipes) as process:
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if re.search(r"running, [2-9]/", line):
                process.send_signal(signal.SIGINT)
        return process.wait(timeout=60), "".join(lines)
