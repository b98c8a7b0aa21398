"""Webhooks in words: takes what the API tells of one, of all or of a call, gives what a terminal says; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ladle.site_words.lines import NOTHING, table

COLUMNS = ("id", "url", "datasets", "ends", "last")


def said(do: str, told: Mapping[str, Any]) -> str:
    """What came of `add`, `list`, `remove` or `test`."""
    if do == "remove":
        return f"The webhook {told['id']} is removed."
    if do == "list":
        return table(COLUMNS, *(_line(each) for each in told["results"]))
    if do == "add":
        return (
            f"The webhook {told['id']} tells {told['url']} of {', '.join(told['datasets'])}.\n"
            f"Its calls are signed with this secret, which is shown only now: {told['secret']}\n"
            f"Try it with: ladle webhooks test {told['id']}"
        )
    if did_not_arrive(told):
        return f"The call did not arrive. {told['reason']}"
    return f"The call arrived: the receiver answered {told['status']}."


def did_not_arrive(delivery: Mapping[str, Any]) -> bool:
    """Whether a call failed, so far or for good."""
    return bool(delivery["state"] != "delivered")


def _line(told: Mapping[str, Any]) -> tuple[str, ...]:
    last = told["last"]
    came = "disabled" if told["disabled"] else f"{last['type']} {last['state']}" if last else NOTHING
    return (str(told["id"]), told["url"], ", ".join(told["datasets"]), ", ".join(told["ends"]), came)
