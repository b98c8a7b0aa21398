"""A server as a child process: takes its command, gives a thing that can be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, NoReturn, Self

import pytest

SECONDS = 60.0


def missing(what: str) -> NoReturn:
    """Skip the test, saying what is missing; on CI, where everything must be there, let it fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Server:
    """A process that listens on `port`, for a `with` block."""

    end_by = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What to start."""
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """How to start it."""
        return {}

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, **self.options())
        over = time.monotonic() + SECONDS
        while not self.is_ready():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < over, "the server did not start"
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of its first process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def is_ready(self) -> bool:
        """Whether it can be asked."""
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it; whoever is connected loses the connection."""
        if self._process is not None:
            self._process.send_signal(self.end_by)
            self._process.wait(SECONDS)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
