"""What DuckDB is at: takes cursors while they are asked, ends those of one question, or all when the process is to end.

A process that ends waits for its threads, and a thread waits for DuckDB: a question over a hundred million rows would
keep a server up that was asked to end, and a terminal after Ctrl-C. A question that nobody wants any more would keep
those waiting that come after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ladle.errors import Ending, Stopped

_AGAIN = 0.05
_PATIENCE = 5.0
"""Seconds, after which a question that bears no interruption is left to itself."""


class Asked(Protocol):
    """A cursor of DuckDB's."""

    def interrupt(self) -> None:
        """End what it is asked, from any thread."""


class Question:
    """One question, while a thread works on it."""

    def __init__(self) -> None:
        self.stopped = False


class Running:
    """The cursors that are being asked, each with the question that it is asked for, until they are to end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cursors: list[tuple[Asked, Question | None]] = []
        self._ending = False
        self._here = threading.local()

    @contextmanager
    def working(self, question: Question) -> Iterator[None]:
        """While this thread works on a question: whatever it asks meanwhile ends when that is stopped."""
        self._here.question = question
        try:
            yield
        finally:
            self._here.question = None

    @contextmanager
    def asking(self, cursor: Asked) -> Iterator[None]:
        """While a cursor is asked. Raises Stopped once the question is stopped, Ending once the process is to end,
        whatever else went wrong by then.
        """
        asked = (cursor, self._question)
        with self._changed:
            self.check()
            self._cursors.append(asked)
        try:
            yield
        except Exception:
            self.check()  # the interruption is what it failed with
            raise
        finally:
            with self._changed:
                self._cursors.remove(asked)
                self._changed.notify_all()

    def check(self) -> None:
        """Raises Stopped once this thread's question is stopped, Ending once the process is to end."""
        if self._ending:
            raise Ending("The question was given up: Ladle is being ended.", hint="Ask again when it is there again.")
        if (question := self._question) is not None and question.stopped:
            raise gave_up()

    def stop(self, question: Question) -> None:
        """End what is asked for a question, and let nothing more begin for it. Returns before it has ended."""
        question.stopped = True
        threading.Thread(target=lambda: self._interrupt(question), name="stop", daemon=True).start()

    def end(self) -> None:
        """Interrupt all that run, and let nothing more begin; returns when none is left."""
        self._ending = True
        self._interrupt(None)

    def _interrupt(self, question: Question | None) -> None:
        """Those of one question, or all. Again and again: DuckDB forgets what comes just before it begins."""
        with self._changed:
            for _ in range(int(_PATIENCE / _AGAIN)):
                for cursor in self._of(question):
                    cursor.interrupt()
                if self._changed.wait_for(lambda: not self._of(question), _AGAIN):
                    return

    def _of(self, question: Question | None) -> list[Asked]:
        return [cursor for cursor, asked_for in self._cursors if question is None or asked_for is question]

    @property
    def _question(self) -> Question | None:
        return getattr(self._here, "question", None)


def gave_up() -> Stopped:
    """What those hear who wait for a question that was stopped."""
    return Stopped("This question was stopped before it was answered.", hint="Ask again: it then begins anew.")


RUNNING = Running()


def end_questions() -> None:
    """Interrupt every question about a snapshot that is under way in this process, and let no other begin.

    For the end of a process alone: whoever waits for an answer, or asks from then on, is told by `Ending`. Nothing
    half written is left.
    """
    RUNNING.end()


def still_wanted(wanted: Callable[[], None]) -> Callable[[], None]:
    """`wanted`, which raises Ending too once the process is to end."""

    def both() -> None:
        RUNNING.check()
        wanted()

    return both
