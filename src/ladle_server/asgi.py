"""The site as an ASGI application: takes HTTP from uvicorn, gives Django's answers from a few shared threads.

Django gives each request a thread for as long as it lasts, so 200 clients that wait for a collection would be 200
threads. Here requests share a few lanes of one thread each, which also keep their database connections open.
A client that waits is a coroutine on the event loop; its lane serves others meanwhile. What is asked of a snapshot's
whole table holds its lane until it is answered, for seconds: such questions have lanes of their own. What is answered
at once, pages of rows above all, has lanes too that nothing else stands in, and one step of a thread for all of it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from itertools import count
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application

from ladle_server import bodies
from ladle_server.at_once import AtOnce, has_body
from ladle_server.for_now import AGAIN_AFTER
from ladle_server.lanes import Lane, QuickLane
from ladle_server.warm import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")

QUICK_LANES, LANES, PATIENT_LANES = 4, 8, 16
"""Of the quick ones more would not be quicker: their threads compute, and Python lets one compute at a time."""
_WINDOW = {"_offset", "_limit", "_from", "_row", "_col", "_place"}
"""Keys of an address that say which part of the rows is wanted, not which rows."""
_OF_SNAPSHOT = re.compile(r"/(?:api/v1/)?snapshots/[^/]+?(|[/.].*)")
_AT_ONCE = re.compile(r"/?|/rows/?|/rows/[0-9]+(?:/|\.json)?|/columns/?|/profile/?|\.json|\.csv")
"""What of a snapshot is there at once, as long as no rows are looked for; a file's rows come step by step."""
_QUICK = re.compile(r"/static/.+|/runs/now/?|/(?:api/v1/)?snapshots/.+(?<!\.csv)")
"""What is answered at once and in one piece, as long as it may not take long."""
_LIVE = re.compile(r"/api/v1/runs/[^/]+/events/?")
"""What begins at once, and then goes on without a thread."""


def may_take_long(path: str, query: str) -> bool:
    """Whether a request may ask something of a snapshot's whole table.

    >>> may_take_long("/api/v1/snapshots/7f/rows", "_offset=40"), may_take_long("/snapshots/7f/", "_sort=mass")
    (False, True)
    """
    found = _OF_SNAPSHOT.fullmatch(path)
    if found is None:
        return False
    if _AT_ONCE.fullmatch(found[1]) is None:
        return True
    # A key that is written otherwise is no window's.
    return bool(query) and not {pair.partition("=")[0] for pair in query.split("&")} <= _WINDOW


def is_quick(path: str, query: str) -> bool:
    """Whether a request, if it has no body, is answered at once.

    >>> is_quick("/api/v1/snapshots/7f/rows", "_offset=40"), is_quick("/api/v1/runs", "")
    (True, False)
    """
    return _QUICK.fullmatch(path) is not None and not may_take_long(path, query)


class Application:
    """Django behind lanes: each request keeps to the lane of its kind that had least to do when it came."""

    def __init__(
        self,
        django: Callable[..., Awaitable[None]],
        *,
        at_once: Callable[..., Awaitable[bool]],
        quick: Sequence[QuickLane],
        live: QuickLane,
        lanes: Sequence[Lane],
        patient: Sequence[Lane],
    ) -> None:
        self._django, self._at_once = django, at_once
        self._quick, self._live, self._lanes, self._patient = quick, live, lanes, patient
        self._turn = count(1)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Any],
    ) -> None:
        """One request. What Django could not answer is told as a problem, unless an answer has begun."""
        try:
            await self._answer(scope, receive, send)
        except BaseException as error:
            with suppress(RuntimeError):  # uvicorn's word for one that has
                await _tell(error, send)
            raise

    async def _answer(self, scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        path, query = scope.get("path", ""), scope.get("query_string", b"").decode("latin-1")
        quick = self._of_its_own(scope, path, query)
        if quick is not None and await self._at_once(scope, receive, send, lane=quick):
            return
        lane = self._shared(self._patient if may_take_long(path, query) else self._lanes)
        async with ThreadSensitiveContext(executor=lane):
            if has_body(scope):
                await bodies.within(self._django, scope, receive, send)
            else:
                await self._django(scope, receive, send)

    def _of_its_own(self, scope: dict[str, Any], path: str, query: str) -> QuickLane | None:
        """The lane of what is answered at once. A thousand streams that come together stand in one for them alone."""
        if _LIVE.fullmatch(path) and scope["method"] in ("GET", "HEAD"):
            return self._live  # whether or not it has a body, which nobody reads
        if is_quick(path, query) and not has_body(scope):
            return min(self._quick, key=lambda each: each.pending)
        return None

    def _shared(self, lanes: Sequence[Lane]) -> Lane:
        """The lane that has least to do; of several, the one that was not given anything for longest."""
        lane = min(lanes, key=lambda each: (each.pending, each.last_used))
        lane.last_used = next(self._turn)
        return lane


async def _tell(error: BaseException, send: Callable[..., Any]) -> None:
    if isinstance(error, asyncio.CancelledError):
        ending = "The server ends before it could answer. Ask the next one."
        await bodies.refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, ending, Retry_After=AGAIN_AFTER)
    else:
        await bodies.refuse(send, HTTPStatus.INTERNAL_SERVER_ERROR, "Ladle failed at this request; see its log.")


def _whole_site() -> Callable[..., Any]:
    """Django with everything at hand that the first visitor would wait for."""
    django = get_asgi_application()
    warm()
    return django


application = Application(
    _whole_site(),
    at_once=AtOnce().serve,
    quick=[QuickLane(f"quick-lane-{number}") for number in range(QUICK_LANES)],
    live=QuickLane("live-lane"),
    lanes=[Lane(f"lane-{number}") for number in range(LANES)],
    patient=[Lane(f"patient-lane-{number}") for number in range(PATIENT_LANES)],
)
