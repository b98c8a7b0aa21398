"""Schedules in words: takes what the API tells of one or of all, gives what a terminal says; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ladle.errors import BadInput
from ladle.site_words.lines import NOTHING, at, table

COLUMNS = ("id", "dataset", "when", "time zone", "next", "last")
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def said(do: str, told: Mapping[str, Any]) -> str:
    """What came of `add`, `list`, `pause`, `resume` or `remove`."""
    if do == "remove":
        return f"The schedule {told['id']} is removed. Its runs and snapshots stay."
    if do == "list":
        return table(COLUMNS, *(_line(each) for each in told["results"]))
    name = f"The schedule {told['id']} of {told['dataset']}"
    if told["paused"]:
        return f"{name} is paused. Go on with: ladle schedule resume {told['id']}"
    times = ", ".join(at(each, told["time_zone"]) for each in told["next"])
    return (
        f"{name}: {told['words']}, {told['time_zone']}. Due next: {times}.\n"
        "The runs are started by ladle serve, or ladle worker, while one of them is running."
    )


def daily(time: str) -> str:
    """The cron of a time of day; raises BadInput.

    >>> daily("6:30")
    '30 6 * * *'
    """
    found = _AT.fullmatch(time.strip())
    if found is None:
        problem = f'"{time.strip()[:50]}" is no time of day.'
        raise BadInput(problem, hint="Write hours and minutes, from 00:00 to 23:59.")
    return f"{int(found[2])} {int(found[1])} * * *"


def _line(told: Mapping[str, Any]) -> tuple[str, ...]:
    last, zone = (told["last"][0] if told["last"] else None), told["time_zone"]
    came = f"{last['outcome']} {at(last['told_at'], zone)}" if last else NOTHING
    coming = "paused" if told["paused"] else at(told["next"][0], zone) if told["next"] else "never"
    return (str(told["id"]), told["dataset"], told["cron"], zone, coming, came)
