"""What the operator has set: takes environment variables, gives the site's settings, each of its type.

Every mistake is a SettingError with its remedy, told when a process starts, not when the setting is first needed. What
may hold a password is never shown whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import ladle
from ladle.errors import BadInput, LadleError, SettingError
from ladle_server import guarding, zones
from ladle_server.access import places, rates
from ladle_server.listening import ALLOWED, HOST, SECRET, Listening, listening

DATABASE, BROKER = "DATABASE_URL", "LADLE_BROKER_URL"
LEASE, SLICE = "LADLE_LEASE_SECONDS", "LADLE_SLICE_SECONDS"
ANSWER, ZONE = "LADLE_ANSWER_SECONDS", "LADLE_TIME_ZONE"
REQUEST, SEND = "LADLE_REQUEST_SECONDS", "LADLE_SEND_SECONDS"
QUOTA, PREFIX = "LADLE_QUOTA_URL", "LADLE_QUOTA_PREFIX"
KNOWN = (
    *("LADLE_HOME", "LADLE_URL", "LADLE_TOKEN", LEASE, SLICE, SECRET, BROKER, HOST, ALLOWED, ZONE),
    *("LADLE_ALLOW_ADDRESSES", "LADLE_ALLOW_ENV", ANSWER),
    *("LADLE_SQL_SECONDS", "LADLE_SQL_MEMORY", "LADLE_SQL_ROWS"),
    *(QUOTA, PREFIX, "LADLE_CACHE", "LADLE_CACHE_SIZE"),
    *("LADLE_KEEP", "LADLE_JOURNAL_DAYS", "LADLE_LOG", "LADLE_METRICS_FROM"),
    *(guarding.LOGIN, guarding.FIRST_USER, guarding.FIRST_PASSWORD, guarding.PROXIES),
    *(rates.SETTING, places.ALL, places.EACH, guarding.AUDIT_DAYS, REQUEST, SEND),
)
"""Names that begin with LADLE_ and mean something, besides those of each source."""
_OF_A_SOURCE = re.compile(r"LADLE_[A-Z0-9_]+_(BASE_URL|QUOTA|PACE)")
_POSTGRESQL, _REDIS = ("postgres", "postgresql"), ("redis", "rediss")
_FILE = "site.sqlite3"
_LIKE = "postgres://user:password@host:5432/ladle"
_OPTIONS = {
    "connect_timeout": "5",
    # A machine that is gone says nothing: after these seconds a connection to it is given up.
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "application_name": "ladle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The settings of one process of the site."""

    home: str
    folder: Path
    """Of this machine: the home, or what stands before it."""
    database: Mapping[str, Any]
    """As Django wants it."""
    broker: str | None
    """The address of Celery's broker; None: the site has a worker of its own, which asks the database."""
    lease: float
    """Seconds that a worker's claim to a run holds without being renewed."""
    slice: float
    """Seconds after which a worker hands a run back."""
    secret_key: str | None
    """None: a file in the home has it."""
    listening: Listening
    """Where the site listens, and which names it answers to."""
    guarding: guarding.Guarding
    """Who logs in, and how much may be asked."""
    time_zone: str
    """Of schedules that name none."""
    shared: tuple[str, str] | None
    """The Redis that all processes share, and what its keys begin with."""
    request: float
    """Seconds that a request's head may take to come, and a body without getting on."""
    send: float
    """Seconds for which a client may take nothing of its answer."""


def read(env: Mapping[str, str]) -> Environment:
    """The settings; raises SettingError for the first that can't be meant."""
    home = env.get("LADLE_HOME") or "~/.ladle"
    folder = ladle.Home.at(home, env=env).path
    at = listening(env)
    return Environment(
        home=home,
        folder=folder,
        database=database(env.get(DATABASE, "").strip(), home=folder),
        broker=broker(env.get(BROKER, "").strip()),
        lease=lease_seconds(env),
        slice=slice_seconds(env),
        secret_key=env.get(SECRET, "").strip() or None,
        listening=at,
        guarding=guarding.guarding(env, at=at),
        time_zone=time_zone(env.get(ZONE, "").strip()),
        shared=shared(env),
        request=request_seconds(env),
        send=send_seconds(env),
    )


def wrong(env: Mapping[str, str]) -> list[LadleError]:
    """Every setting of these that can't be meant, but for the home."""
    return ladle.wrong_among(
        lambda: database(env.get(DATABASE, "").strip(), home=Path()),
        lambda: broker(env.get(BROKER, "").strip()),
        lambda: lease_seconds(env),
        lambda: slice_seconds(env),
        lambda: answer_seconds(env),
        lambda: request_seconds(env),
        lambda: send_seconds(env),
        lambda: shared(env),
        lambda: guarding.guarding(env, at=listening(env)),
        lambda: time_zone(env.get(ZONE, "").strip()),
    )


def lease_seconds(env: Mapping[str, str]) -> float:
    """How long a run is its worker's without a word of it; raises SettingError for what is no number from 1 to 30."""
    return _seconds(env, LEASE, default=15, most=30)


def slice_seconds(env: Mapping[str, str]) -> float:
    """How long a worker drives a run in one go; raises SettingError for what is no number from 1 to 3600."""
    return _seconds(env, SLICE, default=300, most=3600)


def answer_seconds(env: Mapping[str, str]) -> float:
    """How long a request waits for its answer; raises SettingError for what is no number from 0 to 3600."""
    return _seconds(env, ANSWER, default=10, least=0, most=3600)


def request_seconds(env: Mapping[str, str]) -> float:
    """How long a request may be on its way; raises SettingError for what is no number from 1 to 3600."""
    return _seconds(env, REQUEST, default=30, most=3600)


