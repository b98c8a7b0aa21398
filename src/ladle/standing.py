"""How much of each quota is left: takes sources and a home, asks its ledger, gives a line for each window."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ladle.collect.gate import gate_name
from ladle.collect.ledger import Ledger, MemoryLedger
from ladle.collect.ledgers import URL, open_ledger
from ladle.errors import SettingError
from ladle.home import Home, home_at
from ladle.sources.library import secret
from ladle.sources.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLeft:
    """One window of a source's quota, as it stands now for the key that is set."""

    source: str
    window: str
    """As people write it: `60 per minute`."""
    limit: int
    left: int
    """Requests."""


def quotas_left(
    sources: Iterable[Source], *, home: Home | str | Path | None = None, env: Mapping[str, str] = os.environ
) -> list[QuotaLeft]:
    """Of all windows that the sources' quotas have; none of a source whose key is not set, which can't be asked.

    Raises LadleError where the ledger can't be read.
    """
    place = home_at(home, env=env)
    # Who only looks makes no file: without one nothing was asked yet.
    is_there = bool(env.get(URL, "").strip()) or place.ledger.exists()
    ledger = open_ledger(place, env=env) if is_there else MemoryLedger()
    try:
        return [line for source in sources for line in _lines(source, ledger, env)]
    finally:
        ledger.shut()


def _lines(source: Source, ledger: Ledger, env: Mapping[str, str]) -> Iterator[QuotaLeft]:
    try:
        key = secret(source, env=env)
    except SettingError:
        return
    if source.quotas:
        for use in ledger.use(gate_name(source, key), quotas=source.quotas):
            yield QuotaLeft(source=source.name, window=use.text, limit=use.limit, left=max(0, use.limit - use.used))
