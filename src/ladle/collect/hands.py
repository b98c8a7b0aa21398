"""More hands for one run: what its driver needs to give other workers shares of it, what those need to take them.

    driver ── give ──→ a share: requests whose turn has come ──→ take ── helper
           ←─ look ──  taken by whom, over?                  ←── hold, done

Who may work on what is kept by whoever implements both; here nothing is known of a database. What helpers write lies in
the run's folder (`segment.py`); what they say is only a word, and the driver believes what is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from ladle.collect.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Requests of a run that another worker is to make, each once, as a first attempt."""

    fence: int
    """Of the driver that gave it: its helpers' segments are called by it."""
    number: int
    """From 1, of that driver."""
    requests: Sequence[Request]

    def to_json(self) -> str:
        """Its requests as a text."""
        rows = [
            (each.key, each.url, each.resource, each.role, each.position, each.reading,
             None if each.body is None else each.body.decode(), each.told_by)
            for each in self.requests
        ]  # fmt: skip
        return orjson.dumps(rows).decode()

    @classmethod
    def from_json(cls, text: str, *, fence: int, number: int) -> Share:
        """The share whose requests `to_json` wrote."""
        return cls(fence=fence, number=number, requests=tuple(map(_request, orjson.loads(text))))


def _request(row: Sequence[Any]) -> Request:
    key, url, resource, role, position, reading, body, told_by = row
    return Request(
        key=key, url=url, resource=resource, role=role, position=position, reading=reading,
        body=None if body is None else body.encode(), told_by=tuple(told_by),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How a share stands."""

    worker: str = ""
    """Who has taken it; empty while it waits."""
    over: bool = False
    """Nobody works on it, or will."""


class Hands(Protocol):
    """A driver's way to other workers, for one drive of one run. Calls may be cut off at any time."""

    async def clear(self) -> None:
        """Call back what earlier drivers gave, and wait until nobody works on it any more."""

    async def give(self, share: Share) -> None:
        """Offer a share."""

    async def look(self) -> Mapping[int, Standing]:
        """How the shares of this drive stand, by number."""

    async def take_back(self, numbers: Sequence[int]) -> None:
        """Call shares back: one that waits is over at once, one that is worked on when its helper has heard of it."""

    async def forget(self, numbers: Sequence[int]) -> None:
        """These are over, and their answers taken up."""


class Shares(Protocol):
    """A helper's way to the shares of one run."""

    async def take(self) -> Share | None:
        """The next share, to be held from now on; None where there is none for this helper."""

    async def hold(self) -> bool:
        """Go on with what was taken; False when any of it is not this helper's any more."""

    async def done(self, numbers: Sequence[int]) -> None:
        """These are over: what came of them is written down where the driver finds it."""
