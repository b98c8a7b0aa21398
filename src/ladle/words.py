"""Figures as people say them, on terminal and page alike: takes seconds and numbers, gives "1 min 48 s" and "1 row"."""

from __future__ import annotations

_SPANS = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> plural(1, "row"), plural(1707, "row"), plural(2, "city", "cities")
    ('1 row', '1,707 rows', '2 cities')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Seconds as the two largest units that say something.

    >>> duration(0.13), duration(3.2), duration(108), duration(7500), duration(177_000)
    ('under 1 s', '3 s', '1 min 48 s', '2 h 5 min', '2 days 1 h')
    """
    if seconds < 1:
        return "under 1 s"
    left = round(seconds)
    parts: list[str] = []
    for size, one, many in _SPANS:
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {one if number == 1 else many}")
        elif parts:
            break
    return " ".join(parts[:2])


def waiting(until: str, left: float, *, asked: bool) -> str:
    """A run that waits: until when (a clock's time), how long, and why. `asked`: the API wants to be left alone.

    >>> waiting("14:05:00", 200, asked=False)
    'waiting for quota until 14:05:00, 3 min 20 s'
    """
    whom = "as the API asked" if asked else "for quota"
    return f"waiting {whom} until {until}" + (f", {duration(left)}" if left >= 1 else "")
