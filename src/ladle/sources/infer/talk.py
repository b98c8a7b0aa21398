"""The questions of one inference: takes addresses, gives answers, and remembers what was seen on the way."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ladle.sources.infer.findings import Draft, Guess
from ladle.sources.infer.heard import Ask, Heard

T = TypeVar("T")
Steps = Generator[Ask, Heard, T]
"""Gives addresses, is sent what was heard, and ends with a result: no network and no clock in here."""

MOST = 30
"""Requests of one inference, at most: an API's root may name fifty collections."""


@dataclass(slots=True)
class Talk:
    """One inference under way."""

    base_url: str
    heard: list[Heard] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Requests that may still be made."""
        return max(0, MOST - len(self.heard))

    def ask(self, url: str, why: str) -> Steps[Heard]:
        """One request."""
        answer = yield Ask(url, why)
        self.heard.append(answer)
        return answer


@dataclass(slots=True)
class Work:
    """A draft with what it was made of."""

    draft: Draft
    url: str
    path: str
    """Under the base URL."""
    records: list[dict[str, Any]]
    pages: dict[str, Guess] = field(default_factory=dict)
    """How its further pages are asked for."""
