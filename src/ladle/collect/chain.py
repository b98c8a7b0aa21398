"""A chain of pages: takes each page and its request, gives the request for the one behind it; a circle is an error.

Behind a link, a `Link` header, a token or a function only the next page is known, so they are read one after another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ladle.collect.pages import Pages, decoded
from ladle.collect.request import Request
from ladle.sources.functions import following
from ladle.sources.page import AnswerError, Page


@dataclass(slots=True)
class Chain:
    """One walk along it."""

    pages: Pages
    walk: int = 1
    """Which reading of the chain this is."""
    sent: Request | None = None
    """The page that was asked for last: a journal doesn't keep what a function wants to know of it."""
    seen: set[int] = field(default_factory=set)
    """Hashes of the keys of pages that were read, to notice a circle."""

    def first(self) -> Request:
        """Where it begins."""
        first = self.pages.first()
        self.sent = first if self.walk == 1 else replace(first, reading=self.walk)
        return self.sent

    def again(self) -> Chain:
        """The next walk along the same pages."""
        return Chain(self.pages, walk=self.walk + 1)

    def behind(self, request: Request, page: Page) -> Request | None:
        """The page behind one that was read; None at the end. Raises AnswerError where it leads astray."""
        found = self._behind(request, page)
        if found is None:
            return None
        if found.key == request.key and page.token is not None and not page.held:
            return None  # some APIs give the same token again when there is nothing more
        if found.key == request.key or hash(found.key) in self.seen:
            raise AnswerError(f"The next page is said to be {found.key}, which was read before.")
        return found if self.walk == 1 else replace(found, reading=self.walk)

    def read(self, request: Request, found: Request | None) -> None:
        """Note that a page was read, and which one is behind it."""
        self.seen.add(hash(request.key))
        self.sent = found

    def _behind(self, request: Request, page: Page) -> Request | None:
        number = request.position + 1
        if self.pages.resource.paging.style == "python":
            return self._told(request, page, number)
        if page.token is not None:
            return self.pages.after(page.token, number)
        return None if page.next is None else self.pages.linked(page.next, number)

    def _told(self, request: Request, page: Page, number: int) -> Request | None:
        """By the paginator; where the API says that there is no more, it isn't asked."""
        if page.more is False:
            return None
        sent = self.sent or self.first()
        told = following(self.pages.resource, page.document, decoded(sent if sent.key == request.key else request))
        return None if told is None else self.pages.told(told, number)
