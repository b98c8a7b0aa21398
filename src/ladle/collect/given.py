"""Requests that somebody else has planned: takes them, gives them once, and finds that nothing follows from an answer.

A helper makes requests of a run that its driver plans. Whether a page lies past the end, what follows from a record and
what is to be read again is for the driver to say, who reads what the helper writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from ladle.collect.child import Child
from ladle.collect.request import Request
from ladle.sources.paging import Page
from ladle.sources.source import Source


class Follows(Protocol):
    """What follows from what came: a planner, or nothing at all."""

    source: Source
    replaying: bool

    @property
    def now(self) -> float:
        """When the last page had come."""

    def begin(self) -> Iterable[Request]:
        """The first requests."""

    def go_on(self) -> Iterable[Request]:
        """What follows when a journal was replayed to its end."""

    def answered(self, request: Request, page: Page, *, started: float, ended: float) -> Iterable[Request]:
        """What follows from an answer. Raises AnswerError, before anything is changed, where it leads astray."""

    def given_up(self, request: Request, *, refused: bool) -> Iterable[Request]:
        """What follows when a request is given up."""

    def instead(self, request: Request) -> Iterable[Request]:
        """What is asked for instead of a batch that the API refuses."""

    def note_refused(self, request: Request) -> None:
        """A batch of the journal that the API refused."""

    def lost_behind(self, request: Request) -> None:
        """Nobody knows what follows a page."""

    def is_past_end(self, request: Request, status: int | None) -> bool:
        """Whether a page that the API refuses lies past the end."""

    def take_past(self) -> Iterable[Request]:
        """Pages that have turned out to lie past the end."""

    def take_barred(self) -> Iterable[Child]:
        """Children that can't be asked for."""


class Given:
    """A planner that decides nothing."""

    now = 0.0

    def __init__(self, source: Source, *, settled: Callable[[Request], None]) -> None:
        """`settled` is told of each request that is answered or given up, just before that is written down."""
        self.source, self.replaying, self._settled = source, False, settled

    def begin(self) -> Iterable[Request]:
        """None: they are put into the queue as they are given."""
        return ()

    def go_on(self) -> Iterable[Request]:
        """None."""
        return ()

    def answered(self, request: Request, page: Page, *, started: float, ended: float) -> Iterable[Request]:
        """Nothing."""
        self._settled(request)
        return ()

    def given_up(self, request: Request, *, refused: bool) -> Iterable[Request]:
        """Nothing."""
        self._settled(request)
        return ()

    def instead(self, request: Request) -> Iterable[Request]:
        """Nothing: the driver knows the ids of a batch."""
        return ()

    def note_refused(self, request: Request) -> None:
        """Nothing is replayed."""

    def lost_behind(self, request: Request) -> None:
        """Nothing is read in an answer that could lead astray."""

    def is_past_end(self, request: Request, status: int | None) -> bool:
        """Nobody here knows where the end is."""
        return False

    def take_past(self) -> Iterable[Request]:
        """None."""
        return ()

    def take_barred(self) -> Iterable[Child]:
        """None."""
        return ()
