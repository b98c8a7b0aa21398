"""What follows from an attempt: takes what came of it and how many there were, gives what to do next; pure."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import ladle

WAITS = (10, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 21600)
"""Seconds before each attempt but the first: 10 s, 30 s, 2, 10, 30 min, 1, 2, 4, 6 and 6 h, nearly 20 h in all."""
LONGEST = max(WAITS)
GONE = "The receiver answered 410: it is gone. The webhook is disabled."


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What to do."""

    do: Literal["rest", "again", "give up", "disable"]
    """`rest`: it was delivered."""
    wait: float = 0.0
    """Seconds to the next attempt."""
    reason: str = ""
    """Why it failed, in words."""


def after(posted: ladle.Posted, *, tries: int, chance: float) -> Next:
    """What to do after attempt number `tries`, from 1; `chance` from 0 to 1 makes waits up to a fifth longer.

    >>> after(ladle.Posted(status=503, headers={"retry-after": "60"}), tries=1, chance=0.5).wait
    60.0
    """
    if posted.status is not None and 200 <= posted.status < 300:
        return Next(do="rest")
    if posted.status == HTTPStatus.GONE:
        return Next(do="disable", reason=GONE)
    reason = posted.reason or said(posted.status)
    if tries > len(WAITS):
        return Next(do="give up", reason=reason)
    wait = WAITS[tries - 1] * (1 + chance / 5)
    return Next(do="again", wait=max(wait, asked_for(posted.headers.get("retry-after", ""))), reason=reason)


def said(status: int | None) -> str:
    """A sentence about an answer that is none of success."""
    elsewhere = status is not None and 300 <= status < 400
    hint = " Redirects are not followed: give the address that it leads to." if elsewhere else ""
    return f"The receiver answered {status}.{hint}"


def asked_for(retry_after: str) -> float:
    """Seconds that a receiver wants to be left alone; a date or nonsense is none, and nobody is waited for longer."""
    text = retry_after.strip()
    return min(float(text), float(LONGEST)) if text.isascii() and text.isdecimal() and len(text) < 10 else 0.0
