"""The site as an ASGI application: takes HTTP from uvicorn, gives Django's answers from a few shared threads.

Django gives each request a thread for as long as it lasts, so 200 clients that wait for a collection would be 200
threads. Here requests share a few lanes of one thread each, which also keep their database connections open.
A client that waits is a coroutine on the event loop; its lane serves others meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladle_server.settings")

LANES = 8


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


class Application:
    """Django behind lanes: each request keeps to the lane that had least to do when it came."""

    def __init__(self, django: Callable[..., Any], lanes: Sequence[Lane]) -> None:
        self._django = django
        self._lanes = lanes
        self._turn = count(1)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Any],
    ) -> None:
        """One request."""
        lane = min(self._lanes, key=lambda each: (each.pending, each.last_used))
        lane.last_used = next(self._turn)
        async with ThreadSensitiveContext(executor=lane):
            await self._django(scope, receive, send)


def _whole_site() -> Callable[..., Any]:
    """Django with every view imported, so that the first visitor need not wait for that."""
    django = get_asgi_application()
    get_resolver().check()
    return django


application = Application(_whole_site(), [Lane(f"lane-{number}") for number in range(LANES)])
