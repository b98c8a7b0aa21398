"""Where long questions are worked on: takes a question and what answers it, gives the answer to come, a few at a time.

Those that can't be worked on at once stand in line, which has an end. Each can be stopped by its name, from any thread;
one that nobody wants any more ends by itself as soon as others stand in line.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakSet

from ladle.errors import Busy
from ladle.explore.priority import step_back
from ladle.explore.running import RUNNING, Question, gave_up
from ladle.explore.wanting import Interest, unwanted
from ladle.explore.work import Asked, Meter, Work, settle

T = TypeVar("T")
WAITING = 40
"""More than stand in line are sent away."""
_DESKS: WeakSet[Desk] = WeakSet()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A question under way: its answer to come, who wants it, and its turn in a thread."""

    work: Work[Any]
    asked: Asked
    question: Question
    turn: Future[None]


class Desk:
    """Where questions of one kind are worked on, at most `most` at a time; `waiting` more may stand in line."""

    def __init__(
        self, name: str, *, most: int, waiting: int = WAITING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=name, initializer=step_back)
        self._most, self._waiting, self._clock = most, waiting, clock
        self._lock = threading.Lock()
        self._under_way: dict[str, _Entry] = {}
        _DESKS.add(self)

    def ask(self, key: str, answer: Callable[[Meter], T]) -> Work[T]:
        """The answer to come, `answer` being run in another thread unless the same question is under way.

        Raises Busy where too many are.
        """
        with self._lock:
            now = self._clock()
            if (known := self._under_way.get(key)) is not None:
                known.asked.interest.asked = now
            self._end_unwanted(now)
            if known is not None:
                return known.work
            self._check_room()
            return self._begin(key, answer, now)

    def stop(self, name: str) -> bool:
        """Stop the question of that name; whether there was one."""
        with self._lock:
            found = [key for key, entry in self._under_way.items() if entry.asked.name == name]
            for key in found:
                self._stop(key)
            return bool(found)

    @property
    def load(self) -> tuple[int, int]:
        """How many questions are worked on, and how many stand in line."""
        with self._lock:
            there = len(self._under_way)
        return min(there, self._most), max(0, there - self._most)

    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        with self._lock:
            return not self._under_way

    def _begin(self, key: str, answer: Callable[[Meter], T], now: float) -> Work[T]:
        name, meter, question = secrets.token_urlsafe(12), Meter(), Question()
        asked = Asked(name, Interest(now), lambda: self.stop(name))
        work: Work[T] = Work(meter, asked=asked)

        def run() -> None:
            # Forgotten before it is told: who hears that it failed and asks again must not be given the same failure.
            with RUNNING.working(question):
                settle(work, lambda: answer(meter), before=lambda: self._forget(key, work))

        self._under_way[key] = _Entry(work, asked, question, self._threads.submit(run))
        return work

    def _check_room(self) -> None:
        if (there := len(self._under_way)) >= self._most + self._waiting:
            told = f"{there} questions are being worked on or wait already."
            raise Busy(told, hint="Ask again in a few seconds.")

    def _end_unwanted(self, now: float) -> None:
        interests = {key: entry.asked.interest for key, entry in self._under_way.items()}
        for key in unwanted(interests, now=now, served=self._most):
            self._stop(key)

    def _stop(self, key: str) -> None:
        """End a question: one in line at once, one that is worked on as soon as DuckDB lets go of it."""
        entry = self._under_way.pop(key)  # who asks again from now on begins anew
        if entry.turn.cancel():
            entry.work.set_exception(gave_up())
        else:
            RUNNING.stop(entry.question)

    def _forget(self, key: str, work: Work[Any]) -> None:
        with self._lock:
            if (entry := self._under_way.get(key)) is not None and entry.work is work:
                del self._under_way[key]


def stop_question(name: str) -> bool:
    """Stop a question that is worked on in this process, by the name that `Work.question` gives; whether there is one.

    Whoever waits for its answer is told by Stopped; who asks again begins it anew.
    """
    return any(desk.stop(name) for desk in list(_DESKS))


def questions() -> tuple[int, int]:
    """How many long questions this process works on, and how many stand in line."""
    loads = [desk.load for desk in list(_DESKS)]
    return sum(working for working, _ in loads), sum(waiting for _, waiting in loads)
