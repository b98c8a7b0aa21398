"""How many requests may one client send? Takes a rate and the time, gives whether one more is taken, and how many are.

One number for each client, the time at which all that it sent would have been sent evenly (GCRA): a whole quota may
come at once, and comes back bit by bit. It is held in this process, or for all of them in Redis (`shared_rates`).
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ladle.errors import SettingError
from ladle_server.access.kinds import Who

SETTING = "LADLE_RATE_LIMIT"
NORMAL = "600 per minute"
SLACK = 1e-6
"""Seconds by which sums of times may be wrong."""
MOST_CLIENTS = 10_000
"""Clients that are remembered: those that have not come for longest are forgotten."""
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"([1-9][0-9]{0,8}) per (second|minute|hour|day)")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    limit: int
    window: int

    @property
    def policy(self) -> str:
        """As the header RateLimit-Policy says it."""
        return f'"requests";q={self.limit};w={self.window}'


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one request."""

    even_at: float
    """When all that was taken would have been sent evenly."""
    left: int
    wait: float
    """Seconds after which it would be taken; 0 where it was."""
    full_in: float
    """Seconds after which all of the rate is there again."""

    @property
    def told(self) -> str:
        """As the header RateLimit says it."""
        return f'"requests";r={self.left};t={math.ceil(self.full_in)}'


def rate(text: str, *, otherwise: str = "none") -> Rate | None:
    """`600 per minute`; None for `none`. Raises SettingError.

    >>> rate("600 per minute")
    Rate(limit=600, window=60)
    """
    words = text.strip().lower() or otherwise
    if words == "none":
        return None
    if not (found := _RATE.fullmatch(words)):
        hint = f'Say it as "{NORMAL}" (per second, minute, hour or day), or "none".'
        raise SettingError(f'{SETTING} is "{text[:60]}".', hint=hint)
    return Rate(int(found[1]), _SECONDS[found[2]])


def client(request: Any) -> str:
    """Which client has sent it: a token, a user, or for who is nobody the address."""
    who: Who = request.who
    address = request.META.get("REMOTE_ADDR", "")
    return f"token {who.token}" if who.token else f"user {who.user}" if who.user else f"address {address}"


def take(given: Rate, *, even_at: float, now: float) -> Taken:
    """One more request at `now`, in seconds."""
    each = given.window / given.limit
    before = max(even_at, now)
    wait = before + each - given.window - now
    if wait > SLACK:
        return Taken(before, 0, wait, before - now)
    after = before + each
    return Taken(after, int((given.window - (after - now)) / each + SLACK), 0.0, after - now)


class Clients:
    """What each client has sent of late."""

    def __init__(self) -> None:
        self._even_at: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def take(self, client: str, given: Rate, *, now: float) -> Taken:
        """One more request of a client."""
        with self._lock:
            taken = take(given, even_at=self._even_at.get(client, now), now=now)
            self._even_at[client] = taken.even_at
            self._even_at.move_to_end(client)
            if len(self._even_at) > MOST_CLIENTS:
                self._even_at.popitem(last=False)
        return taken
