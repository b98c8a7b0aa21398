"""Takes a home and settings, gives a real `python -m ladle_server` on a free port and a plain HTTP client for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import ladle
from tests.processes import children
from tests.servers import stack

SECONDS = 60.0
"""How long a test waits for what must come; it then fails."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


class Site:
    """A server process with its worker, for a `with` block; `end` and `kill` end it before."""

    home: str
    """What opens its home: the folder that it was made with, or what stands for that on S3."""

    def __init__(
        self, home: Path | str, *, log: Path | None = None, workers: int = 1, port: int = 0, **settings: str
    ) -> None:
        self.home, self._log, self._begin_with = stack.current().home(home), log, workers
        self.port = port
        foreign = {name for name in os.environ if name.startswith(("LADLE_", "OPENWEATHER_", "DATABASE_URL"))}
        own = {name: value for name, value in os.environ.items() if name not in foreign}
        self.env = own | stack.current().settings(self.home) | settings
        self.workers: list[subprocess.Popen[bytes]] = []
        self._started = 0
        self._folder = tempfile.TemporaryDirectory(prefix="ladle-workers-")
        self.worker_log = Path(self._folder.name) / "log"

    def __enter__(self) -> Self:
        command = (sys.executable, "-m", "ladle_server", "--port", str(self.port), "--home", self.home)
        with self._log.open("wb") if self._log else nullcontext() as log:
            self.process = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout
        first = self.process.stdout.readline()
        assert first.startswith("Ladle is at http://127.0.0.1:"), first
        self.port = int(first.rstrip("/\n").rpartition(":")[2])
        if self.env.get("LADLE_BROKER_URL"):
            for _ in range(self._begin_with):
                self.start_worker()
        return self

    def start_worker(self, *, runs: int = 2, **settings: str) -> subprocess.Popen[bytes]:
        """A worker beside the site, with a process group of its own; `settings` are another's than the site's."""
        command = (sys.executable, "-m", "ladle_server.worker", "--runs", str(runs), "--home", self.home)
        # Of a home on S3 each worker is a machine of its own: nothing that the others have lies on it.
        apart = {"LADLE_CACHE": f"{self.env['LADLE_CACHE']}-{self._started}"} if "LADLE_CACHE" in self.env else {}
        self._started += 1
        own = self.env | apart | settings
        with self.worker_log.open("ab") as log:
            worker = subprocess.Popen(command, env=own, start_new_session=True, stdout=log, stderr=log)
        self.workers.append(worker)
        return worker

    def worker_said(self) -> str:
        """The log of the workers beside it; the site's own one says what it says in the site's."""
        return self.worker_log.read_text() if self.worker_log.exists() else ""

    def __exit__(self, *_: object) -> None:
        try:
            if self.process.poll() is None:
                self.end()
        finally:
            for worker in self.workers:
                kill_group(worker)
            self._folder.cleanup()

    def end(self) -> int:
        """End it politely and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def kill(self) -> None:
        """kill -9: nothing is cleaned up."""
        self.process.kill()
        self.process.wait(SECONDS)

    def children(self) -> list[int]:
        """Process ids of the worker."""
        return children(self.process.pid)

    @property
    def folder(self) -> Path:
        """Its home on its machine: of one on S3 what stands before it."""
        return ladle.Home.at(self.home, env=self.env).path

    def sql(self, statement: str) -> None:
        """Change its database."""
        postgres = stack.current().postgres
        if postgres is not None:
            postgres.ask(statement, self.env["DATABASE_URL"].rpartition("/")[2])
            return
        with contextlib.closing(sqlite3.connect(self.folder / "site.sqlite3", timeout=SECONDS)) as database, database:
            database.execute(statement)

    def threads(self) -> int:
        """Threads of the web process."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def get(self, path: str, **headers: Any) -> Answer:
        """GET; `Accept_Encoding` is the header Accept-Encoding."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, value: object, **headers: Any) -> Answer:
        """POST a value as JSON."""
        headers = {"Content_Type": "application/json"} | headers
        return self.ask("POST", path, body=json.dumps(value).encode(), **headers)

    def ask(self, method: str, path: str, /, *, body: bytes | None = None, **headers: str) -> Answer:
        """Any request on a connection of its own; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            headers = {name.lower(): ", ".join(answer.headers.get_all(name, [])) for name in answer.headers}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()

    def ended(self, run: str, *, seconds: float = SECONDS) -> Any:
        """The run when it has ended, which takes no longer than so many seconds."""
        return until(lambda: (told := self.get(f"/api/v1/runs/{run}").json).get("ended_at") and told, seconds=seconds)


def bad_run(*, on_sqlite: bool) -> str:
    """A statement that puts a run into a site's database whose time no Python can read: nobody foresaw that."""
    made = "x'ff'" if on_sqlite else "'infinity'"
    return f"""
        INSERT INTO catalog_run (id, dataset, state, requested_by, ours, created_at, worker, fence, snapshot, reason)
        VALUES ('20260101-000000-000000', 'swapi/people', 'running', 'command line', false, {made}, '', 0, '', '')
    """


def kill_group(worker: subprocess.Popen[bytes]) -> None:
    """kill -9 to a process and all that it has started, as when a machine dies."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(SECONDS)


def until(true: Callable[[], Any], *, seconds: float = SECONDS) -> Any:
    """Ask again until the answer is true, and give it; for states of another process, which send no event."""
    over = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < over, "it did not come to pass"
        time.sleep(0.05)
    return value
