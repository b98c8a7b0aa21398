"""Asking an API a few questions outside a run: takes a source and a home, gives answers; each has its permit.

A preview and an inference spend the same quota as runs do, through the same gate, and ask by the same door.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ladle.collect.fetch import AGENT, USUAL, Bounds, Fetcher
from ladle.collect.gate import Gate, QuotaWait, gate_name
from ladle.collect.ledger_sqlite import SqliteLedger
from ladle.collect.request import Request
from ladle.collect.retry import Answer, Failure
from ladle.errors import UpstreamError
from ladle.home import Home
from ladle.sources.library import secret
from ladle.sources.source import Source

PATIENCE = 60.0
"""Seconds that a question may wait for the quota: somebody is looking on."""


@dataclass(slots=True)
class Asker:
    """Asks one API; `asked` counts the questions."""

    _fetcher: Fetcher
    _gate: Gate
    asked: int = 0

    async def ask(self, request: Request) -> Answer | Failure:
        """One answer, whatever its status. Raises UpstreamError when the quota allows none in time."""
        self.asked += 1
        try:
            outcome = await self._fetcher.fetch(request)
        except QuotaWait as wait:
            hint = "Try again later, or look at what else uses the quota."
            raise UpstreamError(f"The quota allows no request within {PATIENCE:.0f} seconds.", hint=hint) from wait
        self._gate.told(outcome.status, outcome.headers, started=outcome.started)
        return outcome


@asynccontextmanager
async def asking(
    home: Home,
    source: Source,
    *,
    env: Mapping[str, str] = os.environ,
    bounds: Bounds = USUAL,
    patience: Callable[[], float | None] = lambda: PATIENCE,
) -> AsyncIterator[Asker]:
    """Ask inside the block. Raises SettingError where the source's key is not set."""
    key = secret(source, env=env)
    ledger = SqliteLedger(home.ledger)
    gate = Gate(ledger, gate_name(source, key), quotas=source.quotas, pace=source.pace)
    try:
        fetcher = Fetcher(source, gate=gate, secret=key, agent=AGENT, patience=patience, bounds=bounds, env=env)
        async with fetcher:
            yield Asker(fetcher, gate)
    finally:
        await gate.aclose()
        ledger.shut()
