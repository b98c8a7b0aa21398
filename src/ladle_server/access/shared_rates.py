"""How many requests has a client sent to any process of the site? Takes a Redis, gives what `rates` gives, for all.

The number of each client is in Redis, and looked at and put forward in one script: two processes that ask at once never
grant the same place. Where Redis is away each process counts for itself, as it does where none is set: a limit is no
reason to serve nobody.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ladle_server.access.rates import SLACK, Clients, Rate, Taken, take

log = logging.getLogger(__name__)
PATIENCE = 0.25
"""Seconds that Redis may take to answer: every request waits for it."""
QUIET = 5.0
"""Seconds for which it is not asked again when it did not answer."""
# As `rates.take` decides, and by Redis's clock. Times are counted from 2026, so that they have digits left for parts of
# a millionth of a second.
_SCRIPT = f"""
local told = redis.call('TIME')
local now = tonumber(told[1]) - 1767225600 + tonumber(told[2]) / 1000000
local even = tonumber(redis.call('GET', KEYS[1])) or now
local each = tonumber(ARGV[2]) / tonumber(ARGV[1])
local before = math.max(even, now)
if before + each - tonumber(ARGV[2]) - now <= {SLACK:.9f} then
  local after = before + each
  redis.call('SET', KEYS[1], string.format('%.17g', after), 'PX', math.ceil((after - now) * 1000))
end
return {{string.format('%.17g', even), string.format('%.17g', now)}}
"""


class Shared:
    """What each client has sent of late, to whatever process. `prefix` is what the keys in Redis begin with."""

    def __init__(self, url: str, *, prefix: str) -> None:
        redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),  # a connection that had died unnoticed is made anew, once
        )
        self._script: Any = redis.register_script(_SCRIPT)
        self._prefix = prefix
        self._alone = Clients()
        self._quiet_until: float | None = None

    def take(self, client: str, given: Rate, *, now: float) -> Taken:
        """One more request of a client; `now` is this process's steady time, for when it counts alone."""
        if self._quiet_until is not None and now < self._quiet_until:
            return self._alone.take(client, given, now=now)
        try:
            even_at, at = self._script(keys=[self._key(client)], args=[given.limit, given.window])
        except (RedisError, OSError) as error:
            self._away(error, now=now)
            return self._alone.take(client, given, now=now)
        if self._quiet_until is not None:
            self._quiet_until = None
            log.warning("Requests are counted for all processes again.")
        return take(given, even_at=float(even_at), now=float(at))

    def _key(self, client: str) -> str:
        """Of digests: Redis learns of no name and no address."""
        return f"{self._prefix}:clients:{hashlib.sha256(client.encode()).hexdigest()[:32]}"

    def _away(self, error: Exception, *, now: float) -> None:
        if self._quiet_until is None:
            log.warning("Requests are counted by each process for itself: %s.", str(error).rstrip("."))
        self._quiet_until = now + QUIET
