"""What does an API say of its limits? Takes an answer's headers, gives what they ask for: always a reason to go slower.

Retry-After             seconds, or a date
X-RateLimit-Remaining   with -Limit and -Reset (also X-Rate-Limit-*, RateLimit-*): calls left until then
RateLimit               `"default";r=50;t=30`, or `limit=100, remaining=50, reset=50`
RateLimit-Policy        `"default";q=100;w=60`: so many calls in so many seconds

A reset is written in seconds from now, in seconds since 1970, in milliseconds since 1970, or as a date. They can't be
mistaken: no limit lasts thirty years. A moment is told against the API's own `Date`, so that a clock that goes wrong
on either side does no harm. What can't be read, or can't be meant, is as if it had not been sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

LONGEST_ASKED = 31 * 86400.0
"""Seconds: no window is longer, so neither is a wait that an API asks for; a number with too many digits is a slip."""

LONGEST_RESET = 86400.0
"""Seconds: a reset is not believed to be further away (or our own longest window away, if that is longer)."""

_FAMILIES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-")
_STANDARD = ("ratelimit", "ratelimit-policy", "ratelimit-limit")
_TELLING = frozenset({*(family + "remaining" for family in _FAMILIES), *_STANDARD})
"""Without any of these headers nothing is told."""
_SINCE_1970, _IN_MILLISECONDS = 1e9, 1e11
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)
_COUNT = re.compile(r"\d{1,15}", re.ASCII)


class Left(NamedTuple):
    """So many calls are left until `seconds` from now; None: it did not say until when."""

    calls: int
    seconds: float | None


class Policy(NamedTuple):
    """So many calls in so many seconds."""

    limit: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """All that one answer says."""

    left: tuple[Left, ...] = ()
    policies: tuple[Policy, ...] = ()

    @property
    def spent(self) -> bool:
        """A limit has no call left."""
        return any(each.calls == 0 for each in self.left)


NO_LIMITS = Limits()


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds that `Retry-After` asks for, given as seconds or as a date; None where it lacks or can't be read."""
    written = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", written, re.ASCII):
        return min(float(written), LONGEST_ASKED)
    moment = _moment(written)
    return None if moment is None else min(max(0.0, moment - now), LONGEST_ASKED)


def is_limit(status: int | None, headers: Mapping[str, str], *, now: float) -> bool:
    """Whether it means "not so fast": 429, a 403 that says when or that nothing is left, a 503 that says when.

    A 503 that says "at once" (0) is a fault like any other: it is no reason to wait for a window's end.
    """
    asked = retry_after(headers, now=now)
    if status == 403:
        return asked is not None or read(headers).spent
    return status == 429 or (status == 503 and bool(asked))


def until_reset(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds until every limit that has nothing left is set back; None where no header says so."""
    resets = [each.seconds for each in read(headers, now=now).left if each.calls == 0 and each.seconds]
    return max(resets, default=None)


def read(headers: Mapping[str, str], *, now: float = 0.0) -> Limits:
    """Everything but `Retry-After`. Header names in small letters; `now` in seconds since 1970."""
    if _TELLING.isdisjoint(headers):  # nearly every answer
        return NO_LIMITS
    clock = _moment(headers.get("date", ""))
    clock = now if clock is None else clock
    left = [each for family in _FAMILIES if (each := _family(headers, family, clock)) is not None]
    policies: list[Policy] = []
    for name in _STANDARD:
        for item in _items(headers.get(name, "")):
            if name == "ratelimit" and (told := _left(item.get("r"), item.get("t"), clock)) is not None:
                left.append(told)
            if (policy := _policy(item.get("q", item.get("")), item.get("w"))) is not None:
                policies.append(policy)
    left += _older_form(headers.get("ratelimit", ""), clock)
    return Limits(tuple(left), tuple(policies))


def _family(headers: Mapping[str, str], family: str, clock: float) -> Left | None:
    return _left(headers.get(family + "remaining"), headers.get(family + "reset"), clock)


def _older_form(written: str, clock: float) -> Iterator[Left]:
    """`limit=100, remaining=50, reset=50`."""
    parts = dict(re.findall(r"(\w+)\s*=\s*([\d.]+)", written, re.ASCII))
    if (told := _left(parts.get("remaining"), parts.get("reset"), clock)) is not None:
        yield told


def _items(written: str) -> Iterator[dict[str, str]]:
    """The items of a structured field's list, as names and values; a bare number has the name ""."""
    for item in re.findall(r'(?:"[^"]*"|[^,"])+', written[:4000]):
        bare, *parameters = [part.strip() for part in re.findall(r'(?:"[^"]*"|[^;"])+', item)] or [""]
        named = (parameter.partition("=") for parameter in parameters)
        yield {"": bare, **{name.strip(): value.strip() for name, _, value in named}}


def _left(calls: str | None, reset: str | None, clock: float) -> Left | None:
    if calls is None or not _COUNT.fullmatch(calls.strip()):
        return None
    return Left(int(calls), _seconds_until(reset.strip(), clock) if reset is not None else None)


def _policy(limit: str | None, seconds: str | None) -> Policy | None:
    if limit is None or seconds is None or not _COUNT.fullmatch(limit) or not _NUMBER.fullmatch(seconds):
        return None
    meant = int(limit) >= 1 and 0 < float(seconds) <= LONGEST_ASKED
    return Policy(int(limit), float(seconds)) if meant else None


def _seconds_until(written: str, clock: float) -> float | None:
    """From the moment of the answer; None when it can't be meant. A moment that has passed is 0."""
    moment = float(written) if _NUMBER.fullmatch(written) else _moment(written)
    if moment is None:
        return None
    if moment >= _IN_MILLISECONDS:
        return max(0.0, moment / 1000 - clock)
    return max(0.0, moment - clock) if moment >= _SINCE_1970 else moment


def _moment(written: str) -> float | None:
    """Seconds since 1970 of a date as HTTP writes it."""
    try:
        moment = parsedate_to_datetime(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None
