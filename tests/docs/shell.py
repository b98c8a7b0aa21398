"""Takes commands as a page tells them, gives what they print: a person's terminal, with a folder and variables.

`ladle` runs in this process, or where it would become a process of the site, in the helper that has loaded Django once.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Self

from click.testing import CliRunner

from ladle.cli import main
from tests.docs.reading import ROOT
from tests.processes import running

SITE = ("users", "tokens", "audit", "schedule", "webhooks", "doctor")
"""Commands that become a process of the site."""
FOREIGN = ("LADLE_", "OPENWEATHER_", "DATABASE_URL", "AWS_", "DJANGO_")


class Shell:
    """A terminal in a folder, for a `with` block. `instead` are texts in commands that stand for others here."""

    def __init__(self, folder: Path, variables: Mapping[str, str], *, instead: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self.env = {**own, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "COLUMNS": "200", **variables}
        self._instead = instead or {}
        self._helper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper is not None:
            assert self._helper.stdin
            self._helper.stdin.close()
            self._helper.wait(timeout=60)

    def local(self, text: str) -> str:
        """A text of the page with this machine's addresses in place of those in it."""
        for there, here in self._instead.items():
            text = text.replace(there, here)
        return text

    def run(self, text: str, *, typed: str = "") -> tuple[int, str]:
        """Exit code of a command, and what it printed on both of its outputs; `typed` is what somebody types in."""
        text = self.local(text)
        if re.match(r"(export )?\w+=", text):
            return self._set(text)
        words = shlex.split(text, comments=True)
        if words[0] == "ladle" and "|" not in words:
            return self._ladle(words[1:], typed=typed)
        return self._bash(text)

    def python(self, code: str) -> str:
        """What a script prints, in a process of its own."""
        done = self._process([sys.executable, "-c", self.local(code)])
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _ladle(self, words: list[str], *, typed: str) -> tuple[int, str]:
        target = None
        if ">" in words:
            words, target = words[: words.index(">")], words[words.index(">") + 1]
        if words[0] in SITE:
            return self._helped(words, typed=typed)
        gone = dict.fromkeys(name for name in os.environ if name.startswith(FOREIGN) and name not in self.env)
        with chdir(self.folder):
            end = CliRunner(env={**gone, **self.env}).invoke(main, words, prog_name="ladle", catch_exceptions=False)
        if target is not None:
            (self.folder / target).write_text(end.stdout)
        return end.exit_code, end.stderr if target is not None else end.output

    def _helped(self, words: list[str], *, typed: str) -> tuple[int, str]:
        if self._helper is None:
            self._helper = subprocess.Popen(
                [sys.executable, "-m", "tests.docs.helper"],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._helper.stdin
        assert self._helper.stdout
        self._helper.stdin.write(json.dumps({"words": words, "typed": typed}) + "\n")
        self._helper.stdin.flush()
        told = json.loads(self._helper.stdout.readline())
        return told["code"], told["printed"]

    def _set(self, text: str) -> tuple[int, str]:
        """Take over the variables that a line sets."""
        done = self._process(["bash", "-c", f"set -a; {text}\nenv -0"])
        told = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)
        self.env.update({name: value for name, value in told.items() if name not in ("_", "SHLVL", "PWD", "OLDPWD")})
        return done.returncode, ""

    def _bash(self, text: str) -> tuple[int, str]:
        done = self._process(["bash", "-c", text])
        return done.returncode, done.stdout

    def _process(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        with running(
            command,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            printed, _ = process.communicate(timeout=100)
            return subprocess.CompletedProcess(command, process.returncode, printed)
