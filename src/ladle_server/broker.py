"""The broker before it is used: takes its address, says who answers there and how many workers hear it."""

from __future__ import annotations

from typing import cast

from redis.exceptions import AuthenticationError, RedisError

from ladle.errors import SettingError
from ladle_server.catalog.broker import app, client
from ladle_server.environment import BROKER, hidden

PATIENCE = 1.0
"""Seconds in which workers answer that are there."""


def examined(url: str) -> str:
    """What was found; raises SettingError where the broker can't be used, or nobody works for it."""
    try:
        told = cast(dict[str, str], client(url).info("server"))
    except AuthenticationError as error:
        raise SettingError(f"{hidden(url)} refuses the password.", hint=f"Set the right one in {BROKER}.") from error
    except (RedisError, OSError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        hint = f"Is Redis or Valkey running there? See {BROKER}."
        raise SettingError(f"{hidden(url)} can't be reached: {said}.", hint=hint) from error
    workers = len(app.control.inspect(timeout=PATIENCE).ping() or {})
    name = "Valkey" if "valkey_version" in told else "Redis"
    number = told.get("valkey_version") or told.get("redis_version")
    if not workers:
        raise SettingError(f"{name} {number} at {hidden(url)}, and no worker.", hint="Start one: ladle worker")
    return f"{name} {number} at {hidden(url)}, {workers} worker{'' if workers == 1 else 's'}"
