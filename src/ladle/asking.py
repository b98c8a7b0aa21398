"""Asking an API a few questions outside a run: takes a source and a home, gives answers; each has its permit.

A preview and an inference spend the same quota as runs do, through the same gate, and ask by the same door. What was
answered lately can be remembered, so that a definition can be edited and its rows looked at without asking again.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ladle.collect.fetch import AGENT, USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate, QuotaWait, gate_name
from ladle.collect.ledgers import open_ledger
from ladle.collect.reach import reach_of
from ladle.collect.request import Request
from ladle.collect.retry import Answer, Failure
from ladle.errors import LadleError, UpstreamError
from ladle.home import Home
from ladle.sources.library import secret
from ladle.sources.source import Source

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a question may wait for the quota: somebody is looking on."""
LOOKED_ON = Bounds(whole=30.0)
"""An answer that takes longer is none to somebody who looks on."""
BESIDE = 2_048
"""Bytes that a remembered answer takes beside its body, about: its address, its headers."""


class NotAsked(LadleError):
    """The answer is not remembered, and nothing was to be asked."""


class Memory:
    """Good answers of the last while, in this process. It may be used by several threads.

    `seconds` is how long one is remembered, `size` how many bytes of bodies all of them have at most.
    """

    def __init__(
        self, *, seconds: float = 900.0, size: int = 32 * 1024 * 1024, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._size, self._clock = seconds, size, clock
        self._answers: dict[tuple[object, ...], tuple[float, Answer]] = {}
        self._held = 0
        """Bytes of all that is remembered, about."""
        self._lock = threading.Lock()

    def find(self, source: Source, request: Request) -> Answer | None:
        """The answer to the very same request, made in the same way; None where there is none or it is too old."""
        with self._lock:
            at, answer = self._answers.get(_way(source, request), (0.0, None))
            return answer if answer is not None and self._clock() - at < self._seconds else None

    def keep(self, source: Source, request: Request, answer: Answer) -> None:
        """Remember a good answer; the oldest are forgotten when they are too many."""
        if answer.status >= 300 or len(answer.body) + BESIDE > self._size:
            return
        with self._lock:
            self._forget(_way(source, request))
            self._answers[_way(source, request)] = (self._clock(), answer)
            self._held += len(answer.body) + BESIDE
            while self._held > self._size:
                self._forget(next(iter(self._answers)))

    def _forget(self, way: tuple[object, ...]) -> None:
        _, gone = self._answers.pop(way, (0.0, None))
        self._held -= len(gone.body) + BESIDE if gone is not None else 0


def _way(source: Source, request: Request) -> tuple[object, ...]:
    """Everything that decides what the API answers, and who may see it: what one who is trusted has reached, others may
    not. The credential is not among it, but where it is read from.
    """
    return request.url, request.body, source.auth, source.trusted, tuple(sorted(source.headers.items()))


@dataclass(slots=True)
class Asker:
    """Asks one API; `asked` counts the questions that went out."""

    _source: Source
    _fetcher: Fetcher
    _gate: Gate
    _memory: Memory | None
    _silent: bool
    asked: int = 0

    async def ask(self, request: Request) -> Answer | Failure:
        """One answer, whatever its status. Raises UpstreamError when the quota allows none in time."""
        if self._memory is not None and (remembered := self._memory.find(self._source, request)) is not None:
            return remembered
        if self._silent:
            raise NotAsked(f"{request.key} has not been asked for.", hint="Ask for it.")
        self.asked += 1
        try:
            outcome = await self._fetcher.fetch(request)
        except QuotaWait as wait:
            if self._gate.away:
                raise UpstreamError(self._gate.away, hint="Try again when it is back.") from wait
            hint = "Try again later, or look at what else uses the quota."
            raise UpstreamError(f"The quota allows no request within {PATIENCE:.0f} seconds.", hint=hint) from wait
        self._gate.told(outcome.status, outcome.headers, started=outcome.started)
        if self._memory is not None and isinstance(outcome, Answer):
            self._memory.keep(self._source, request, outcome)
        return outcome


@asynccontextmanager
async def asking(
    home: Home,
    source: Source,
    *,
    memory: Memory | None = None,
    silent: bool = False,
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
    patience: Callable[[], float | None] = lambda: PATIENCE,
) -> AsyncIterator[Asker]:
    """Ask inside the block; `silent`: only what `memory` holds, whatever else is asked for raises NotAsked.

    Raises SettingError where the source's key is not set, BadInput where its address must not be reached.
    """
    key = secret(source, env=env)
    if not silent:
        await asyncio.to_thread(reach_of(source, env).refuse, source.base_url)
    ledger = await asyncio.to_thread(open_ledger, home, env=env)
    gate = Gate(ledger, gate_name(source, key), quotas=source.quotas, pace=source.pace)
    try:
        fetcher = Fetcher(source, gate=gate, secret=key, agent=AGENT, patience=patience, bounds=bounds, env=env)
        async with fetcher:
            yield Asker(source, fetcher, gate, memory, silent)
    finally:
        await gate.aclose()
        ledger.shut()


def run_through(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work that asks, also where an event loop runs already; where none does, Ctrl-C ends it at once."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1, thread_name_prefix="ladle-ask") as pool:
        return pool.submit(asyncio.run, work).result()
