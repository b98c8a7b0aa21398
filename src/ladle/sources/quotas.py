"""Quotas as people write them: takes `60 per minute, 10000 per day`, gives windows in seconds."""

from __future__ import annotations

import re

from ladle.errors import BadInput
from ladle.sources.source import Quota

SECONDS = {
    "ms": 0.001,
    "millisecond": 0.001,
    "s": 1.0,
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    # The longest month: whatever a calendar month's length, it never holds more than 31 days do.
    "month": 31 * 86400.0,
}
SECONDS |= {f"{unit}s": seconds for unit, seconds in SECONDS.items() if len(unit) > len("ms")}
_FORM = re.compile(r"(\d+(?:_\d+)*)\s*(?:per|/)\s*(\d+(?:\.\d+)?)?\s*([a-z]+)", re.ASCII)
MOST, LONGEST_WINDOW, MOST_WINDOWS = 10**12, 120 * SECONDS["month"], 16
"""Beyond these a quota is more likely a slip than a wish."""
LONGEST = 100
"""Letters of one window."""
REMEDY = 'Write it like "60 per minute", "60 per 6 seconds, 10000 per day" or "5 per 100 ms".'


def parse_quotas(text: str) -> tuple[Quota, ...]:
    """The windows of a text; an empty text or `none` means no limit. Raises BadInput that names the part.

    >>> [(quota.limit, quota.seconds) for quota in parse_quotas("60 per 6 seconds, 10000 per day")]
    [(60, 6.0), (10000, 86400.0)]
    """
    if text.strip().lower() in ("", "none"):
        return ()
    parts = text.split(",")
    if len(parts) > MOST_WINDOWS:
        raise BadInput(f"The quota has {len(parts):,} windows.", hint=f"Give {MOST_WINDOWS} at most.")
    return tuple(_parse_one(part.strip()) for part in parts)


def _parse_one(part: str) -> Quota:
    form = _FORM.fullmatch(part.lower()) if len(part) <= LONGEST else None
    seconds = SECONDS.get(form[3]) if form else None
    if form is None or seconds is None:
        raise BadInput(f'The quota "{_short(part)}" can\'t be read.', hint=REMEDY)
    limit, window = int(form[1]), float(form[2] or 1) * seconds
    if limit < 1 or window <= 0:
        raise BadInput(f'The quota "{part}" allows nothing.', hint=REMEDY)
    if limit > MOST or window > LONGEST_WINDOW:
        hint = f"At most {MOST:,} requests, in 120 months: beyond that, write none."
        raise BadInput(f'The quota "{part}" is beyond what can be counted.', hint=hint)
    return Quota(limit=limit, seconds=window, text=part)


def _short(part: str) -> str:
    return part if len(part) <= LONGEST else f"{part[:LONGEST]}…"
