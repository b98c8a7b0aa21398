"""How far a run is: takes what the collector does, gives numbers that can be shown while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Literal, Self

import orjson

from ladle.collect.kept import is_validated

State = Literal["queued", "running", "waiting", "paused", "finishing", "complete", "incomplete", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("complete", "incomplete", "failed", "cancelled")
FINAL: tuple[State, ...] = ("complete", "incomplete", "cancelled")
"""States in which a run goes on no more; one that failed can be taken up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleLine:
    """A request whose last attempt failed and that is to be tried again."""

    key: str
    status: int | None
    reason: str
    attempt: int
    again_at: float | None
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """One window of the quota: calls that count in it now, of how many."""

    text: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """A request that was given up, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A run at one moment. Times are seconds since 1970, or None where they have not come."""

    run: str
    dataset: str
    state: State
    done: int = 0
    """Requests that were answered or given up."""
    total: int = 0
    """Requests of the whole run, as far as is known."""
    exact: bool = False
    """The total can't change any more."""
    records: int = 0
    claimed: int | None = None
    """How many records the API says there are."""
    unchanged: int = 0
    """Answers that the API said are still those of an earlier run."""
    requests: int = 0
    """Attempts that came back, each in the quota; none of the run that this one continues."""
    refused: int = 0
    """Of those, answers of 429."""
    gaps: tuple[GapLine, ...] = ()
    troubles: tuple[TroubleLine, ...] = ()
    quota: tuple[QuotaLine, ...] = ()
    next_call_in: float | None = None
    """Seconds until the quota allows the next call; None when it does now."""
    seconds_left: float | None = None
    workers: int = 1
    """How many collect at this moment."""
    created: float = 0.0
    started: float | None = None
    updated: float = 0.0
    ended: float | None = None
    wake_at: float | None = None
    """While waiting: when the next call can go."""
    reason: str = ""
    """Why it failed or is incomplete, who paused or cancelled it, or why the quota ledger can't be asked, in words."""
    snapshot: str | None = None
    built_in: float | None = None
    """Seconds from the last answer to the snapshot; None where there is none."""

    @property
    def is_over(self) -> bool:
        """Complete, incomplete, failed or cancelled."""
        return self.state in ENDED

    @property
    def share(self) -> float:
        """Done of total, from 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def asked_to_wait(self) -> bool:
        """While waiting: the API said when to come back, and it is not the quota that is spent."""
        return any(
            trouble.status != 429 and trouble.again_at is not None and abs(trouble.again_at - self.wake_at) < 1
            for trouble in self.troubles
            if self.wake_at is not None
        )

    def to_json(self) -> bytes:
        """One JSON object, as the API shows it."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read what `to_json` wrote."""
        told: dict[str, Any] = orjson.loads(text)
        told["gaps"] = tuple(GapLine(**line) for line in told["gaps"])
        told["troubles"] = tuple(TroubleLine(**line) for line in told["troubles"])
        told["quota"] = tuple(QuotaLine(**line) for line in told["quota"])
        return cls(**told)


@dataclass(slots=True)
class Tally:
    """What the collector counts as it goes, for a Progress to be made of."""

    done: int = 0
    requests: int = 0
    """Lines of the journal: every attempt that came back, of earlier drivers too."""
    attempts: int = 0
    """Answers and failures that came back in this process, for the mean time of one."""
    seconds: float = 0.0
    """Sum of the times they took."""
    made: int = 0
    """Attempts of this run itself, not of one that it continues."""
    refused: int = 0
    """Of those, answers of 429."""
    unchanged: int = 0
    """Answers that are still those of an earlier run."""
    validated: int = 0
    """Answers that a later run can ask about, since they came with an ETag or a date."""
    gaps: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, TroubleLine] = field(default_factory=dict)

    def came(self, status: int | None) -> None:
        """Count an attempt of this run."""
        self.made += 1
        self.refused += status == HTTPStatus.TOO_MANY_REQUESTS

    def kept(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Count an answer that is in the journal."""
        self.done += 1
        self.unchanged += status == 304
        self.validated += is_validated(headers)

    @property
    def latency(self) -> float:
        """Mean seconds of one call; a guess before the first."""
        return self.seconds / self.attempts if self.attempts else 0.2

    def gap_lines(self) -> tuple[GapLine, ...]:
        """The gaps in the order in which they were given up."""
        return tuple(GapLine(key=key, reason=reason) for key, reason in self.gaps.items())
