"""The worker that tells webhooks: takes its clerk at the database, makes the calls that are due, several at once.

Each worker has one beside the runs that it drives; with Celery the process of looks has it, in a thread of its own, so
that a receiver that takes its time holds up nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter

from ladle.errors import Unreachable
from ladle_server.catalog.clerk import Clerk, Closed, within
from ladle_server.catalog.discover import follow_others
from ladle_server.catalog.models import Webhook
from ladle_server.catalog.posting import calls

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0
FOLLOW = 5.0
"""Seconds between two looks for runs that a command line has ended."""
FOLLOWED = 20
GRACE = 2.0
PLACES = 8
"""Calls that are made at once."""
SHARE = 2
"""Of which one webhook has so many at most: a slow receiver is in nobody's way."""


class Poster:
    """Makes calls until told to stop."""

    def __init__(self, clerk: Clerk, *, stop: asyncio.Event) -> None:
        self._clerk, self._stop = clerk, stop
        self._making: set[asyncio.Task[None]] = set()
        self._at: Counter[int] = Counter()
        """Calls under way, by their webhook."""
        self._follow_at = 0.0

    async def work(self) -> None:
        """Until `stop`; calls under way then have GRACE seconds, and else are made again when their leases are over."""
        with contextlib.suppress(Closed):
            while not self._stop.is_set():
                await self._look()
                await within(self._stop.wait(), LOOK_EVERY)
        if self._making:
            await asyncio.wait(self._making, timeout=GRACE)
        for task in self._making:
            task.cancel()

    async def _look(self) -> None:
        try:
            if time.monotonic() >= self._follow_at:
                self._follow_at = time.monotonic() + FOLLOW
                await self._clerk.ask(_follow)
            while len(self._making) < PLACES and (call := await self._clerk.ask(calls.claim, but=self._full())):
                self._begin(call)
        except (Closed, asyncio.CancelledError):
            raise
        except Unreachable as error:
            log.debug("No look for deliveries: %s", error)
        except Exception:
            log.exception("A look for deliveries failed")

    def _full(self) -> list[int]:
        return [webhook for webhook, calls in self._at.items() if calls >= SHARE]

    def _begin(self, call: calls.Call) -> None:
        self._at[call.webhook] += 1
        task = asyncio.create_task(self._make(call))
        self._making.add(task)
        task.add_done_callback(self._making.discard)

    async def _make(self, call: calls.Call) -> None:
        try:
            await self._clerk.ask(calls.note, call, await calls.make(call))
        except Closed:
            log.warning("What came of the delivery %s could not be noted; it is made again.", call.key)
        except Exception:
            log.exception("The delivery %s failed", call.key)
        finally:
            self._at[call.webhook] -= 1


def _follow() -> None:
    """See what command lines did, where anybody wants to be told."""
    if Webhook.objects.filter(disabled_at=None).exists():
        follow_others(most=FOLLOWED)


async def post_for_ever() -> None:
    """For a thread of its own: until the process ends."""
    stop = asyncio.Event()
    with Clerk(stop=stop) as clerk:
        await Poster(clerk, stop=stop).work()