def send_seconds(env: Mapping[str, str]) -> float:
    """How long a client may take nothing of its answer; raises SettingError for what is no number from 1 to 3600."""
    return _seconds(env, SEND, default=60, most=3600)


def shared(env: Mapping[str, str]) -> tuple[str, str] | None:
    """The address of the quota ledger's Redis and its prefix; raises SettingError where Redis's package lacks."""
    url = env.get(QUOTA, "").strip()
    if not url:
        return None
    _installed("redis", QUOTA)
    return url, env.get(PREFIX, "").strip() or "ladle"


def database(url: str, *, home: Path) -> dict[str, Any]:
    """Django's settings of the database at an address; of the file in the home where there is none."""
    if not url:
        return _sqlite(home / _FILE)
    parts = _parts(url, DATABASE, like=_LIKE)
    if parts.scheme in _POSTGRESQL:
        return _postgresql(parts)
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return _sqlite(Path(unquote(parts.path.removeprefix("/"))))
    raise SettingError(
        f'{DATABASE} is "{hidden(url)}".',
        hint=f"Ladle's databases are PostgreSQL, {_LIKE}, and SQLite: leave it empty for a file in the home.",
    )


def broker(url: str) -> str | None:
    """The address of Celery's broker, None for none."""
    if not url:
        return None
    if _parts(url, BROKER, like="redis://host:6379/0").scheme not in _REDIS:
        hint = "Ladle's broker is Redis or Valkey: redis://host:6379/0. Leave it empty to do without."
        raise SettingError(f'{BROKER} is "{hidden(url)}".', hint=hint)
    _installed("celery", BROKER)
    return url


def time_zone(name: str) -> str:
    """The name of a time zone, UTC where there is none; raises SettingError for one that is none."""
    try:
        return zones.zone(name or zones.UTC).key
    except BadInput as error:
        raise SettingError(f'{ZONE} is "{name[:100]}". {error.message}', hint=error.hint) from error


def unknown(env: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting of Ladle's and is none."""
    strange = [name for name in env if name.startswith("LADLE_") and name not in KNOWN]
    return [_meant(name) for name in sorted(strange) if not _OF_A_SOURCE.fullmatch(name)]


def _meant(name: str) -> str:
    close = get_close_matches(name, KNOWN, n=1)
    return f"{name} is no setting of Ladle's." + (f" Is {close[0]} meant?" if close else "")


def hidden(url: str) -> str:
    """An address without its password.

    >>> hidden("postgres://ladle:secret@db.example/ladle?password=secret")
    'postgres://ladle:…@db.example/ladle?password=…'
    >>> hidden("ladle:secret@db.example/ladle"), hidden("postgres:/ladle:secret@db?sslPassword=secret")
    ('ladle:…@db.example/ladle', 'postgres:/ladle:…@db?sslPassword=…')
    >>> hidden("redis://:secret/0"), hidden("redis://ladle:secret"), hidden("redis://[::1]:6379/0")
    ('redis://:…', 'redis://ladle:…', 'redis://[::1]:6379/0')
    """
    if "@" not in url:  # forgotten: what stands in the place of a port, and is none, is a password
        host = r"(?:[a-z][a-z0-9+.-]*:?/{1,2})?+(?>\[[^]]*]|[^:/]*)"
        url = re.sub(rf"(?i)^({host}):(?!\d{{1,5}}(?:[/?#]|$)).*", r"\1:…", url)
    url = re.sub(r"(?i)^((?:[a-z][a-z0-9+.-]*:?/{1,2})?[^:/@]*):.*@", r"\1:…@", url)
    return re.sub(r"(?i)(?<=password=)[^&]*", "…", url)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # The site and its worker write at the same time: a write lock taken at the start waits for its turn,
            # one taken halfway (SQLite's default) fails at once.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    _installed("psycopg", DATABASE)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", parts.hostname or "")
    name = options.pop("dbname", unquote(parts.path.removeprefix("/")))
    if not name:
        raise SettingError(f"{DATABASE} names no database.", hint=f"Put its name at the end: {_LIKE}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": options.pop("user", unquote(parts.username or "")),
        "PASSWORD": options.pop("password", unquote(parts.password or "")),
        "HOST": unquote(host),
        "PORT": options.pop("port", str(parts.port or "")),
        # A lane is one thread that lives as long as the site (`asgi`): each keeps its connection, and looks at the
        # beginning of a request whether it is still good. A pool would lend and take back at each.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_OPTIONS, **options},
    }


def _parts(url: str, setting: str, *, like: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if "://" in url and parts.port != 0 and not _is_torn(parts):
            return parts
    except ValueError:
        pass  # what it says may be part of a password
    hint = f"It should look like {like}; signs in a password are written with %: @ as %40, / as %2F, # as %23."
    raise SettingError(f'{setting} is "{hidden(url)}", which is no such address.', hint=hint)


def _is_torn(parts: SplitResult) -> bool:
    """A sign in the password was read as the end of the host."""
    return "@" not in parts.netloc and "@" in f"{parts.path}{parts.query}{parts.fragment}"


def _installed(module: str, setting: str) -> None:
    if find_spec(module) is None:
        hint = "Install it with: pip install 'ladle[scale]'"
        raise SettingError(f"{setting} needs {module}, which is not installed.", hint=hint)


def _seconds(env: Mapping[str, str], name: str, *, default: float, most: int, least: int = 1) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not least <= float(text) <= most:
        hint = f"Set it to seconds from {least} to {most}, such as {default:g}."
        raise SettingError(f'{name} is "{text}".', hint=hint)
    return float(text)
