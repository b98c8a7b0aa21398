"""Writing down what came: takes a request and what came of it, gives the journal its entry, the tally its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from ladle.collect.child import barred_entry
from ladle.collect.journal import ASTRAY, Entry, Journal
from ladle.collect.progress import Tally, TroubleLine
from ladle.collect.request import PAST_END, Request, entry_of, past_end_entry
from ladle.collect.retry import Answer, Failure
from ladle.sources.paging import Page

NOTHING_THERE = Page([], None, None)
"""What is read in a page past the end."""


class Keeper:
    """Of one run. `kept` is told of each answer that was put into the journal, with what was read in it."""

    def __init__(self, journal: Journal, *, kept: Callable[[Entry, Page], None]) -> None:
        self.tally = Tally()
        self._journal, self._kept = journal, kept
        self._barred: set[str] = set()
        """Keys of the gaps without a request that the journal holds."""

    def answer(self, request: Request, answer: Answer, page: Page, *, attempt: int) -> None:
        """A good answer."""
        self._keep(entry_of(request, answer, kind="answer", attempt=attempt, records=len(page.records)), page)

    def past_end(self, request: Request, answer: Answer | Failure, *, attempt: int) -> None:
        """A page that the API refused since it has fewer by now: an answer that holds nothing."""
        entry = entry_of(request, answer, kind="answer", attempt=attempt, reason=PAST_END)
        self._keep(replace(entry, body=b""), NOTHING_THERE)

    def past_end_unasked(self, request: Request, *, at: float) -> None:
        """A page that turned out to lie past the end, though no call of its own said so."""
        entry = past_end_entry(request, at=at)
        self._journal.append(entry)
        self._kept(entry, NOTHING_THERE)

    def leading_astray(self, request: Request, answer: Answer, page: Page, *, attempt: int, reason: str) -> None:
        """A page whose records are good, though what it says of the next is no use: what follows it is a gap."""
        astray, number = ASTRAY + reason, len(page.records)
        entry = entry_of(request, answer, kind="answer", attempt=attempt, records=number, reason=astray)
        self._keep(entry, page)
        self.tally.gaps[f"what follows {request.key}"] = reason

    def refused(self, request: Request, outcome: Answer | Failure, *, attempt: int, reason: str) -> None:
        """A batch whose ids are asked for one by one."""
        self._write(entry_of(request, outcome, kind="trouble", attempt=attempt, reason=reason))
        self.tally.troubles.pop(request.key, None)

    def barred(self, request: Request, *, reason: str, at: float) -> None:
        """A request that can't be made: a gap that cost nothing."""
        if request.key not in self._barred:
            self._barred.add(request.key)
            self._journal.append(barred_entry(request, reason=reason, at=at))
        self.tally.gaps[request.key] = reason

    def known(self, gap: Entry) -> None:
        """A gap of the journal; one that cost no request is not written there a second time."""
        if not gap.attempt:
            self._barred.add(gap.key)

    def trouble(
        self, request: Request, outcome: Answer | Failure, *, attempt: int, reason: str, again_at: float | None = None
    ) -> None:
        """An attempt that failed, and when it is followed by another."""
        entry = entry_of(request, outcome, kind="trouble", attempt=attempt, reason=reason, again_at=again_at)
        self._write(entry)
        if again_at is not None:
            self.held(request, entry)

    def held(self, request: Request, trouble: Entry) -> None:
        """Show a request that is to be tried again; of an earlier driver's the journal has the attempt already."""
        self.tally.troubles[request.key] = TroubleLine(
            key=request.key,
            status=trouble.status,
            reason=trouble.reason,
            attempt=trouble.attempt,
            again_at=trouble.again_at or 0.0,
        )

    def gap(
        self,
        request: Request,
        outcome: Answer | Failure,
        *,
        attempt: int,
        reason: str,
        why: Literal["", "gone", "tired"] = "",
    ) -> None:
        """A request that is given up."""
        self._write(replace(entry_of(request, outcome, kind="gap", attempt=attempt, reason=reason), why=why))
        self._note_gap(request, reason)

    def taken_up(self, entry: Entry, page: Page) -> None:
        """A good answer that a helper wrote down."""
        self._count_elsewhere(entry)
        self._kept(entry, page)
        self.tally.kept(entry.status, entry.headers)
        self.tally.troubles.pop(entry.key, None)

    def failed_elsewhere(self, request: Request, entry: Entry) -> None:
        """An attempt of a helper that failed."""
        self._count_elsewhere(entry)
        if entry.again_at is not None:
            self.held(request, entry)
        else:
            self.tally.troubles.pop(request.key, None)

    def fell_elsewhere(self, request: Request, entry: Entry) -> None:
        """A batch that a helper gave up, whose ids are asked for one by one: the journal says so, as of one's own."""
        self._count_elsewhere(entry)
        self._journal.append(replace(entry, kind="trouble", attempt=0, again_at=None))
        self.tally.troubles.pop(request.key, None)

    def gap_elsewhere(self, request: Request, entry: Entry) -> None:
        """A request that a helper gave up, rightly."""
        self._count_elsewhere(entry)
        self._note_gap(request, entry.reason)

    def _note_gap(self, request: Request, reason: str) -> None:
        self.tally.gaps[request.key] = reason
        self.tally.troubles.pop(request.key, None)
        self.tally.done += 1

    def _count_elsewhere(self, entry: Entry) -> None:
        self.tally.attempts += 1
        self.tally.seconds += entry.took
        self.tally.requests += 1
        self.tally.came(entry.status)

    def forget_gaps(self, keys: Iterable[str]) -> None:
        """What was given up is still to be asked for: an outage makes no gaps."""
        for key in keys:
            self.tally.done -= self.tally.gaps.pop(key, None) is not None

    def _keep(self, entry: Entry, page: Page) -> None:
        """Durable first, then what follows from it."""
        self._write(entry)
        self._kept(entry, page)
        self.tally.kept(entry.status, entry.headers)
        self.tally.troubles.pop(entry.key, None)

    def _write(self, entry: Entry) -> None:
        """Into the journal, and counted."""
        self._journal.append(entry)
        self.tally.requests += 1
        self.tally.came(entry.status)
