"""The price before the purchase: takes a source and a dataset, gives its calls, their quotas, and how long."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from ladle.collect.plan import Planner, PlanPart
from ladle.collect.outlook import time_for
from ladle.collect.quota import BURST, QuotaUse, leak, share_of
from ladle.sources.source import Dataset, Pace, Quota, Source

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
    """The environment variable that holds the key; None where no key is needed."""
    key_present: bool
    """Whether that variable is set (true where no key is needed)."""


def price(source: Source, dataset: Dataset, *, env: Mapping[str, str] = os.environ) -> Plan:
    """The plan of a run that has not begun. Asks nobody."""
    parts = tuple(Planner(source, dataset).parts())
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
        key_setting=source.auth.env if source.auth else None,
        key_present=source.auth is None or bool(env.get(source.auth.env, "").strip()),
    )


def time_left(
    calls: int, *, quotas: Sequence[Quota], uses: Sequence[QuotaUse], pace: Pace, latency: float, concurrency: int
) -> float:
    """Seconds for the calls that remain, by the window that holds them up the longest; never negative."""
    windows = zip(quotas, uses, strict=True)
    waits = [_window_left(calls, quota=quota, use=use, pace=pace) for quota, use in windows]
    return max([calls * latency / concurrency, *waits], default=0.0)


def _window_left(calls: int, *, quota: Quota, use: QuotaUse, pace: Pace) -> float:
    """Seconds that one window takes for so many calls: evenly spread, or window after window."""
    share = share_of(quota, pace=pace)
    if pace == "safe" and leak(quota) is not None:
        return max(0, calls - max(0, BURST - use.used)) * quota.seconds / share
    beyond = calls - max(0, share - use.used)
    return (use.frees_in or 0.0) + (ceil(beyond / share) - 1) * quota.seconds if beyond > 0 else 0.0
