"""The log's lines: takes what is said and what it is about, gives text for people or JSON for machines, without keys.

What a line is about (a run with its dataset, an HTTP request) is not said by who logs but known from where it happens:
`about` holds for everything within its block, in tasks and threads that are begun there too.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

import ladle
from ladle.errors import SettingError

log = logging.getLogger(__name__)
SETTING = "LADLE_LOG"
_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - it is only ever replaced
_KEYS: ContextVar[tuple[str, ...]] = ContextVar("keys", default=())
_HOLDS_KEY = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_|$)(?!ID$)", re.IGNORECASE)
"""Of a variable: that a name as AWS_ACCESS_KEY_ID holds is no secret, and may be a word of every line."""
_LEAST = 4
"""Characters of a key: what is shorter can't be told from other words."""


@contextmanager
def about(**told: str) -> Iterator[None]:
    """Every line within the block says so: `about(run=…, dataset=…)`."""
    token = _ABOUT.set({**_ABOUT.get(), **told})
    try:
        yield
    finally:
        _ABOUT.reset(token)


@contextmanager
def without(*keys: str) -> Iterator[None]:
    """No line within the block holds one of the keys."""
    token = _KEYS.set((*_KEYS.get(), *(key for key in keys if len(key) >= _LEAST)))
    try:
        yield
    finally:
        _KEYS.reset(token)


def current(name: str) -> str | None:
    """What lines are about here: `current("request")`."""
    return _ABOUT.get().get(name)


def style(env: Mapping[str, str]) -> str:
    """`text` or `json`, as LADLE_LOG says; raises SettingError."""
    wanted = env.get(SETTING, "").strip().lower() or "text"
    if wanted not in ("text", "json"):
        raise SettingError(f'{SETTING} is "{wanted}".', hint='It can be "text" or "json".')
    return wanted


def formatter(env: Mapping[str, str] = os.environ) -> logging.Formatter:
    """What makes lines of records."""
    keys = tuple(sorted(keys_of(env)))
    return _Json(keys) if style(env) == "json" else _Text(keys)


def keys_of(env: Mapping[str, str]) -> set[str]:
    """What may be secret in the environment: variables that are named so, and passwords of addresses."""
    named = {value.strip() for name, value in env.items() if _HOLDS_KEY.search(name)}
    after_user = {key.partition(":")[2] for key in named if ":" in key}  # as FLOWER_BASIC_AUTH has it
    found = named | after_user | {key for value in env.values() if "://" in value for key in _passwords(value)}
    return {key for key in found if len(key) >= _LEAST}


def _passwords(address: str) -> set[str]:
    """What stands before an @, and what a query says: `?password=…`, as PostgreSQL and Redis read it."""
    try:
        parts = urlsplit(address)
        asked = {value for name, value in parse_qsl(parts.query) if name.lower().endswith("password")}
        return {unquote(parts.password or ""), *asked}
    except ValueError:
        return set()


class _Line(logging.Formatter):
    """What both kinds share."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__("%(message)s")
        self._keys = keys

    def veiled(self, text: str) -> str:
        """What was said, without keys, however URLs, JSON and base64 write them.

        The rest of a line (time, level, logger, names) is ours: a key that is an everyday word must not break it.
        """
        keys = (*self._keys, *_KEYS.get())
        return ladle.without_keys(text, keys=keys) if keys else text

    def about(self, record: logging.LogRecord) -> dict[str, str]:
        """What a record is about: where it was made, and which request Django says it is of."""
        request = getattr(getattr(record, "request", None), "request_id", None)
        known = _ABOUT.get() if request is None else {**_ABOUT.get(), "request": request}
        return {name: self.veiled(value) for name, value in known.items()}


class _Text(_Line):
    """`2026-11-22 12:00:00,123 INFO ladle_server.catalog.driving: It is taken up. (run 2026…, dataset swapi/people)`"""

    def format(self, record: logging.LogRecord) -> str:
        about = ", ".join(f"{name} {value}" for name, value in self.about(record).items())
        head, line_end, trace = self.veiled(super().format(record)).partition("\n")
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {head}"
        return line + (f" ({about})" if about else "") + line_end + trace


class _Json(_Line):
    """One object on a line: time, level, logger, message, what it is about, and of an error its trace."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.veiled(record.getMessage()),
            **self.about(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = self.veiled(self.formatException(record.exc_info))
        return orjson.dumps(told).decode("utf-8", "replace")
