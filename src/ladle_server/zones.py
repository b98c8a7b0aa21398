"""Time zones: takes a name such as Europe/Zurich, gives the zone, from the machine's list or else from tzdata's."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from ladle.errors import BadInput

UTC = "UTC"


def zone(name: str) -> ZoneInfo:
    """The zone of that name; raises BadInput with what was probably meant.

    >>> zone("Europe/Zurich").key
    'Europe/Zurich'
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:  # OSError: it leads to a folder, or can't be a file's name
        meant = f" Did you mean {close}?" if (close := _close(name)) else ""
        problem = f'There is no time zone "{name[:100]}".{meant}'
        raise BadInput(problem, hint="Write it as Europe/Zurich, America/New_York or UTC.") from error


def _close(name: str) -> str:
    """A zone whose city is that, or nearly."""
    cities = {each.rpartition("/")[2].lower(): each for each in sorted(available_timezones())}
    found = get_close_matches(name[:50].rpartition("/")[2].lower().replace(" ", "_"), cities, n=1)
    return cities[found[0]] if found else ""
