"""Takes numbers and times, gives the words and figures that people read: "1 min 48 s", "6.1 kB", "2 hours ago"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ladle.words import duration, plural

_AGES = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))
_DID = {
    "make": "made",
    "send": "sent",
    "set": "set",
    "cancel": "cancelled",
    "retry": "retried",
    "infer": "inferred",
    "log": "logged",
    "failed": "failed",
    "was": "was",
}
_WINDOWS = {"minute": "This minute", "hour": "This hour", "day": "Today", "month": "This month"}


def about(seconds: float) -> str:
    """A duration that is an estimate.

    >>> about(0.2), about(165)
    ('under 1 s', 'about 2 min 45 s')
    """
    return duration(seconds) if seconds < 1 else f"about {duration(seconds)}"


def took(seconds: float) -> str:
    """How long one request took, in milliseconds up to ten seconds.

    >>> took(0.1314), took(12.34)
    ('131 ms', '12.3 s')
    """
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"


def ago(then: datetime, *, now: datetime) -> str:
    """The age of a moment in its largest unit.

    >>> ago(datetime(2026, 11, 21, 10), now=datetime(2026, 11, 21, 12, 1))
    '2 hours ago'
    """
    seconds = (now - then).total_seconds()
    for size, unit in _AGES:
        if seconds >= size:
            return f"{plural(int(seconds // size), unit)} ago"
    return "just now"


def done(deed: str) -> str:
    """What the audit log calls a deed, as people say it of somebody who has done it.

    >>> done("start a run"), done("change a schedule"), done("log in"), done("was refused")
    ('started a run', 'changed a schedule', 'logged in', 'was refused')
    """
    verb, _, rest = deed.partition(" ")
    return f"{_DID.get(verb) or verb + ('d' if verb.endswith('e') else 'ed')} {rest}"


def of_one_minute(times: Iterable[datetime]) -> bool:
    """Whether two of these times read the same without their seconds."""
    minutes = [each.replace(second=0, microsecond=0) for each in times]
    return len(set(minutes)) < len(minutes)


def size(number: int) -> str:
    """Bytes in powers of a thousand.

    >>> size(812), size(6_100), size(2_340_000)
    ('812 bytes', '6.1 kB', '2.3 MB')
    """
    if number < 1000:
        return plural(number, "byte")
    value = float(number)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


def window(text: str) -> str:
    """A quota's window as a label for its meter; a window of another length keeps the quota's own text.

    >>> window("60 per minute"), window("100 per 15 minutes")
    ('This minute', '100 per 15 minutes')
    """
    match = re.fullmatch(r"[\d,]+ per (\w+)", text)
    return _WINDOWS.get(match[1], text) if match else text


def grouped(text: str) -> str:
    """A quota's text with thousands apart.

    >>> grouped("60 per minute"), grouped("1000000 per month")
    ('60 per minute', '1,000,000 per month')
    """
    return re.sub(r"\d{4,}", lambda match: f"{int(match[0]):,}", text)


def share(part: float) -> str:
    """A part of one as a percentage with one decimal.

    >>> share(11 / 82), share(0.00004), share(0)
    ('13.4%', 'under 0.1%', '0.0%')
    """
    return "under 0.1%" if 0 < part < 0.0005 else f"{part * 100:.1f}%"


def figure(value: float) -> str:
    """A number of a profile, short: at most four significant digits after the point is reached.

    >>> figure(66), figure(97.3116883), figure(1358000), figure(0.00012345)
    ('66', '97.31', '1,358,000', '0.0001234')
    """
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
