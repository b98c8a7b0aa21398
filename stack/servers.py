"""Takes a folder and passwords, gives PostgreSQL, Valkey and S3 on free ports of loopback, with what they kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stack.kept import Passwords
from tests.s3 import S3Server
from tests.servers.postgres import Postgres, programs
from tests.valkey import Valkey

BUCKET = DATABASE = "ladle"


class Kept(Postgres):
    """A cluster that outlives its server, and a loss of power."""

    fsync = "on"

    def make(self) -> None:
        """An empty cluster, where there is none yet."""
        if not (self.folder / "data" / "PG_VERSION").exists():
            super().make()

    def database(self, name: str) -> str:
        """Its address, made when it is asked for first."""
        known = self.ask("SELECT datname FROM pg_database")
        self._made.update(each for (each,) in known)
        return super().database(name)


@contextmanager
def running(folder: Path, made: Passwords) -> Iterator[dict[str, str]]:
    """The servers, for a block; what leads to them as Ladle's settings."""
    with ExitStack() as servers:
        database = Kept(_own(folder, "postgres"), programs(folder), password=made.postgres)
        database.make()
        servers.enter_context(database)
        valkey = servers.enter_context(Valkey(_own(folder, "valkey"), password=made.valkey))
        s3 = S3Server(_own(folder, "s3"), bucket=BUCKET, key_id="ladle", secret=made.s3)
        servers.callback(s3.stop)
        s3.start()
        yield {
            "DATABASE_URL": database.database(DATABASE),
            "LADLE_BROKER_URL": valkey.url,
            "LADLE_QUOTA_URL": f"{valkey.url.removesuffix('/0')}/1",
            "LADLE_HOME": s3.home("home"),
            "LADLE_CACHE": str(_own(folder, "cache")),
            **s3.settings,
        }


def _own(folder: Path, name: str) -> Path:
    """A folder in it that is nobody else's; PostgreSQL's is given to its user when the cluster is made."""
    path = folder / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def unreachable(folder: Path) -> Path | None:
    """The folder above that PostgreSQL may not enter, where root starts it: it is then run by nobody."""
    if os.geteuid() != 0:
        return None
    return next((each for each in (folder, *folder.parents) if not each.stat().st_mode & 0o001), None)
