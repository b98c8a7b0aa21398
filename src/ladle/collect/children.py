"""One request for each record of another resource: takes the parent's pages as they come, gives each child once.

Pages may be read again, and records move from one to another: a child that was asked for is not asked for again, by
whichever page its parent comes. Which of them are in the table, and in what order, is read from the journal later.
"""

from __future__ import annotations

from collections.abc import Iterable

from ladle.collect.child import Child, Maker
from ladle.collect.request import Request
from ladle.collect.whole import Whole
from ladle.sources.paging import Page, Record
from ladle.sources.source import Resource, Source


class Children:
    """The children of one parent, which is collected whole."""

    collection = None
    """They have no pages."""

    def __init__(self, source: Source, resource: Resource, parent: Whole) -> None:
        self.resource, self.parent = resource, parent
        self.records = 0
        """In the answers so far."""
        self._maker = Maker(source, resource)
        self._known: set[str] = set()
        """Keys of all children that were met."""
        self._open: set[str] = set()
        self._alone = True
        """Each child held one record."""
        self._barred: list[Child] = []
        self.asked = 0

    @property
    def claimed(self) -> int | None:
        """The number of parents, by the API's own count, as long as each child holds one record."""
        return self.parent.claimed if self._alone else None

    @property
    def finished(self) -> bool:
        """No child will be born any more, and all have been answered or given up."""
        return self.parent.finished and not self._open

    def born(self, request: Request, records: Iterable[Record]) -> list[Request]:
        """The children of a page's records that were not met before."""
        new: list[Request] = []
        for child, _ in self._maker.children(records, page=request.key, position=request.position):
            key = child.request.key
            if key in self._known:
                continue
            self._known.add(key)
            if child.barred:
                self._barred.append(child)
            else:
                self._open.add(key)
                new.append(child.request)
        self.asked += len(new)
        return new

    def take_barred(self) -> list[Child]:
        """Children that can't be asked for, since the last call."""
        barred, self._barred = self._barred, []
        return barred

    def begin(self) -> Iterable[Request]:
        """Nothing before the parent's first page."""
        return ()

    def answered(self, request: Request, page: Page, *, started: float, ended: float) -> Iterable[Request]:
        """A child that came; nothing follows from it."""
        if request.key in self._open:
            self._open.remove(request.key)
            self._alone = self._alone and len(page.records) == 1
            self.records += len(page.records)
        return ()

    def given_up(self, request: Request, *, refused: bool) -> None:
        """A child that will not come."""
        self._open.discard(request.key)

    def instead(self, request: Request) -> Iterable[Request]:
        """There is nothing else to ask for."""
        return ()

    def settle(self) -> Iterable[Request]:
        """A child is one moment."""
        return ()
