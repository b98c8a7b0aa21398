"""What DuckDB is at: takes cursors while they are asked, ends all that run when the process is to end.

A process that ends waits for its threads, and a thread waits for DuckDB: a question over a hundred million rows would
keep a server up that was asked to end, and a terminal after Ctrl-C.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ladle.errors import Ending

_AGAIN = 0.05
_PATIENCE = 5.0
"""Seconds, after which a question that bears no interruption is left to itself."""


class Asked(Protocol):
    """A cursor of DuckDB's."""

    def interrupt(self) -> None:
        """End what it is asked, from any thread."""


class Running:
    """The cursors that are being asked, until they are to end; after that none may be asked."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cursors: list[Asked] = []
        self._ending = False

    @contextmanager
    def asking(self, cursor: Asked) -> Iterator[None]:
        """While a cursor is asked. Raises Ending once the process is to end, whatever else went wrong by then."""
        with self._changed:
            self.check()
            self._cursors.append(cursor)
        try:
            yield
        except Exception:
            self.check()  # the interruption is what it failed with
            raise
        finally:
            with self._changed:
                self._cursors.remove(cursor)
                self._changed.notify_all()

    def check(self) -> None:
        """Raises Ending once the process is to end."""
        if self._ending:
            raise Ending("The question was given up: Ladle is being ended.", hint="Ask again when it is there again.")

    def end(self) -> None:
        """Interrupt all that run, and let nothing more begin; returns when none is left."""
        with self._changed:
            self._ending = True
            for _ in range(int(_PATIENCE / _AGAIN)):
                # Again and again: DuckDB forgets an interruption that comes just before it begins.
                for cursor in self._cursors:
                    cursor.interrupt()
                if self._changed.wait_for(lambda: not self._cursors, _AGAIN):
                    return


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
