"""Questions that take their time: takes what answers one, gives the answer as a future that tells how far it is.

A question is worked on once for all who ask it meanwhile, in threads of its own. Where it fails or is stopped, that is
so for all of them, and who asks after that begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from ladle.explore.wanting import Interest

T = TypeVar("T")
U = TypeVar("U")
Told = Callable[[], "float | None"]
"""How far a single query is, from 0 to 1; None where that is not known."""


class Meter:
    """How far a question is: noted by the thread that works on it, read by all who wait."""

    def __init__(self) -> None:
        self._stage: tuple[Told, float, float] = (lambda: None, 0.0, 1.0)
        self._most: float | None = None

    def watch(self, told: Told, *, to: float = 1.0) -> None:
        """What comes next tells how far it is; when it is through, the whole is at `to`."""
        self._stage = (told, self.share or 0.0, to)

    def watch_next(self, told: Told) -> None:
        """The same where nobody knows how many come: each is half of what is left."""
        self.watch(told, to=(1 + (self.share or 0.0)) / 2)

    @property
    def share(self) -> float | None:
        """From 0 to 1, never backwards; None as long as nothing is known."""
        told, begin, end = self._stage
        if (part := told()) is not None:
            self._most = max(self._most or 0.0, begin + (end - begin) * min(part, 1.0))
        return self._most


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a desk works on."""

    name: str
    interest: Interest
    stop: Callable[[], object]


class Work(Future[T], Generic[T]):
    """An answer that may still be worked on."""

    def __init__(self, meter: Meter, *, asked: Asked | None = None) -> None:
        super().__init__()
        self._meter, self._asked = meter, asked
        self.set_running_or_notify_cancel()  # `stop` ends it for all who wait; nobody can cancel it silently

    def result(self, timeout: float | None = None) -> T:
        """The answer, `timeout` seconds later at most; raises TimeoutError, and what the work failed with."""
        with self._asked.interest.waits() if self._asked else nullcontext():
            return super().result(timeout)

    @property
    def question(self) -> str:
        """The name by which it can be stopped from elsewhere in this process; empty where nothing is worked on."""
        return self._asked.name if self._asked and not self.done() else ""

    def stop(self) -> None:
        """Give the question up for all who wait for it: they are told by Stopped. An answer that is there stays."""
        if self._asked and not self.done():
            self._asked.stop()

    @property
    def progress(self) -> float | None:
        """How far it is, from 0 to 1; None where that is not known (yet)."""
        return 1.0 if self.done() else self._meter.share

    def then(self, made: Callable[[T], U]) -> Work[U]:
        """What is made of the answer when it is there; `made` must be quick."""
        following: Work[U] = Work(self._meter, asked=self._asked)
        self.add_done_callback(lambda _: settle(following, lambda: made(self.result())))
        return following


class StillRunning(TimeoutError):
    """The answer did not come in time. It is worked on; whoever asks again is given it when it is there."""

    def __init__(self, progress: float | None, *, question: str = "") -> None:
        super().__init__("The answer is still being worked on. Ask again.")
        self.progress = progress
        """From 0 to 1; None where that is not known."""
        self.question = question
        """The name by which it can be stopped."""


def within(work: Work[T], seconds: float | None) -> T:
    """The answer, at most so many seconds later; raises StillRunning, and what the work failed with."""
    try:
        return work.result(timeout=seconds)
    except TimeoutError:
        if work.done():  # the work itself ended with a time-out
            raise
        raise StillRunning(work.progress, question=work.question) from None


def answered(value: T) -> Work[T]:
    """An answer that is there already."""
    work: Work[T] = Work(Meter())
    work.set_result(value)
    return work


def settle(work: Work[T], answer: Callable[[], T], *, before: Callable[[], None] = lambda: None) -> None:
    """Give those who wait what `answer` gives or raises, after `before`."""
    try:
        value = answer()
    except BaseException as error:  # whatever it is, those who wait must hear of it
        before()
        work.set_exception(error)
    else:
        before()
        work.set_result(value)
