"""What the site stands on in tests: takes `--stack`, gives the settings that its processes need, and who drives runs.

| stack | database | runs are driven by |
|---|---|---|
| embedded | a file in the home | the site's own worker |
| postgres | PostgreSQL | the site's own worker |
| celery | PostgreSQL | Celery workers, by Valkey |
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.postgres import Postgres, postgres
from tests.servers.valkey import Valkey, valkey

STACKS = ("embedded", "postgres", "celery")
QUICK = {"LADLE_LEASE_SECONDS": "2"}
"""A killed worker's runs are another's after two seconds."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The servers of one stack."""

    postgres: Postgres | None = None
    valkey: Valkey | None = None

    def settings(self, home: Path | str) -> dict[str, str]:
        """The environment of processes that serve a home: each home has a database and a broker of its own."""
        name = "home-" + hashlib.sha256(str(home).encode()).hexdigest()[:16]
        told: dict[str, str] = {}
        if self.postgres is not None:
            told |= {"DATABASE_URL": self.postgres.database(name), **QUICK}
        if self.valkey is not None:
            told["LADLE_BROKER_URL"] = self.valkey.url(name)
        return told


_current = Stack()


def current() -> Stack:
    """The one that this session was started with."""
    return _current


@contextmanager
def started(name: str) -> Iterator[Stack]:
    """The servers of a stack."""
    with ExitStack() as servers:
        database = servers.enter_context(postgres()) if name != "embedded" else None
        broker = servers.enter_context(valkey()) if name == "celery" else None
        yield Stack(database, broker)


@contextmanager
def running(name: str) -> Iterator[Stack]:
    """The same, for all sites of a session."""
    global _current
    with started(name) as _current:
        yield _current
    _current = Stack()
