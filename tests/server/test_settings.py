"""What the operator sets, from outside: each mistake is told at the start with its remedy, and no password is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ladle.testing import ScriptedApi
from ladle_server import __main__, environment, worker
from tests.servers.postgres import Postgres
from tests.servers.process import free_port
from tests.servers.stack import Stack, started

SECRET = "s3cret"


@pytest.mark.parametrize("command", [__main__.main, worker.main], ids=["serve", "worker"])
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", f"mysql://ladle:{SECRET}@db/ladle", ("mysql://ladle:…@db/ladle", "PostgreSQL", "SQLite")),
        ("DATABASE_URL", f"postgres://ladle:{SECRET}/x@db/ladle", ("is no such address", "%2F")),
        ("DATABASE_URL", f"postgres://ladle:{SECRET}#x@db/ladle", ("is no such address", "%23")),
        ("DATABASE_URL", f"postgres://ladle:12/{SECRET}@db/ladle", ("is no such address", "%2F")),
        ("DATABASE_URL", f"postgres://ladle:{SECRET}@db:5432", ("names no database",)),
        ("DATABASE_URL", "ladle", ("is no such address", "postgres://user:password@host:5432/ladle")),
        ("LADLE_BROKER_URL", f"amqp://ladle:{SECRET}@mq//", ("amqp://ladle:…@mq//", "redis://host:6379/0")),
        ("LADLE_BROKER_URL", f"redis://:{SECRET}@mq:many/0", ("is no such address",)),
        ("LADLE_BROKER_URL", f"redis://:{SECRET}/0", ("redis://:…", "is no such address")),
        ("LADLE_BROKER_URL", f"redis://ladle:{SECRET}:6379?password=x", ("redis://ladle:…", "is no such address")),
        ("LADLE_BROKER_URL", f"amqp://mq/0?password={SECRET}", ("amqp://mq/0?password=…", "redis://host:6379/0")),
        ("LADLE_LEASE_SECONDS", "60", ('"60"', "from 1 to 30")),
        ("LADLE_SLICE_SECONDS", "five", ('"five"', "from 1 to 3600")),
        ("LADLE_ANSWER_SECONDS", "-1", ('"-1"', "from 0 to 3600")),
        ("LADLE_REQUEST_SECONDS", "0", ('"0"', "from 1 to 3600")),
        ("LADLE_SEND_SECONDS", "an hour", ('"an hour"', "such as 60")),
        ("LADLE_SQL_MEMORY", "1 GB", ('"1 GB"', "whole number")),
        ("LADLE_HOST", "ladle.example", ('"ladle.example"', "0.0.0.0 for all who can reach it")),
        ("LADLE_HOST", "0.0.0.0", ("LADLE_ALLOWED_HOSTS is not set", "ladle.example")),  # noqa: S104 - to be refused
        ("LADLE_ALLOWED_HOSTS", "*", ('"*"', "ladle.example")),
        ("LADLE_ALLOWED_HOSTS", "good.example, ladle.example:8000", ('"ladle.example:8000"', "without scheme or port")),
        ("LADLE_ALLOW_ADDRESSES", "10.0.0.0/33", ('"10.0.0.0/33"',)),
        ("LADLE_KEEP", "a few", ('"a few"', "90 days")),
        ("LADLE_JOURNAL_DAYS", "-1", ('"-1"',)),
        ("LADLE_LOG", "xml", ('"xml"', "json")),
        ("LADLE_LOGIN", "never", ('"never"', "auto")),
        ("LADLE_PROXIES", "proxy.example", ('"proxy.example"', "10.0.0.0/8")),
        ("LADLE_RATE_LIMIT", "many", ('"many"', "600 per minute")),
        ("LADLE_WAITING", "-5", ('"-5"', "such as 2000")),
        ("LADLE_WAITING_EACH", "a few", ('"a few"', "such as 100")),
        ("LADLE_AUDIT_DAYS", "0", ('"0"', "365")),
        ("LADLE_FIRST_USER", "ada", ("LADLE_FIRST_PASSWORD is not set",)),
        ("LADLE_METRICS_FROM", "10.0.0", ('"10.0.0"', "10.0.0.0/8")),
        ("PROMETHEUS_MULTIPROC_DIR", "/not/there", ('"/not/there"', "Make it before")),
        ("LADLE_TIME_ZONE", "Zurich", ('"Zurich"', "Did you mean Europe/Zurich?")),
        ("LADLE_QUOTA_URL", f"http://:{SECRET}@db", ("is not the address of a Redis", "redis://host:6379/0")),
        ("LADLE_CACHE_SIZE", "ten", ('"ten"', "10 GB")),
        ("LADLE_SWAPI_QUOTA", "60 a minuet", ('"60 a minuet"', "60 per minute")),
        ("LADLE_OWN_API_PACE", "slow", ('"slow"', '"safe" or "fast"')),
        ("LADLE_SWAPI_BASE_URL", "swapi", ("LADLE_SWAPI_BASE_URL", "http")),
        ("OPENWEATHER_CITIES", "/not/there.csv", ('"/not/there.csv"', "No such file")),
        ("LADLE_HOME", "s3://ladle/home", ("AWS_ACCESS_KEY_ID is not set",)),
    ],
)
def test_a_wrong_setting_is_told_when_a_process_starts(
    command: Any,
    name: str,
    value: str,
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for known in [each for each in os.environ if each.startswith("AWS_")]:  # on a stack with S3 its keys are set
        monkeypatch.delenv(known)
    monkeypatch.setenv("LADLE_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert command(["--port", "0"] if command is __main__.main else []) == 1
    said = capsys.readouterr().err
    assert said.startswith("ladle: ")
    assert said.count("\n") == 1
    assert name in said or name == "LADLE_HOME"
    assert [word for word in words if word not in said] == []
    assert SECRET not in said


def test_every_mistake_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"LADLE_LOG": "xml", "LADLE_SWAPI_QUOTA": "60 a minuet", "LADLE_LEASE_SECONDS": "0", "LADLE_KEEP": "few"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    assert worker.main(["--home", str(tmp_path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [[name for name in wrong if name in line] for line in lines] == [[name] for name in sorted(wrong, key=_told)]


def _told(name: str) -> int:
    """Of the library first, then of the site."""
    return ("LADLE_KEEP", "LADLE_SWAPI_QUOTA", "LADLE_LEASE_SECONDS", "LADLE_LOG").index(name)


def test_every_part_of_an_address_finds_its_place() -> None:
    url = "postgresql://la%40dle:p%2Fw@db.example:6000/runs?sslmode=require&connect_timeout=9"
    read = environment.database(url, home=Path("/home"))
    parts = [read[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["la@dle", "p/w", "db.example", "6000", "runs"]
    assert (read["OPTIONS"]["sslmode"], read["OPTIONS"]["connect_timeout"]) == ("require", "9")


def test_sqlite_is_where_the_address_says_and_else_in_the_home() -> None:
    home = Path("/home")
    names = [environment.database(url, home=home)["NAME"] for url in ("", "sqlite:////srv/x.db", "sqlite:///x.db")]
    assert names == [Path("/home/site.sqlite3"), Path("/srv/x.db"), Path("x.db")]


def test_a_name_that_nearly_is_a_setting_is_noticed() -> None:
    told = environment.unknown({"LADLE_BROKR_URL": "", "LADLE_OWN_API_QUOTA": "", "LADLE_HOME": "", "HOME": ""})
    assert told == ["LADLE_BROKR_URL is no setting of Ladle's. Is LADLE_BROKER_URL meant?"]


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    with started("celery") as running:
        yield running


def doctor(home: Path, **settings: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what was tried by its name."""
    foreign = ("LADLE_", "OPENWEATHER_", "DATABASE_URL")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    command = (sys.executable, "-m", "ladle", "doctor", "--json", "--home", str(home))
    done = subprocess.run(command, env=own | settings, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    assert "a-password-that-must-not-leak" not in done.stdout + done.stderr
    return done.returncode, {trial["what"]: trial for trial in json.loads(done.stdout)["trials"]}


def test_the_doctor_finds_everything_good_on_a_laptop(tmp_path: Path) -> None:
    with ScriptedApi({}) as api:
        own = {"LADLE_SWAPI_BASE_URL": api.url, "LADLE_OPENWEATHER_BASE_URL": api.url, "OPENWEATHER_API_KEY": "x"}
        code, tried = doctor(tmp_path, **own)
        assert api.requests == []
    assert code == 0
    assert {trial["state"] for trial in tried.values()} == {"good"}
    parts = {"settings", "home", "quota ledger", "limits of SQL", "addresses allowed", "what is kept", "source swapi"}
    assert set(tried) >= parts | {
        "API of openweather",
        "listens",
        "logins",
        "time zone",
        "metrics",
        "database",
        "broker",
    }


def test_the_doctor_tells_every_mistake_and_what_can_be_tried_all_the_same(tmp_path: Path) -> None:
    silent = f"http://127.0.0.1:{free_port()}/"
    own = {"LADLE_SWAPI_BASE_URL": silent, "LADLE_OPENWEATHER_BASE_URL": silent}
    code, tried = doctor(tmp_path, **own, LADLE_LOG="xml", LADLE_TIME_ZONE="Zurich", LADLE_BROKR_URL="x")
    assert code == 1
    assert (tried["home"]["state"], tried["time zone"]["state"], tried["listens"]["state"]) == (
        "good",
        "failed",
        "good",
    )
    assert tried["API of swapi"]["state"] == "away"
    assert "LADLE_SWAPI_BASE_URL" in tried["API of swapi"]["hint"]
    assert "LADLE_BROKR_URL is no setting" in tried["settings"]["said"]  # the last of three
    assert "not tried" in tried["database, broker"]["said"]


def test_the_doctor_names_what_can_t_be_used_and_goes_on(servers: Stack, tmp_path: Path) -> None:
    assert servers.postgres
    assert servers.valkey
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    code, tried = doctor(tmp_path, DATABASE_URL=servers.postgres.url("lost"), LADLE_BROKER_URL=nobody)
    assert code == 1
    assert tried["home"]["state"] == "good"
    assert tried["source openweather"]["state"] == "not set"
    assert "createdb lost" in tried["database"]["hint"]
    assert "Is Redis or Valkey running there?" in tried["broker"]["hint"]
    code, tried = doctor(tmp_path, DATABASE_URL=servers.postgres.url("postgres"), LADLE_BROKER_URL=servers.valkey.url)
    assert (code, tried["database"]["state"]) == (1, "good")
    assert tried["broker"]["hint"] == "Start one: ladle worker"


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("name", "Make it (createdb lost)"),
        ("password", "Set the right user and password in DATABASE_URL."),
        ("port", "Is PostgreSQL running there?"),
    ],
)
def test_a_database_that_can_t_be_used_is_told_with_its_remedy(
    servers: Stack, wrong: str, hint: str, tmp_path: Path
) -> None:
    assert servers.postgres
    ended = _started(tmp_path, _wrong(servers.postgres, wrong))
    assert ended.returncode == 1
    assert ended.stderr.startswith("ladle: The database ")
    assert hint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "a-password-that-must-not-leak" not in ended.stderr


def _wrong(server: Postgres, what: str) -> str:
    right = server.url("postgres")
    return {
        "name": server.url("lost"),
        "password": server.url("postgres", password="a-password-that-must-not-leak-either"),
        "port": right.replace(str(server.port), str(free_port())),
    }[what]


def _started(home: Path, url: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "ladle_server", "--port", "0", "--home", str(home))
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)


def test_what_the_server_is_made_of_reads_no_setting_before_it_is_told_its_home() -> None:
    code = "import ladle_server.__main__; from django.conf import settings; print(settings.configured)"
    told = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
