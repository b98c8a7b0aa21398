"""What a server keeps in its database: takes what is wanted of schedules, webhooks and deeds, gives what it tells.

The documents are the API's, and those that the same commands give of a home.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ladle.errors import Unreachable, UpstreamError
from ladle.remote.door import change, get, pages, place, post
from ladle.remote.server import Server
from ladle.remote.sources import shape
from ladle.sources.given import read_list

Told = Mapping[str, Any]
_PATIENCE = 60.0
"""Seconds until a call was made: it takes 25 itself, and its worker sees to others first."""
_PAUSE = 0.2


def listed(server: Server, what: str) -> Told:
    """All `schedules`, or all `webhooks`."""
    return _list(list(pages(server, place(what))))


def removed(server: Server, what: str, number: int) -> Told:
    """One of them is no more; raises NotFound."""
    change(server, "DELETE", place(what, str(number)))
    return {"id": number, "removed": True}


def add_schedule(
    server: Server,
    dataset: str,
    *,
    cron: str,
    time_zone: str | None,
    missed: str | None,
    parameters: Mapping[str, str],
) -> Told:
    """A dataset is collected by itself from now on. A parameter that is a list is the path of a file here."""
    known = shape(server, dataset.partition("/")[0])["parameters"] if parameters else []
    lists = {each["name"] for each in known if each["file"]} & parameters.keys()
    body: dict[str, Any] = {"dataset": dataset, "cron": cron}
    body |= {"time_zone": time_zone} if time_zone is not None else {}
    body |= {"missed": missed} if missed is not None else {}
    body |= {"parameters": {name: str(value) for name, value in parameters.items() if name not in lists}}
    body |= {"files": {name: read_list(Path(parameters[name]), blame="its parameter") for name in lists}}
    told: Told = post(server, place("schedules"), body, once=True)
    return told


def pause_schedule(server: Server, number: int, *, paused: bool) -> Told:
    """It rests, or goes on; raises NotFound."""
    told: Told = change(server, "PATCH", place("schedules", str(number)), {"paused": paused})
    return told


def add_webhook(server: Server, url: str, *, datasets: Sequence[str], ends: Sequence[str], site: str | None) -> Told:
    """An address is told when runs end; the document holds the secret, which no other answer does."""
    body = {"url": url, "datasets": list(datasets), "ends": list(ends), **({"site": site} if site else {})}
    told: Told = post(server, place("webhooks"), body, once=True)
    if told["secret"] is None:  # it was made by a request whose answer was lost
        hint = f"Add it anew, after: ladle webhooks remove {told['id']}"
        raise UpstreamError(f"The answer with the secret of the webhook {told['id']} did not arrive.", hint=hint)
    return told


def try_webhook(server: Server, number: int, *, patience: float = _PATIENCE) -> Told:
    """How a call went that tells of nothing; one of the server's workers makes it. Raises Unreachable where none does.

    Raises NotFound, and Conflict for a webhook that is disabled.
    """
    made: Told = post(server, place("webhooks", str(number), "test"))
    end = time.monotonic() + patience
    while made["told_at"] is None:
        if time.monotonic() > end:
            told = f"No worker of {server.address} has made the call within {patience:.0f} seconds."
            raise Unreachable(told, hint="See that one runs; the page of the webhook tells how it went.")
        time.sleep(_PAUSE)
        made = _delivery(server, number, made["id"]) or made
    return made


def deeds(server: Server, *, who: str, offset: int, limit: int) -> Told:
    """A part of the audit log, newest first, and how many there are in all."""
    asked = [*([("who", who)] if who else []), ("offset", str(offset)), ("limit", str(limit))]
    told = get(server, place("audit"), asked)
    return _list(told["results"], count=told["count"])


def _delivery(server: Server, webhook: int, delivery: int) -> Any:
    told = pages(server, place("webhooks", str(webhook), "deliveries"))
    return next((each for each in told if each["id"] == delivery), None)


def _list(results: Sequence[Any], *, count: int | None = None) -> Told:
    told = len(results) if count is None else count
    return {"count": told, "next": None, "previous": None, "results": list(results)}
