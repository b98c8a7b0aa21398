"""What to do with what came back: takes an answer or a failure, gives a verdict; it decides and touches nothing.

keep        the answer is good
again       later, after `wait` seconds; a limit (429, or a 403 or 503 that says so) is not counted as an attempt
give up     this request becomes a gap, the run goes on and ends incomplete
stop        asking on is useless: the key is refused, the site can't be reached, its certificate has lapsed
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import orjson

from ladle.collect.limits import is_limit, retry_after, until_reset
from ladle.collect.reach import HINT
from ladle.sources.paging import AnswerError
from ladle.sources.said import meaning_of_status, words_of
from ladle.sources.source import Meaning, Source

ATTEMPTS = 5
"""How often one request is tried before it is given up, where its source says nothing else."""
LONGEST = 30.0
"""Seconds: the most that a wait between attempts grows to."""
PUT_OFF = 20
"""How many answers of 503 with Retry-After in a row, with no good one between, count as a limit and not as attempts:
a site that is down may say so for hours."""

Trouble = Literal[
    "unreachable",
    "certificate",
    "timeout",
    "broken",
    "unreadable",
    "too large",
    "elsewhere",
    "not allowed",
    "limited",
    "refused",
    "gone",
]
"""The last three are said inside an answer whose status is good."""
_TROUBLE: dict[Meaning, Trouble] = {"again": "unreadable", "limit": "limited", "refused": "refused", "gone": "gone"}


@dataclass(slots=True, kw_only=True)  # not frozen: there is one for each page, and a frozen one takes thrice the time
class Answer:
    """What the API sent back, whole and decompressed."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes
    started: float
    """When it was sent, after its permit; seconds since 1970."""
    took: float
    """Seconds until the body had come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No usable answer came: what kind of trouble, and the reason in words without any credential."""

    trouble: Trouble
    reason: str
    started: float
    took: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    said: bool = False
    """The API says so itself, in an answer whose status is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do now."""

    action: Literal["keep", "again", "give up", "stop"]
    reason: str = ""
    hint: str = ""
    wait: float = 0.0
    limited: bool = False
    """The API said that its limit is reached: the gate is to be closed for everyone."""
    retry_after: float | None = None
    """Seconds the API asked for; None where it didn't say."""
    exhausted: bool = False
    """Given up for trouble that may be the site's and not the request's own."""


KEEP = Verdict(action="keep")


def judge(
    outcome: Answer | Failure,
    *,
    attempt: int,
    source: Source,
    now: float,
    random: Callable[[], float],
    put_off: int = 0,
) -> Verdict:
    """The verdict on attempt number `attempt` (from 1). `random` gives numbers from 0 to 1 for the jitter.

    `put_off`: how many answers of 503 with Retry-After came before, with no good one since.
    """
    if isinstance(outcome, Failure):
        return _judge_failure(outcome, attempt, source, random, now)
    status = outcome.status
    means = source.retry.statuses.get(status)
    # 304 has the earlier answer's body, see kept.renewed.
    if means is None and (200 <= status < 300 or (status == 304 and outcome.body)):
        return KEEP
    reason = f"The API answered {status}{_told(outcome)}."
    asked = retry_after(outcome.headers, now=now)
    if means is not None:
        return _as_meant(means, reason, attempt, source, random, asked)
    if is_limit(status, outcome.headers, now=now) and (status != 503 or put_off < PUT_OFF):
        asked = asked or until_reset(outcome.headers, now=now) or asked
        told = "it is to be asked later" if status == 503 else "its limit is reached"
        # What is down for one request may be up for others' drivers: this one keeps its own time besides the gate's.
        wait = asked or 0.0 if status == 503 else 0.0
        return Verdict(action="again", reason=f"The API says that {told}.", wait=wait, limited=True, retry_after=asked)
    if status in (401, 403):
        return _refused(source, reason)
    if meaning_of_status(status) == "again":
        return _again_or(_give_up(reason), attempt, source, random, least=asked or 0.0)
    return _give_up(reason)


def refusal(outcome: Answer | Failure) -> int | None:
    """The status by which there is no such thing: an answer's own, or 404 for one that says so inside."""
    if isinstance(outcome, Answer):
        return outcome.status
    return 404 if outcome.trouble == "gone" and outcome.said else None


def unusable(answer: Answer, error: AnswerError) -> Failure:
    """An answer with a good status that can't be used, as the failure that it is."""
    return Failure(
        trouble=_TROUBLE[error.means],
        reason=error.message,
        started=answer.started,
        took=answer.took,
        status=answer.status,
        headers=answer.headers,
        said=error.said,
    )


def _judge_failure(failure: Failure, attempt: int, source: Source, random: Callable[[], float], now: float) -> Verdict:
    elsewhere = f"Where the API is reachable at another address, set {source.base_url_setting} (or --base-url) to it."
    if failure.trouble == "certificate":
        return Verdict(action="stop", reason=failure.reason, hint=elsewhere)
    if failure.trouble == "not allowed":
        return Verdict(action="stop", reason=failure.reason, hint=HINT)
    if failure.trouble == "unreachable":
        return _again_or(Verdict(action="stop", reason=failure.reason, hint=elsewhere), attempt, source, random)
    if failure.trouble == "limited":
        asked = retry_after(failure.headers, now=now)
        return Verdict(action="again", reason=failure.reason, limited=True, retry_after=asked)
    if failure.trouble == "refused":
        return _refused(source, failure.reason)
    if failure.trouble == "elsewhere":
        # A login page or a hotel's network sends every call away.
        return Verdict(action="give up", reason=failure.reason, exhausted=True)
    if failure.trouble in ("too large", "gone"):
        return _give_up(failure.reason)
    return _again_or(_give_up(failure.reason), attempt, source, random)


def _as_meant(
    means: Meaning, reason: str, attempt: int, source: Source, random: Callable[[], float], asked: float | None
) -> Verdict:
    """The verdict on a status whose meaning the definition tells."""
    if means == "again":
        return _again_or(_give_up(reason), attempt, source, random, least=asked or 0.0)
    if means == "limit":
        reached = "The API says that its limit is reached."
        return Verdict(action="again", reason=reached, limited=True, retry_after=asked)
    return _refused(source, reason) if means == "refused" else _give_up(reason)


def _give_up(reason: str) -> Verdict:
    return Verdict(action="give up", reason=reason)


def _again_or(
    end: Verdict, attempt: int, source: Source, random: Callable[[], float], *, least: float = 0.0
) -> Verdict:
    """Again with full jitter while attempts are left, else `end`.

    A wait drawn evenly from zero to a bound that doubles keeps clients that failed together from coming back together.
    """
    if attempt >= (source.retry.attempts or ATTEMPTS):
        return replace(end, exhausted=True)
    wait = max(least, random() * min(LONGEST, 0.5 * 2**attempt))
    return Verdict(action="again", reason=end.reason, wait=wait)


def _refused(source: Source, reason: str) -> Verdict:
    if source.auth:
        hint = f"Check the key in the environment variable {source.auth.env}."
        return Verdict(action="stop", reason=f"{source.title} refused the key. {reason}", hint=hint)
    return Verdict(
        action="stop",
        reason=f"{source.title} refused the call. {reason}",
        hint="It may want a key, or have shut you out.",
    )


def _told(answer: Answer) -> str:
    """What the API said of its own error, in short; nothing for a page of HTML."""
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    words = words_of(document)
    return f": {words}" if words else ""
