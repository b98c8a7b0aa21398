"""What the site stands on in tests: takes `--stack`, gives homes, the settings that processes need, who drives runs.

| stack | database | quota ledger | home | runs are driven by |
|---|---|---|---|---|
| embedded | a file in the home | a file in the home | a folder | the site's own worker |
| postgres | PostgreSQL | a file in the home | a folder | the site's own worker |
| celery | PostgreSQL | Valkey | a folder | Celery workers, by Valkey |
| s3 | PostgreSQL | Valkey | a prefix of a bucket | Celery workers, by Valkey |
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ladle.home import Home
from ladle.storage.mirror import mirror_of
from ladle.storage.settings import is_address
from tests.s3 import S3Server
from tests.s3 import running as running_s3
from tests.servers.postgres import Postgres, postgres
from tests.valkey import Valkey

DATABASES = 2000
"""Of Valkey: each home has one for its broker and one for its quotas."""
STACKS = ("embedded", "postgres", "celery", "s3")
SECRET = "what-all-machines-of-a-site-on-S3-must-have-alike-and-nobody-else"
QUICK = {"LADLE_LEASE_SECONDS": "2"}
"""A killed worker's runs are another's after two seconds."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The servers of one stack."""

    postgres: Postgres | None = None
    valkey: Valkey | None = None
    s3: S3Server | None = None
    caches: Path | None = None
    """Where each home on S3 has a folder for the machine that its site is."""

    def home(self, folder: Path | str) -> str:
        """What LADLE_HOME is to be where a test would have its home in a folder; an address stays as it is."""
        if self.s3 is None or is_address(str(folder)):
            return str(folder)
        return self.s3.home(_name(str(folder)))

    def settings(self, folder: Path | str) -> dict[str, str]:
        """The environment of processes that serve a home: each has databases, a broker and a ledger of its own."""
        name, told = _name(self.home(folder)), dict[str, str]()
        if self.postgres is not None:
            told |= {"DATABASE_URL": self.postgres.database(name), **QUICK}
        if self.valkey is not None:
            told |= {"LADLE_BROKER_URL": self.valkey.database(name)}
            told |= {"LADLE_QUOTA_URL": self.valkey.database(f"{name}-quotas")}
        if self.s3 is not None and self.caches is not None:
            told |= {**self.s3.settings, "LADLE_CACHE": str(self.caches / name), "LADLE_SECRET_KEY": SECRET}
        return told

    def of_tests(self) -> dict[str, str]:
        """The environment of the tests' own process and of commands: another machine than those of the sites."""
        told = dict(self.s3.settings) if self.s3 is not None else {}
        return told | ({"LADLE_QUOTA_URL": self.valkey.database("tests")} if self.valkey is not None else {})


_current = Stack()


def current() -> Stack:
    """The one that this session was started with."""
    return _current


def home_of(folder: Path) -> str:
    """The home that a test would have in a folder: there, or on a stack with S3 a prefix that is the folder's alone."""
    return _current.home(folder)


def home_with(snapshot_folder: Path) -> str:
    """The home in which a snapshot lies, by the snapshot's folder."""
    root = snapshot_folder.parents[3]
    mirror = mirror_of(root)
    return str(root) if mirror is None else mirror.store.bucket.address


def files(home: str, *, env: Mapping[str, str] = os.environ) -> Iterator[tuple[str, bytes]]:
    """Every file of a home with its bytes: those on the machine of that environment, and those on S3."""
    opened = Home.at(home, env=env)
    for path in opened.path.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    if opened.mirror is not None:
        store = opened.mirror.store
        for key in [each.key for each in store.listed("")]:
            if (found := store.get(key)) is not None:
                yield key, found.data


def part_of(servers: Stack, name: str) -> Stack:
    """A smaller stack on the same servers."""
    place = STACKS.index(name)
    return Stack(
        postgres=servers.postgres if place > 0 else None,
        valkey=servers.valkey if place > 1 else None,
        s3=servers.s3 if place > 2 else None,
        caches=servers.caches if place > 2 else None,
    )


def of_many_workers() -> str:
    """The name of the stack for tests that stop servers of their own: as the session's, and with workers at least."""
    return "celery" if _current.s3 is None else "s3"


@contextmanager
def started(name: str) -> Iterator[Stack]:
    """The servers of a stack. S3 is the session's, where that has one: homes lie there."""
    with ExitStack() as servers:
        database = servers.enter_context(postgres()) if name != "embedded" else None
        broker = _broker(servers) if name in ("celery", "s3") else None
        caches = _folder(servers, "caches") if name == "s3" else None
        yield Stack(database, broker, (_current.s3 or _bucket(servers)) if caches else None, caches)


def _broker(servers: ExitStack) -> Valkey:
    """It keeps nothing: who kills it has lost all that was in it."""
    return servers.enter_context(Valkey(_folder(servers, "valkey"), keeps=False, databases=DATABASES))


def _bucket(servers: ExitStack) -> S3Server:
    return servers.enter_context(running_s3(_folder(servers, "s3")))


def _folder(servers: ExitStack, name: str) -> Path:
    made = tempfile.TemporaryDirectory(prefix=f"ladle-{name}-", ignore_cleanup_errors=True)
    return Path(servers.enter_context(made))


def _name(home: str) -> str:
    return "home-" + hashlib.sha256(home.encode()).hexdigest()[:16]


@contextmanager
def running(name: str) -> Iterator[Stack]:
    """The same, for all sites of a session."""
    global _current
    with started(name) as _current:
        yield _current
    _current = Stack()


@contextmanager
def standing(stack: Stack) -> Iterator[None]:
    """The tests' own process, and all that it starts, finds the servers of a running stack."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.of_tests().items():
            patch.setenv(name, value)
        yield
