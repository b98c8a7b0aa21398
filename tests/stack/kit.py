"""Takes a folder and settings, gives `make stack` in it on free ports, and whoever asks its site and its Flower."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.server.site import SECONDS, until
from tests.servers.process import free_port

ROOT = Path(__file__).parents[2]
USER = "operator:a-password-of-mine"
"""Of Flower."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; status 0 where nobody gave one."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=HTTPMessage)

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Running:
    """One stack, with a browser's jar of cookies."""

    process: subprocess.Popen[str]
    folder: Path
    site: str
    flower: str
    log: Path
    jar: CookieJar = field(default_factory=CookieJar)

    def ask(self, path: str, body: bytes | None = None, *, on: str = "", **headers: str) -> Told:
        """The answer after redirects; on the site if nothing else is said."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            with opener.open(urllib.request.Request((on or self.site) + path, body, told), timeout=SECONDS) as answer:
                return Told(answer.status, answer.read().decode(), answer.headers)
        except urllib.error.HTTPError as error:
            return Told(error.code, error.read().decode(), error.headers)
        except OSError:
            return Told(0)

    def post(self, path: str, value: object, **headers: str) -> Told:
        """POST a value as JSON."""
        return self.ask(path, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def press(self, page: str, button: str, **fields: str) -> Told:
        """Send a form of a page to `button`, with the page's secret."""
        secret = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', self.ask(page).text)[0]
        return self.ask(button, urlencode({"csrfmiddlewaretoken": secret, **fields}).encode())

    def tasks(self) -> list[Any]:
        """What Flower knows of the workers' tasks."""
        given = "Basic " + base64.b64encode(USER.encode()).decode()
        told = self.ask("/api/tasks", on=self.flower, Authorization=given)
        assert told.status == 200
        return list(told.json.values())

    def settings(self) -> dict[str, str]:
        """What leads to its servers, as the file for people says it."""
        words = shlex.split((self.folder / "data" / "settings.sh").read_text("utf-8"))
        return dict(word.split("=", 1) for word in words if word != "export")

    def interrupt(self) -> int:
        """Ctrl-C: every process of the terminal hears it. Gives the exit code."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SECONDS)

    def left(self) -> list[str]:
        """Processes of this machine that have to do with its folder, each by its command."""
        return [each.read_bytes().decode() for each in Path("/proc").glob("[0-9]*/cmdline") if self._is_mine(each)]

    def _is_mine(self, command: Path) -> bool:
        with suppress(OSError):  # it ends at this moment
            told = command.read_bytes() + command.with_name("environ").read_bytes()
            return str(self.folder / "data").encode() in told
        return False


@contextmanager
def started(folder: Path, *, workers: int = 2, **settings: str) -> Iterator[Running]:
    """A stack whose site and Flower answer; it is ended with the block, if it was not before."""
    foreign = ("LADLE_", "AWS_", "DATABASE", "OPENWEATHER_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    ports = free_port(), free_port()
    words = ("--folder", folder / "data", "--port", ports[0], "--flower-port", ports[1], "--workers", workers)
    command = (sys.executable, "-m", "stack", *map(str, words))
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**env, "FLOWER_BASIC_AUTH": USER, **settings}, stdout=log, stderr=log, text=True,
            start_new_session=True,
        )  # fmt: skip
        running = Running(process, folder, *(f"http://127.0.0.1:{port}" for port in ports), folder / "log")
        try:
            until(lambda: _alive(running) and running.ask("/readyz").status == 200)
            until(lambda: running.ask("/healthcheck", on=running.flower).status == 200)
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)


def _alive(running: Running) -> bool:
    assert running.process.poll() is None, running.log.read_text()
    return True
