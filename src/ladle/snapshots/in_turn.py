"""Answers nearly in the order of the table: takes each with its place, gives a feed what it is soon the turn of.

Where several workers collect, each goes through a stretch of pages of its own. What is far from its turn is not kept in
memory but where it lies, and read a second time; that takes a tenth of what it takes to weave it.
"""

from __future__ import annotations

import heapq

from ladle.collect.journal import Entry, Place, peek
from ladle.collect.request import page_of
from ladle.snapshots.feed import Feed
from ladle.sources.paging import AnswerError
from ladle.sources.source import Resource

MOST = 200_000
"""So many places are kept, at most; of others the feed decides what it keeps."""


class InTurn:
    """Before one feed. `near`: so many answers ahead of their turn are given at once, as one worker's come."""

    def __init__(self, feed: Feed, *, resource: Resource, near: int) -> None:
        self._feed, self._resource, self._near = feed, resource, near
        self._far: list[tuple[int, int, int, Place]] = []

    def take(self, entry: Entry, place: Place) -> None:
        """Take an answer, which may be one that is woven."""
        if self._feed.loom is None:
            return  # what is not woven need not be decoded
        if entry.position > self._feed.next + self._near and len(self._far) < MOST:
            heapq.heappush(self._far, (entry.position, entry.reading, len(self._far), place))
            return
        self._weave(entry)
        while self._far and self._far[0][0] <= self._feed.next + self._near:
            self._pop()

    def rest(self) -> None:
        """Give everything: nothing more comes."""
        while self._far:
            self._pop()

    def _pop(self) -> None:
        *_, place = heapq.heappop(self._far)
        entry = peek(place) if self._feed.loom is not None else None
        if entry is not None:
            self._weave(entry)
        elif self._feed.loom is not None:
            self._feed.drop()

    def _weave(self, entry: Entry) -> None:
        try:
            page = page_of(self._resource, entry)
        except AnswerError:
            self._feed.drop()
        else:
            self._feed.kept(entry, page)
