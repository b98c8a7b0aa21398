"""A quota for the definition: takes what answers' headers said of limits, gives a careful quota and why."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ladle.sources.infer.findings import Guess
from ladle.sources.infer.heard import Heard

CAREFUL = "60 per minute"
WINDOWS = ((1, "second"), (60, "minute"), (900, "15 minutes"), (3600, "hour"), (86_400, "day"))
_TELLING = re.compile(r"(?:x-)?rate-?limit(?:-[a-z-]+)?")
_LIMIT = re.compile(r"(?:x-)?rate-?limit-limit")
_RESET = re.compile(r"(?:x-)?rate-?limit-reset")


def quota_of(heard: Iterable[Heard], *, now: float) -> Guess:
    """The quota; `now` in seconds since 1970. What headers tell later narrows it anyway."""
    told = {name: value for each in heard for name, value in each.headers.items() if _TELLING.fullmatch(name)}
    if not told:
        return Guess(CAREFUL, "guess", "careful, since its headers tell no limit; its documentation may allow more")
    for name, value in told.items():
        policy = re.search(r"(?<![\w.])q=([1-9]\d{0,8})\s*;\s*w=([1-9]\d{0,6})(?!\d)", value)
        if policy:
            return Guess(f"{policy[1]} per {policy[2]} seconds", "certain", f"its header {name} says so")
    shown = [name for name in told if _LIMIT.fullmatch(name) or _RESET.fullmatch(name)] or list(told)[:2]
    said = ", ".join(f"{name}: {_short(told[name])}" for name in shown[:3])
    limit = next((int(value) for name, value in told.items() if _LIMIT.fullmatch(name) and _is_count(value)), None)
    left = next((_seconds(value, now) for name, value in told.items() if _RESET.fullmatch(name)), None)
    if not limit or left is None:
        return Guess(CAREFUL, "guess", f"careful; its headers say {said}")
    window = next((unit for seconds, unit in WINDOWS if left <= seconds + 1), None)
    if window is None:
        return Guess(CAREFUL, "guess", f"careful; its headers say {said}")
    return Guess(f"{limit} per {window}", "guess", f"the shortest window that fits what its headers say ({said})")


def _is_count(value: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d{0,8}", value.strip(), re.ASCII))


def _seconds(value: str, now: float) -> float | None:
    """Seconds until a reset that is told as such, or as a moment."""
    if not re.fullmatch(r"\d{1,13}(?:\.\d{1,6})?", value.strip(), re.ASCII):
        return None
    moment = float(value)
    moment = moment / 1000 if moment > 1e11 else moment
    return max(0.0, moment - now) if moment > 1e9 else moment


def _short(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable())[:60]
