"""The one door to Redis: takes a gate and how much of its log is known, gives what is new; or has events appended.

    log of a gate    events, numbered from 1, each with the mark of the step that it came in
    checkpoint       a gate's whole state as of an event, so that older events can go

All of it is one script (`ledger.lua`), which Redis runs whole and alone: "append these if the log still ends where I
know it to end, else give me what is new". A process that is killed leaves nothing half done, and nothing held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import urlsplit

from redis import ConnectionPool, Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from ladle.collect.ledger import LedgerAway
from ladle.collect.permits import HOUR, MAX_HOLD, MONTH, STRETCH, Event, Kind
from ladle.errors import LadleError, SettingError

SCRIPT = Path(__file__).with_name("ledger.lua").read_text("utf-8")
REDIS_TIME = "redis.call('TIME')"
"""The script's clock: a Lua expression for seconds and microseconds."""

KEPT = ceil(MONTH * STRETCH + MAX_HOLD + HOUR)
"""Seconds after its last event for which a gate is kept: nothing that counts in any window is older."""

PASSING = ("BUSY", "CLUSTERDOWN", "FAILOVER", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY")
"""Refusals of a server that is not itself for a while."""

REFUSALS = exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError

Verdict = Literal["done", "new", "whole", "lost", "early", "turn"]


class Place(NamedTuple):
    """How far a log is known."""

    life: str = ""
    """Of which log: a Redis that lost everything begins another."""
    seq: int = 0
    mark: str = ""
    """Of the step that brought the event `seq`: after a Redis lost some events, another has that number."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What Redis said.

    done: it is appended (or there was nothing to append), and nothing is new. new: these events came after the place.
    whole: all there is, a checkpoint and the events since. lost: that too, but what was known is not part of it. early:
    the time decided with has not come. turn: another process goes first.
    """

    verdict: Verdict
    time: float
    """Redis's, in seconds since 1970."""
    place: Place
    """Where the log ended when it was looked at."""
    base: Place
    """Where its checkpoint is."""
    checkpoint: str
    events: tuple[tuple[str, Event], ...]
    """Each with its step's mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """A step to be written down."""

    clock: float
    """Redis's time that was decided with: it must have come."""
    to: Place
    """Where the log ends afterwards."""
    events: Sequence[Event] = ()
    checkpoint: str = ""
    eager: bool = False
    """A race was lost: where another is lost, let this process go next."""


class RedisLog:
    """The logs of all gates below a prefix. A connection is made when it is needed, and again when it broke."""

    def __init__(self, url: str, *, prefix: str, me: str, timeout: float, time: str = REDIS_TIME) -> None:
        self.shown = shown(url)
        self._prefix, self._me = prefix, me
        try:
            pool = ConnectionPool.from_url(
                url,
                decode_responses=True,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                retry=Retry(NoBackoff(), 0),
            )
        except (ValueError, TypeError) as error:
            raise SettingError(f'The quota ledger\'s address is "{self.shown}".', hint=HINT) from error
        self._redis = Redis(connection_pool=pool)
        self._script = self._redis.register_script(SCRIPT.replace("@TIME@", time))

    def look(self, gate: str, place: Place) -> Heard:
        """What is new, and the time."""
        return self.append(gate, place, Append(clock=0.0, to=place))

    def append(self, gate: str, place: Place, step: Append) -> Heard:
        """Write a step down if the log still ends at `place`. LedgerAway when Redis can't be reached or won't now."""
        head = (*place, repr(step.clock), self._me, "1" if step.eager else "", *step.to, KEPT, step.checkpoint)
        entries = [
            f"{step.to.mark}\t{kind}\t{permit}\t{at!r}\t{now!r}" for kind, permit, at, now in map(tuple, step.events)
        ]
        keys = [f"{self._prefix}:{{{gate}}}:log", f"{self._prefix}:{{{gate}}}:head"]
        return _heard(self._call(partial(self._script, keys=keys, args=[*head, *entries])))

    def shut(self) -> None:
        """Let go of the connections."""
        self._redis.close()
        self._redis.connection_pool.disconnect()

    def _call(self, work: Callable[[], Any]) -> Any:
        """Redis's answer, its errors in Ladle's words. A connection that had died unnoticed is made anew, once."""
        try:
            try:
                return work()
            except REFUSALS:
                raise  # of the first two the library makes connections that broke
            except exceptions.ConnectionError:
                return work()
        except exceptions.RedisError as error:
            raise self._told(error) from error

    def _told(self, error: exceptions.RedisError) -> LadleError:
        why = str(error).rstrip(".")
        if isinstance(error, REFUSALS):
            hint = "Set the user and password in LADLE_QUOTA_URL: redis://user:password@host:6379/0."
            return SettingError(f"The quota ledger {self.shown} refuses: {why}.", hint=hint)
        code = getattr(error, "status_code", None) or why.partition(" ")[0]
        if isinstance(error, exceptions.ResponseError) and code not in PASSING:
            hint = "LADLE_QUOTA_URL must name a Redis 7 or a Valkey, not a cluster, that runs scripts."
            return SettingError(f"The quota ledger {self.shown} refuses: {why}.", hint=hint)
        return LedgerAway(f"The quota ledger {self.shown} can't be reached: {why}.")


HINT = "Set LADLE_QUOTA_URL to redis://host:6379/0 or rediss://user:password@host:6380/0, or leave it out."


def shown(url: str) -> str:
    """An address without what is secret in it.

    >>> shown("redis://:open-sesame@redis:6379/0")
    'redis://redis:6379/0'
    """
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "one that can't be read"


def _heard(answer: Any) -> Heard:
    seconds, micros, verdict, life, seq, mark, base, base_mark, checkpoint, entries = answer
    return Heard(
        verdict=cast(Verdict, verdict),
        time=float(seconds) + float(micros) / 1_000_000,
        place=Place(life, int(seq), mark),
        base=Place(life, int(base), base_mark),
        checkpoint=checkpoint,
        events=tuple(map(_event, entries)),
    )


def _event(entry: str) -> tuple[str, Event]:
    mark, kind, permit, at, now = entry.split("\t")
    return mark, Event(cast(Kind, kind), permit, float(at), float(now))
