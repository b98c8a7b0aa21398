"""The price before the purchase: takes a source and a dataset, gives its calls, their quotas, and how long."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ladle.collect.outlook import time_for
from ladle.collect.parts import PlanPart
from ladle.collect.plan import Planner
from ladle.sources.source import Dataset, Source

LATENCY = 0.2
"""Seconds for one call: a guess, since nothing was asked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run will cost, known before it starts."""

    dataset: str
    """`swapi/people`."""
    title: str
    base_url: str
    total: int
    """Calls."""
    exact: bool
    """The number is sure; else it rests on what the API held when the definition was written."""
    seconds: float
    """How long the calls take with a quota that nobody else uses."""
    parts: tuple[PlanPart, ...]
    quotas: tuple[str, ...]
    pace: str
    key_setting: str | None
    """The environment variable that holds the key, or the client's id where that alone is not set; None: no key."""
    key_present: bool
    """Whether that variable is set, and every other that is needed (true where no key is needed)."""

    @property
    def told(self) -> bool:
        """False: of a part nobody has said how large it is, so that calls and time are the least."""
        return all(part.told for part in self.parts)


def price(source: Source, dataset: Dataset, *, env: Mapping[str, str] = os.environ) -> Plan:
    """The plan of a run that has not begun. Asks nobody."""
    return priced(source, dataset, Planner(source, dataset).parts(), env=env)


def priced(source: Source, dataset: Dataset, parts: Iterable[PlanPart], *, env: Mapping[str, str] = os.environ) -> Plan:
    """The plan that the parts of one make."""
    parts, auth = tuple(parts), source.auth
    total = sum(part.requests for part in parts)
    return Plan(
        dataset=f"{source.name}/{dataset.name}",
        title=f"{source.title}: {dataset.title}",
        base_url=source.base_url,
        total=total,
        exact=all(part.exact for part in parts),
        seconds=time_for(
            total, quotas=source.quotas, pace=source.pace, latency=LATENCY, concurrency=source.concurrency
        ),
        parts=parts,
        quotas=tuple(quota.text for quota in source.quotas),
        pace=source.pace,
        key_setting=auth.to_name(env) if auth else None,
        key_present=auth is None or not auth.lacking(env),
    )
