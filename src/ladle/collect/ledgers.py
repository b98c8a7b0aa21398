"""Which ledger a home has: takes the settings, gives the one that they name.

LADLE_QUOTA_URL     redis://host:6379/0 or rediss://…: shared by all machines; not set: a file of the home
LADLE_QUOTA_PREFIX  what its keys begin with, where several Ladles that share no quotas use one Redis
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from ladle.collect.holders import Holders
from ladle.collect.ledger import Ledger, LedgerAway
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.errors import SettingError
from ladle.home import Home

URL, PREFIX = "LADLE_QUOTA_URL", "LADLE_QUOTA_PREFIX"
USUAL_PREFIX = "ladle"
HINT = f"Set {URL} to redis://host:6379/0 or rediss://user:password@host:6380/0, or leave it out."


def open_ledger(home: Home, *, env: Mapping[str, str] = os.environ, patient: bool = False) -> Ledger:
    """The ledger that all runs share. SettingError when the setting is wrong or Redis refuses.

    A Redis that can't be reached is a SettingError too, unless `patient`: then a run waits until it can.
    """
    url = env.get(URL, "").strip()
    if url:
        return _in_redis(url, env=env, patient=patient, holders=Holders(home.alive))
    ledger = SqliteLedger(home.ledger)
    ledger.holders = Holders(home.alive)
    return ledger


def check_address(env: Mapping[str, str]) -> None:
    """Raise SettingError for what can't be the address of a Redis; nobody is asked."""
    url = env.get(URL, "").strip()
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if url and not is_one:
        raise SettingError(f"{URL} is not the address of a Redis.", hint=HINT)  # not shown: it may hold a password


def _in_redis(url: str, *, env: Mapping[str, str], patient: bool, holders: Holders) -> Ledger:
    check_address(env)
    try:
        # Loaded only where it is set: `import ladle` stays as light as it is.
        from ladle.collect.ledger_redis import RedisLedger
    except ModuleNotFoundError as error:
        hint = "Install it: pip install 'ladle[scale]'."
        raise SettingError(f"{URL} is set, but the package redis is not installed.", hint=hint) from error
    ledger = RedisLedger(url, prefix=env.get(PREFIX, "").strip() or USUAL_PREFIX)
    ledger.holders = holders
    try:
        ledger.check()
    except LedgerAway as away:
        if not patient:
            ledger.shut()
            raise SettingError(away.message, hint=f"Is Redis running there? {HINT}") from away
    except SettingError:
        ledger.shut()
        raise
    return ledger
