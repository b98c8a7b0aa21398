"""A cluster of real processes on this machine: takes servers and an upstream, gives a site, workers, and their kills.

| part | is |
|---|---|
| database | PostgreSQL |
| broker and quota | Valkey |
| home | a folder, or SeaweedFS |
| workers | `ladle worker` with Celery, each a group of processes |
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ladle
from tests.cluster.upstream import KEY, VARIABLE, Upstream
from tests.processes import family, send
from tests.s3 import S3Server
from tests.s3 import running as running_s3
from tests.server.site import Site, kill_group
from tests.servers.postgres import Postgres, postgres
from tests.valkey import Valkey

FILES = ("csv", "index", "parquet", "profile")
"""Those of a snapshot that tell no times: of the same answers they are the same, byte for byte."""
PATIENCE = 900.0
"""Seconds that all runs may take."""
MANY = 64
"""Databases of the Valkey."""


@dataclass(kw_only=True)
class Fleet:
    """The running cluster."""

    site: Site
    upstream: Upstream
    folder: Path
    postgres: Postgres
    valkey: Valkey
    s3: S3Server | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> str:
        """Its address."""
        return str(self.site.home)

    def begin(self, letters: str) -> list[str]:
        """A run of each collection, started; their ids."""
        return [self._start(f"limited/{letter}") for letter in letters]

    def _start(self, dataset: str) -> str:
        answer = self.site.post("/api/v1/runs", {"dataset": dataset})
        assert answer.status == 202, answer.body
        return str(answer.json["id"])

    def try_to_start(self, dataset: str) -> bool:
        """Start a run where that is possible now."""
        return self.site.post("/api/v1/runs", {"dataset": dataset}).status == 202

    def all_runs(self) -> list[Any]:
        """Every run that the site knows."""
        return list(self.site.get("/api/v1/runs?limit=100").json.get("results", []))

    def due_in(self, dataset: str, seconds: float) -> None:
        """Have a schedule start a run of the dataset, once, in so many seconds."""
        made = self.site.post("/api/v1/schedules", {"dataset": dataset, "cron": "0 0 29 2 *"})
        assert made.status == 201, made.body
        sql = "UPDATE catalog_schedule SET next_at = now() + interval '{} seconds' WHERE dataset = '{}'"
        self.ask(sql.format(seconds, dataset))

    def ask(self, sql: str) -> list[Any]:
        """Ask the site's database."""
        return self.postgres.ask(sql, self.site.env["DATABASE_URL"].rpartition("/")[2])

    def forget_offers(self) -> None:
        """The broker loses what waits in its queue, and everybody thinks that it was never told."""
        import redis

        self.ask("UPDATE catalog_run SET offered_at = NULL WHERE ended_at IS NULL")
        redis.Redis.from_url(self.site.env["LADLE_BROKER_URL"]).delete("ladle.drives")

    def complaints(self) -> list[str]:
        """Lines of the logs that nobody should see; how Celery tells that its broker is away is its own."""
        lines = [line for name in ("site.log", "workers.log") for line in (self.folder / name).read_text().splitlines()]
        return [line for line in lines if re.search(r" (ERROR|CRITICAL) (ladle|django)", line)]

    def told(self, run: str) -> Any:
        """What the site says of a run."""
        return self.site.get(f"/api/v1/runs/{run}").json

    def states(self, runs: list[str]) -> list[str]:
        """Where they stand, once all have ended."""
        return [str(self.site.ended(run, seconds=PATIENCE)["state"]) for run in runs]

    def rows(self) -> list[tuple[Any, ...]]:
        """State, end, driver and lease of all runs, as the database has them."""
        return self.ask("SELECT state, ended_at IS NOT NULL, worker, lease_until, reason FROM catalog_run ORDER BY id")

    def files(self, letter: str) -> dict[str, bytes]:
        """Those of a collection's only snapshot that tell no times."""
        return files(f"limited/{letter}", home=self.home, env=self.env)

    def start_worker(self, *, runs: int = 2, **settings: str) -> subprocess.Popen[bytes]:
        """Another one, on the site's machine unless it is told of another folder before the home on S3."""
        return self.site.start_worker(runs=runs, **{"LADLE_CACHE": self.env["LADLE_CACHE"], **settings})

    def kill_driver(self) -> None:
        """kill -9 to the worker that drives the only run, with all its processes; it may be the site's own."""
        ((name,),) = self.ask("SELECT worker FROM catalog_run WHERE worker <> ''")
        pid = int(name.split()[0].rpartition("-")[2])
        for worker in self.site.workers:
            if pid in family(worker.pid):
                self.kill(worker)
                return
        send(pid, signal.SIGKILL)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9 to it and all its children, as when a machine dies."""
        kill_group(worker)
        self.site.workers.remove(worker)


def files(dataset: str, *, home: str, env: Mapping[str, str]) -> dict[str, bytes]:
    """Those of a dataset's only snapshot that tell no times."""
    there = ladle.Home.open(home, env=env)
    ids = [each.id for each in ladle.all_snapshots(home=there) if f"{each.source}/{each.dataset}" == dataset]
    assert len(ids) == 1, f"{len(ids)} snapshots of {dataset}"
    snapshot = ladle.snapshot(ids[0], home=there)
    return {kind: snapshot.path(kind).read_bytes() for kind in FILES}


def undisturbed(letters: str, *, upstream: Upstream, folder: Path) -> dict[str, dict[str, bytes]]:
    """The files of runs that nothing happened to: collected here, alone, from the same API without its limit."""
    with Upstream(limit=10**6, window=1, pages=upstream.pages, slowest=0.0) as plenty:
        home = str(folder / "undisturbed")
        env = {VARIABLE: KEY}
        with _set(env):
            source = plenty.definition(folder / "undisturbed.toml", quota=False)
            made = {}
            for letter in letters:
                ladle.collect(Path(f"{source}#{letter}"), home=home)
                made[letter] = files(f"limited/{letter}", home=home, env=env)
    return made


@contextmanager
def _set(env: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def fleet(
    upstream: Upstream, folder: Path, *, workers: int, runs: int = 1, on_s3: bool = False, **settings: str
) -> Iterator[Fleet]:
    """A cluster with so many Celery workers, each of so many runs at once; `settings` come on top."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres())
        valkey_folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ladle-valkey-")))
        valkey = stack.enter_context(Valkey(valkey_folder, databases=MANY))
        s3 = stack.enter_context(running_s3(_made(folder / "s3"))) if on_s3 else None
        home = s3.home("fleet") if s3 is not None else str(folder / "home")
        env = {
            "DATABASE_URL": database.database("fleet"),
            "LADLE_BROKER_URL": valkey.database("broker"),
            "LADLE_QUOTA_URL": valkey.database("quota"),
            "LADLE_CACHE": str(folder / "cache"),
            **(s3.settings if s3 is not None else {}),
            **upstream.settings,
            **settings,
        }
        _add_source(upstream, folder, home, env)
        site = stack.enter_context(Site(home, log=folder / "site.log", workers=0, **env))
        site.worker_log = folder / "workers.log"
        running = Fleet(
            site=site, upstream=upstream, folder=folder, postgres=database, valkey=valkey, s3=s3, env=site.env
        )
        for _ in range(workers):
            running.start_worker(runs=runs)
        yield running


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _add_source(upstream: Upstream, folder: Path, home: str, env: Mapping[str, str]) -> None:
    path = upstream.definition(folder / "limited.toml")
    command = (sys.executable, "-m", "ladle", "sources", "add", str(path))
    subprocess.run(command, env={**os.environ, **env, "LADLE_HOME": home}, check=True, capture_output=True)
