"""What follows from what came? Takes a request and its outcome, gives the journal, the planner and the queue theirs.

What it is worth is `retry.judge`'s to say. Everything that comes back is in the journal before anything is made of it;
what the journal holds from an earlier driver is taken up the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from ladle.collect.gate import Gate
from ladle.collect.given import Follows
from ladle.collect.journal import Entry
from ladle.collect.keeper import NOTHING_THERE, Keeper
from ladle.collect.outage import Outage
from ladle.collect.queue import Queue
from ladle.collect.request import Request, is_leftover, page_of, request_of, shape_of
from ladle.collect.retry import Answer, Failure, Verdict, judge, refusal, unusable
from ladle.collect.settling import REFUSED
from ladle.errors import UpstreamError
from ladle.sources.paging import AnswerError, Page, read_answer

NO_BATCH = frozenset({*REFUSED, 410, 413, 414})
"""How APIs refuse a batch: an id of it is none, or they are too many."""


class Intake:
    """Of one run. `chance` gives numbers from 0 to 1, by which repeats are spread."""

    def __init__(
        self,
        planner: Follows,
        *,
        queue: Queue,
        keeper: Keeper,
        gate: Gate,
        clock: Callable[[], float],
        chance: Callable[[], float],
        since: float = 0.0,
    ) -> None:
        self._planner, self._queue, self._keeper, self._gate = planner, queue, keeper, gate
        self._tally, self._clock, self._chance, self._since = keeper.tally, clock, chance, since
        self._put_off = 0
        """Answers of 503 in a row that said when to come back."""
        self.outage = Outage(planner.source.title)

    def replay(self, entries: Iterable[Entry]) -> None:
        """Take up what the journal holds; of requests that were given up, each has another chance."""
        self._planner.replaying = True
        self._queue.put(self._planner.begin())
        for entry in entries:
            self._replayed(entry)

    def replay_left(self, entry: Entry) -> bool:
        """Take up what a helper of an earlier driver left, which no planner has seen; False where it is of no use."""
        try:
            self._replayed(entry)
        except AnswerError:
            return False
        return True

    def go_on(self) -> None:
        """The journal was replayed to its end."""
        self._queue.put(self._planner.go_on())
        self.note_what_is_not_asked()

    def _replayed(self, entry: Entry) -> None:
        request = request_of(entry)
        good = entry.kind == "answer" and not entry.leads_astray
        if good and not is_leftover(request) and not self._queue.is_closed(request):
            self._take_up(request, entry)  # first, since it may turn out to be of no use
        if good:
            self._queue.close(request)
        self._count(entry)
        if entry.again_at is not None and entry.again_at > self._clock():
            self._queue.hold(request, entry)
        if entry.kind == "gap":
            self.outage.excuse(entry.key)
            self._keeper.known(entry)
        if fell(entry):
            self._planner.note_refused(request)

    def _count(self, entry: Entry) -> None:
        self._tally.requests += entry.attempt > 0
        if entry.attempt > 0 and entry.started >= self._since:
            self._tally.came(entry.status)

    def _take_up(self, request: Request, entry: Entry) -> None:
        """An answer of the journal. Raises AnswerError, before anything is changed, where it leads astray."""
        page = page_of(self._planner.source.resources[request.resource], entry)
        started, ended = entry.moments
        further = self._planner.answered(request, page, started=started, ended=ended)
        self.outage.lives()
        self._tally.kept(entry.status, entry.headers)
        self._queue.put(further)

    def take(self, request: Request, outcome: Answer | Failure, *, attempt: int) -> UpstreamError | None:
        """Judge what came back, put it into the journal, go on from there; the error where going on is useless."""
        self._tally.attempts += 1
        self._tally.seconds += outcome.took
        self._gate.told(outcome.status, outcome.headers, started=outcome.started)
        verdict = self._judge(outcome, attempt)
        if outcome.status is not None:
            self._put_off = self._put_off + 1 if outcome.status == 503 else 0
        if verdict.action == "keep" and isinstance(outcome, Answer):
            answer, page = outcome, None
            try:
                page = self._read(request, answer)
                self._keep(request, answer, page, attempt)
            except AnswerError as error:
                outcome = unusable(answer, error)
                verdict = self._judge(outcome, attempt)
                if (
                    page is not None
                    and verdict.action == "give up"
                    and self._keep_alone(request, answer, page, error, attempt)
                ):
                    return None
        # Only now: a key may be refused, or a site down, in an answer whose status is good.
        self._queue.proved = self._queue.proved or verdict.action in ("keep", "give up")
        return None if verdict.action == "keep" else self._handle(request, outcome, verdict, attempt)

    def _judge(self, outcome: Answer | Failure, attempt: int) -> Verdict:
        return judge(
            outcome,
            attempt=attempt,
            source=self._planner.source,
            now=self._clock(),
            random=self._chance,
            put_off=self._put_off,
        )

    def _read(self, request: Request, answer: Answer) -> Page:
        """A good answer's records. Raises AnswerError where it can't be used."""
        resource = shape_of(self._planner.source.resources[request.resource], request.role)
        return read_answer(resource, answer.body, answer.headers)

    def _keep(self, request: Request, answer: Answer, page: Page, attempt: int) -> None:
        """A good answer. Raises AnswerError, before anything is written, where it leads astray."""
        further = self._planner.answered(request, page, started=answer.started, ended=answer.started + answer.took)
        self._keeper.answer(request, answer, page, attempt=attempt)
        self.go_on_from(request, further)

    def _keep_alone(self, request: Request, answer: Answer, page: Page, astray: AnswerError, attempt: int) -> bool:
        """A page that leads astray at every attempt has records all the same: what follows it is the gap."""
        self._planner.lost_behind(request)
        try:
            ended = answer.started + answer.took
            further = self._planner.answered(request, alone(page), started=answer.started, ended=ended)
        except AnswerError:
            return False
        self._keeper.leading_astray(request, answer, page, attempt=attempt, reason=astray.message)
        self._queue.proved = True
        self.go_on_from(request, further)
        return True

    def _is_past_end(self, request: Request, outcome: Answer | Failure) -> bool:
        """Whether it is refused since it lies past the end."""
        return self.lies_past_end(request, refusal(outcome))

    def lies_past_end(self, request: Request, status: int | None) -> bool:
        """Whether a request that is refused with a status is for a page past the end."""
        ends = self._planner.source.resources[request.resource].paging.end
        return (status in REFUSED or status in ends) and self._planner.is_past_end(request, status)

    def _keep_past_end(self, request: Request, answer: Answer | Failure, attempt: int) -> None:
        """A page that the API refuses since it has fewer by now."""
        ended = answer.started + answer.took
        further = self._planner.answered(request, NOTHING_THERE, started=answer.started, ended=ended)
        self._keeper.past_end(request, answer, attempt=attempt)
        self.go_on_from(request, further)

    def go_on_from(self, request: Request, further: Iterable[Request]) -> None:
        """What follows from an answer that was kept."""
        self._queue.close(request)
        self.outage.lives()
        self._queue.put(further)
        self.note_what_is_not_asked()

    def note_what_is_not_asked(self) -> None:
        """Write down which pages turned out to lie past the end, though no call of their own said so.

        And which children can't be asked for.
        """
        for request in self._planner.take_past():
            if self._queue.close(request):
                self._keeper.past_end_unasked(request, at=self._planner.now)
            self._tally.gaps.pop(request.key, None)
        for child in self._planner.take_barred():
            self._keeper.barred(child.request, reason=child.barred, at=self._clock())

    def _handle(
        self, request: Request, outcome: Answer | Failure, verdict: Verdict, attempt: int
    ) -> UpstreamError | None:
        """Anything but a good answer."""
        now, reason = self._clock(), verdict.reason
        if verdict.limited:
            self._gate.closed_by(verdict.retry_after)
        if verdict.action == "again":
            again_at = now + verdict.wait
            self._keeper.trouble(request, outcome, attempt=attempt, reason=reason, again_at=again_at)
            self._queue.again(request, attempt=attempt if verdict.limited else attempt + 1, at=again_at)
        elif self._is_past_end(request, outcome):
            self._keep_past_end(request, outcome, attempt)
        elif verdict.action == "stop":
            self._keeper.trouble(request, outcome, attempt=attempt, reason=reason)
            return UpstreamError(reason, hint=verdict.hint)
        else:
            return self._give_up(request, outcome, verdict, attempt)
        return None

    def _give_up(
        self, request: Request, outcome: Answer | Failure, verdict: Verdict, attempt: int
    ) -> UpstreamError | None:
        """A gap, or of a batch its ids; the error once there were so many that the site seems to be down."""
        if request.role in ("items", "lookups") and is_refused(outcome):
            further = self._planner.instead(request)
            if further:
                self._keeper.refused(request, outcome, attempt=attempt, reason=verdict.reason)
                self.go_on_from(request, further)
                return None
        gone = isinstance(outcome, Failure) and outcome.trouble == "gone" and outcome.said
        why: Literal["", "gone", "tired"] = "tired" if verdict.exhausted else "gone" if gone else ""
        self._keeper.gap(request, outcome, attempt=attempt, reason=verdict.reason, why=why)
        self._queue.put(self._planner.given_up(request, refused=refusal(outcome) in REFUSED))
        self.note_what_is_not_asked()
        return self.outage.given_up(request.key, verdict)


def is_refused(outcome: Answer | Failure) -> bool:
    """Whether the API said that there is no such thing: of a batch, that one of its ids is none."""
    return refusal(outcome) in NO_BATCH or (isinstance(outcome, Failure) and outcome.trouble == "gone")


def fell(entry: Entry) -> bool:
    """Whether the journal tells of a batch whose ids were then asked for one by one."""
    batch = entry.kind == "trouble" and entry.role in ("items", "lookups")
    return batch and entry.again_at is None and entry.status in (200, *NO_BATCH)


def alone(page: Page) -> Page:
    """A page without what it says of the next."""
    return replace(page, next=None, token=None, more=False, document=None)
