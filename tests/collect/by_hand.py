"""A clock turned by hand, Redis's too: takes an address, gives a ledger to which Redis tells the hand's time."""

from __future__ import annotations

from redis import Redis

from ladle.collect.ledger_redis import RedisLedger


class Clock:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.apart = 0.0
        """Seconds that Redis's clock is ahead of it."""

    def __call__(self) -> float:
        return self.now


def redis_ledger(url: str, prefix: str, clock: Clock) -> RedisLedger:
    """A ledger below the prefix."""
    redis, told = Redis.from_url(url), None

    def turned() -> float:
        nonlocal told
        if told != (now := clock.now + clock.apart):
            redis.set(f"{prefix}:clock", repr(now))
            told = now
        return clock.now

    return RedisLedger(
        url, prefix=prefix, clock=turned, steady=clock, redis_time=f"{{redis.call('GET', '{prefix}:clock'), '0'}}"
    )
