"""The site as an ASGI application: takes HTTP from uvicorn, gives Django's answers from a few shared threads.

Django gives each request a thread for as long as it lasts, so 200 clients that wait for a collection would be 200
threads. Here requests share a few lanes of one thread each, which also keep their database connections open.
A client that waits is a coroutine on the event loop; its lane serves others meanwhile. What is asked of a snapshot's
whole table holds its lane until it is answered, for seconds: such questions have lanes of their own, so that pages of
rows never stand behind them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")

LANES, PATIENT_LANES = 8, 16
_WINDOW = {"_offset", "_limit", "_from", "_row", "_col", "_place"}
"""Keys of an address that say which part of the rows is wanted, not which rows."""
_OF_SNAPSHOT = re.compile(r"/(?:api/v1/)?snapshots/[^/]+?(|[/.].*)")
_AT_ONCE = re.compile(r"/?|/rows/?|/rows/[0-9]+(?:/|\.json)?|/columns/?|/profile/?|\.json|\.csv")
"""What of a snapshot is there at once, as long as no rows are looked for; a file's rows come step by step."""


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
    if found is None:
        return False
    return _AT_ONCE.fullmatch(found[1]) is None or not {key for key, _ in parse_qsl(query)} <= _WINDOW


class Application:
    """Django behind lanes: each request keeps to the lane of its kind that had least to do when it came."""

    def __init__(self, django: Callable[..., Any], lanes: Sequence[Lane], patient: Sequence[Lane]) -> None:
        self._django = django
        self._lanes, self._patient = lanes, patient
        self._turn = count(1)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Any],
    ) -> None:
        """One request."""
        takes_long = may_take_long(scope.get("path", ""), scope.get("query_string", b"").decode("latin-1"))
        lane = min(self._patient if takes_long else self._lanes, key=lambda each: (each.pending, each.last_used))
        lane.last_used = next(self._turn)
        async with ThreadSensitiveContext(executor=lane):
            await self._django(scope, receive, send)


def _whole_site() -> Callable[..., Any]:
    """Django with every view imported, so that the first visitor need not wait for that."""
    django = get_asgi_application()
    get_resolver().check()
    return django


def _lanes(name: str, number: int) -> list[Lane]:
    return [Lane(f"{name}-{each}") for each in range(number)]


application = Application(_whole_site(), _lanes("lane", LANES), _lanes("patient-lane", PATIENT_LANES))
