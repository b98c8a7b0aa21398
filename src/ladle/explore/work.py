"""Questions that take their time: takes what answers one, gives the answer as a future that tells how far it is.

A question is worked on once for all who ask it meanwhile, in threads of its own. Where it fails it has failed for all
of them, and who asks after that begins anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from ladle.explore.priority import step_back

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


class Work(Future[T], Generic[T]):
    """An answer that may still be worked on."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter
        self.set_running_or_notify_cancel()  # nobody can cancel it for the others

    @property
    def progress(self) -> float | None:
        """How far it is, from 0 to 1; None where that is not known (yet)."""
        return 1.0 if self.done() else self._meter.share

    def then(self, made: Callable[[T], U]) -> Work[U]:
        """What is made of the answer when it is there; `made` must be quick."""
        following: Work[U] = Work(self._meter)
        self.add_done_callback(lambda _: _settle(following, lambda: made(self.result())))
        return following


class StillRunning(TimeoutError):
    """The answer did not come in time. It is worked on; whoever asks again is given it when it is there."""

    def __init__(self, progress: float | None) -> None:
        super().__init__("The answer is still being worked on. Ask again.")
        self.progress = progress
        """From 0 to 1; None where that is not known."""


def within(work: Work[T], seconds: float | None) -> T:
    """The answer, at most so many seconds later; raises StillRunning, and what the work failed with."""
    try:
        return work.result(timeout=seconds)
    except TimeoutError:
        if work.done():  # the work itself ended with a time-out
            raise
        raise StillRunning(work.progress) from None


def answered(value: T) -> Work[T]:
    """An answer that is there already."""
    work: Work[T] = Work(Meter())
    work.set_result(value)
    return work


class Desk:
    """Where questions of one kind are worked on, at most so many at a time."""

    def __init__(self, name: str, *, most: int) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=name, initializer=step_back)
        self._lock = threading.Lock()
        self._under_way: dict[str, Work[Any]] = {}

    def ask(self, key: str, answer: Callable[[Meter], T]) -> Work[T]:
        """The answer to come, `answer` being run in another thread unless the same question is under way."""
        with self._lock:
            work: Work[T] | None = self._under_way.get(key)
            if work is None:
                meter = Meter()
                work = self._under_way[key] = Work(meter)
                self._threads.submit(self._run, key, work, lambda: answer(meter))
            return work

    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        with self._lock:
            return not self._under_way

    def _run(self, key: str, work: Work[T], answer: Callable[[], T]) -> None:
        # Forgotten before it is told: who hears that it failed and asks again must not be given the same failure.
        _settle(work, answer, before=lambda: self._forget(key))

    def _forget(self, key: str) -> None:
        with self._lock:
            del self._under_way[key]


def _settle(work: Work[T], answer: Callable[[], T], *, before: Callable[[], None] = lambda: None) -> None:
    try:
        value = answer()
    except BaseException as error:  # whatever it is, those who wait must hear of it
        before()
        work.set_exception(error)
    else:
        before()
        work.set_result(value)
