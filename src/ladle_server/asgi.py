"""The site as an ASGI application: takes HTTP from uvicorn, gives Django's answers from a few shared threads.

Django gives each request a thread for as long as it lasts, so 200 clients that wait for a collection would be 200
threads. Here requests share a few lanes of one thread each, which also keep their database connections open.
A client that waits is a coroutine on the event loop; its lane serves others meanwhile. What is asked of a snapshot's
whole table holds its lane until it is answered, for seconds: such questions have lanes of their own. What is answered
at once, pages of rows above all, has lanes too that nothing else stands in, and one step of a thread for all of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from ladle_server.at_once import AtOnce, has_body

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")

QUICK_LANES, LANES, PATIENT_LANES = 4, 8, 16
"""Of the quick ones more would not be quicker: their threads compute, and Python lets one compute at a time."""
_WINDOW = {"_offset", "_limit", "_from", "_row", "_col"}
"""Keys of an address that say which part of the rows is wanted, not which rows."""
_OF_SNAPSHOT = re.compile(r"/(?:api/v1/)?snapshots/[^/]+(.*)")
_AT_ONCE = {"", "/", "/rows", "/rows/", "/columns", "/columns/", "/profile", "/profile/", ".json"}
"""What of a snapshot is there at once, as long as no rows are looked for."""
_QUICK = re.compile(r"/static/.+|/runs/now/?|/(?:api/v1/)?snapshots/.+")
"""What is answered at once, as long as it may not take long."""


class Lane(ThreadPoolExecutor):
    """One thread that does one thing after the other, and knows how much it has to do."""

    def __init__(self, name: str) -> None:
        super().__init__(max_workers=1, thread_name_prefix=name)
        self.pending = 0
        self.last_used = 0
        self._lock = Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call, as any executor does."""
        self._add(1)
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _done: self._add(-1))
        return future

    def _add(self, number: int) -> None:
        with self._lock:
            self.pending += number


def may_take_long(path: str, query: str) -> bool:
    """Whether a request may ask something of a snapshot's whole table.

    >>> may_take_long("/api/v1/snapshots/7f/rows", "_offset=40"), may_take_long("/snapshots/7f/", "_sort=mass")
    (False, True)
    """
    found = _OF_SNAPSHOT.fullmatch(path)
    return found is not None and (found[1] not in _AT_ONCE or not {key for key, _ in parse_qsl(query)} <= _WINDOW)


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
        quick: Sequence[Lane],
        lanes: Sequence[Lane],
        patient: Sequence[Lane],
    ) -> None:
        self._django, self._at_once = django, at_once
        self._quick, self._lanes, self._patient = quick, lanes, patient
        self._turn = count(1)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Any],
    ) -> None:
        """One request."""
        path, query = scope.get("path", ""), scope.get("query_string", b"").decode("latin-1")
        if is_quick(path, query) and not has_body(scope):
            lane = min(self._quick, key=lambda each: each.pending)
            if await self._at_once(scope, send, lane=lane):
                return
        lane = self._shared(self._patient if may_take_long(path, query) else self._lanes)
        async with ThreadSensitiveContext(executor=lane):
            await self._django(scope, receive, send)

    def _shared(self, lanes: Sequence[Lane]) -> Lane:
        """The lane that has least to do; of several, the one that was not given anything for longest."""
        lane = min(lanes, key=lambda each: (each.pending, each.last_used))
        lane.last_used = next(self._turn)
        return lane


def _whole_site() -> Callable[..., Any]:
    """Django with every view imported, so that the first visitor need not wait for that."""
    django = get_asgi_application()
    get_resolver().check()
    return django


def _lanes(name: str, number: int) -> list[Lane]:
    return [Lane(f"{name}-{each}") for each in range(number)]


application = Application(
    _whole_site(),
    at_once=AtOnce().serve,
    quick=_lanes("quick-lane", QUICK_LANES),
    lanes=_lanes("lane", LANES),
    patient=_lanes("patient-lane", PATIENT_LANES),
)
