"""The one thread of a worker that asks the database: takes calls from its event loop, gives what they give.

Where the database is away, a call is made again every second until it is back, or until the worker is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from django.db import connections

from ladle_server.catalog.reaching import AWAY, fresh

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
AGAIN = 1.0
"""Seconds between two tries to reach the database."""


class Closed(Exception):
    """The worker is told to stop while the database is away."""


class Clerk:
    """One call after the other, for a `with` block of an event loop that ends when `stop` is set."""

    def __init__(self, *, stop: asyncio.Event) -> None:
        self._stop = stop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._away = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(connections.close_all)
        self._thread.shutdown()

    async def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the call gives, as soon as the database answers; raises what it raises, and Closed."""
        while True:
            try:
                answer = await self._once(partial(call, *args, **kwargs))
            except AWAY as error:
                self._note(error)
                if self._stop.is_set():
                    raise Closed from error
                await within(self._stop.wait(), AGAIN)
            else:
                self._note(None)
                return answer

    async def try_(self, call: Callable[[Any], T], value: Any, *, seconds: float) -> T | None:
        """What the call gives; None where the database does not answer within so many seconds."""
        try:
            # Not wait_for: where a call ends in the moment in which this is cancelled, Python 3.11's goes on as if not.
            async with asyncio.timeout(seconds):
                return await self._once(partial(call, value))
        except (*AWAY, TimeoutError) as error:
            self._note(error)
            return None

    def leave(self, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Have a call made whose answer nobody needs; where the database is away, it is not made."""
        self._thread.submit(partial(fresh, call, *args, **kwargs)).add_done_callback(_heard)

    async def _once(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, fresh, call)

    def _note(self, error: Exception | None) -> None:
        if (error is not None) is self._away:
            return
        self._away = error is not None
        if error is not None:
            log.warning("The database is away (%s); Ladle goes on when it is back.", " ".join(str(error).split()))
        else:
            log.warning("The database is back.")


def _heard(done: Future[object]) -> None:
    if (error := done.exception()) is not None and not isinstance(error, AWAY):
        log.error("The database did not take a run's state.", exc_info=error)


async def within(waiting: Coroutine[Any, Any, object], seconds: float) -> None:
    """Wait, but not longer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await waiting
