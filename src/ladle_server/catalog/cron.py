"""Cron: takes the text of a schedule and its time zone, gives the times at which it is due, in UTC; pure.

Five fields (minute, hour, day of the month, month, day of the week) as Debian's cron reads them, or @hourly, @daily,
@weekly, @monthly. Where clocks are changed, Debian's rules hold too:

| | the hour that is left out | the hour that comes twice |
|---|---|---|
| minute and hour are said (`30 2 * * *`) | due once, when it is over (03:00) | due once, the first time |
| one of them begins with `*` (`30 * * * *`) | not due in it | due in both |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from cronsim import CronSim, CronSimError

from ladle.errors import BadInput
from ladle_server.zones import zone

NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
LONGEST = 200
"""Characters."""
SHOWN = 5
"""Times to come that are shown."""
_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_DAILY = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* \*")
_ANY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When something is due, as it was written."""

    text: str
    """`30 6 * * *` or `@daily`."""
    time_zone: str

    @property
    def fields(self) -> str:
        """The five fields."""
        return NAMED.get(self.text.lower(), self.text)

    @property
    def words(self) -> str:
        """The same as people say it: `At 06:30 every day`."""
        return CronSim(self.fields, _ANY).explain()

    @property
    def at(self) -> str:
        """The time of day of one that is due once every day, `06:30`; else empty."""
        daily = _DAILY.fullmatch(self.fields)
        return f"{int(daily[2]):02}:{int(daily[1]):02}" if daily else ""

    def after(self, then: datetime) -> Iterator[datetime]:
        """All times at which it is due after `then`, in order; it ends where fifty years hold no more."""
        # Within an hour that comes twice the parser knows of its first round alone, and may tell what is past.
        last = then.astimezone(UTC)
        for each in CronSim(self.fields, then.astimezone(zone(self.time_zone))):
            if (due := each.astimezone(UTC)) > last:
                yield (last := due)

    def next(self, then: datetime) -> datetime | None:
        """The first time after `then`; None where there is none."""
        return next(self.after(then), None)

    def coming(self, then: datetime, *, most: int = SHOWN) -> list[datetime]:
        """The first times after `then`, in the schedule's own time zone."""
        return [each.astimezone(zone(self.time_zone)) for each in islice(self.after(then), most)]


def read(text: str, *, time_zone: str, now: datetime) -> Cron:
    """The cron of a text; raises BadInput that names the field that is wrong, also for one that is never due."""
    words = " ".join(text.split())
    zone(time_zone)
    if words.startswith("@") and words.lower() not in NAMED:
        raise BadInput(f'There is no "{words[:50]}".', hint=f"There are {', '.join(NAMED)}, and cron's five fields.")
    cron = Cron(text=words.lower() if words.startswith("@") else words, time_zone=time_zone)
    parts = cron.fields.split()
    if len(words) > LONGEST:
        problem = f'"{words[:50]}…" is no cron expression: it has {len(words):,} characters, at most {LONGEST} fit.'
        raise BadInput(problem, hint="An example: 30 6 * * MON-FRI")
    if len(parts) != len(_FIELDS):
        problem = f'"{words}" is no cron expression: it has {len(parts)} fields, not 5.'
        raise BadInput(problem, hint="Write minute, hour, day of the month, month and day of the week: 30 6 * * *")
    try:
        first = cron.next(now)
    except CronSimError as error:
        raise BadInput(_wrong(words, parts, str(error)), hint="An example: 30 6 * * MON-FRI") from error
    if first is None:
        raise BadInput(f'"{words}" is never due.', hint="Look at its days and months.")
    return cron


def _wrong(words: str, parts: list[str], said: str) -> str:
    """What is wrong with which field, from the parser's `Bad day-of-month`."""
    field = said.removeprefix("Bad ")
    value = parts[_FIELDS.index(field)] if field in _FIELDS else words
    return f'"{words}" is no cron expression: "{value}" can\'t be its {field.replace("-", " ")}.'
