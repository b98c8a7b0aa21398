"""Pages that hold the same again: takes pages in the order of their answers, says whether that is the end or a circle.

Past their end some APIs give the last page again. Others take no notice of the page's number. Only where nothing else
tells how many pages there are does it matter which.
"""

from __future__ import annotations

from dataclasses import dataclass

from ladle.collect.request import Request
from ladle.sources.page import AnswerError, Page
from ladle.sources.paths import dig
from ladle.sources.source import Resource

REPEATED = 5
"""So many pages more with the same records are no shift under insertion any more, but an API that goes in a circle."""
AGREED = 3
"""So many pages more with the records of the one before are the last page again: that as many records as a page holds
are inserted between two requests may happen once, but not three times in a row."""


@dataclass(slots=True)
class Repeats:
    """Of one walk along a collection's pages."""

    resource: Resource
    number: int = 0
    """Pages in a row with just the records of the one before."""
    since: int | None = None
    """The first of the pages that are the last one again, once that is sure."""
    _told: int | None = None
    """What the records of the last page hash to."""
    _next: int | None = None
    """The same of the page that was looked at."""
    _blind: bool = False

    def check(self, request: Request, page: Page, *, blind: bool) -> None:
        """Look at a page without a count; `blind`: nothing tells of other pages. Raises AnswerError."""
        self._blind = blind
        self._next = self._hash(page) if (blind or page.leads_on) and page.held else None
        number = self._number
        if blind and number == AGREED and request.position == AGREED + 1 and not self._is_short(page):
            raise AnswerError(
                f"Page {request.position} and the {AGREED} before it hold the same records: there is one page alone, "
                f'or the API takes no notice of "{self.resource.paging.param}".'
            )
        if number >= REPEATED:
            raise AnswerError(f"Page {request.position} and the {REPEATED} before it hold the same records.")

    @property
    def is_end(self) -> bool:
        """Whether the page that was looked at is surely the last one again. Without a key that is never sure."""
        return self._blind and self.resource.key is not None and self._number >= AGREED

    def note(self, request: Request) -> None:
        """Take the page that was looked at."""
        if self.is_end:
            self.since = request.position - self._number + 1
        self.number, self._told = self._number, self._next

    @property
    def _number(self) -> int:
        """Pages in a row with the same records, the one that was looked at among them."""
        return self.number + 1 if self._next is not None and self._next == self._told else 0

    def _is_short(self, page: Page) -> bool:
        """Less than a page can hold is all there is, on whatever page."""
        size = self.resource.page_size
        return size is not None and len(page.held) < size

    def _hash(self, page: Page) -> int | None:
        """The keys of a page's records as one number. Records without a key may be the same on many pages."""
        key = self.resource.key
        if key is not None:
            return hash(tuple(str(dig(record, key)) for record in page.held))
        return hash(repr(page.held)) if self._blind else None
