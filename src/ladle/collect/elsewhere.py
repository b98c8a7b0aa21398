"""What follows from what a helper wrote? Takes a request that was lent and its entry, gives planner and queue theirs.

A helper judges what an answer is worth, as `retry.judge` says; whether a page that it gave up lies past the end, and
what is asked for instead of a batch, only the driver knows.
"""

from __future__ import annotations

from ladle.collect.entry import Entry
from ladle.collect.given import Follows
from ladle.collect.intake import NO_BATCH, Intake
from ladle.collect.keeper import NOTHING_THERE, Keeper
from ladle.collect.queue import Queue
from ladle.collect.request import Request, page_of
from ladle.collect.retry import Verdict
from ladle.collect.settling import REFUSED
from ladle.errors import UpstreamError


class Elsewhere:
    """Of one run: answers and failures of its helpers."""

    def __init__(self, planner: Follows, *, intake: Intake, queue: Queue, keeper: Keeper) -> None:
        self._planner, self._intake, self._queue, self._keeper = planner, intake, queue, keeper

    def taken_up(self, request: Request, entry: Entry) -> UpstreamError | None:
        """What a helper wrote of a request that it was lent: the error where going on is useless.

        Raises AnswerError, before anything is changed, where the answer leads astray.
        """
        if entry.kind == "answer":
            page = page_of(self._planner.source.resources[request.resource], entry)
            started, ended = entry.moments
            further = self._planner.answered(request, page, started=started, ended=ended)
            self._keeper.taken_up(entry, page)
            self._intake.go_on_from(request, further)
        elif entry.kind == "gap":
            return self._given_up(request, entry)
        else:
            self._keeper.failed_elsewhere(request, entry)
        return None

    def _given_up(self, request: Request, entry: Entry) -> UpstreamError | None:
        """What a helper gave up: past the end, a batch, or a gap, as what is known here has it."""
        status = entry.status if (entry.status or 0) >= 400 else 404 if entry.why == "gone" else None
        if self._intake.lies_past_end(request, status):
            further = self._planner.answered(request, NOTHING_THERE, started=entry.moments[0], ended=entry.moments[1])
            self._keeper.failed_elsewhere(request, entry)
            self._keeper.past_end_unasked(request, at=entry.moments[1])
            self._keeper.tally.kept(404, {})
            self._intake.go_on_from(request, further)
            return None
        if request.role in ("items", "lookups") and (status in NO_BATCH or entry.why == "gone"):
            further = self._planner.instead(request)
            if further:
                self._keeper.fell_elsewhere(request, entry)
                self._intake.go_on_from(request, further)
                return None
        self._keeper.gap_elsewhere(request, entry)
        self._queue.put(self._planner.given_up(request, refused=status in REFUSED))
        self._intake.note_what_is_not_asked()
        tired = Verdict(action="give up", reason=entry.reason, exhausted=entry.why == "tired")
        return self._intake.outage.given_up(request.key, tired)
