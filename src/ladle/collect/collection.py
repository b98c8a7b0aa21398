"""How far one collection has been read: takes its answers, gives the further pages that they make known.

Pages with numbers are known as soon as the API's count and the size of a page are; behind a link only the next one.
What is known is asked for at once, or, of a collection that is only referred to, when it is worth it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import parse_qs, urlsplit

from ladle.collect.request import Request, link_request, page_requests
from ladle.sources.paging import AnswerError, Page, dig
from ladle.sources.source import Resource, Source

REPEATED = 2
"""So many pages more with the same records are no shift under insertion any more, but an API that goes in a circle."""


@dataclass(slots=True)
class Collection:
    """What is known of one collection, from the answers so far."""

    source: Source
    resource: Resource
    asked: int = 0
    """Pages asked for so far; for items, their number."""
    known: int = 1
    """Pages that are known to exist."""
    ended: bool = False
    """No page is known to exist beyond those that are known."""
    open: int = 0
    """Requests that were asked for and have neither been answered nor given up."""
    count: int | None = None
    """The API's own number of records, as last told."""
    size: int | None = None
    """Records of a page, once learned."""
    link: Request | None = None
    """The page behind the last link, while it was not asked for."""
    pager: Callable[[int], Request] | None = None
    """Makes the request for a page from its number, once one is wanted."""
    seen: set[str] = field(default_factory=set)
    """Keys of pages behind links, to notice a loop."""
    told: int | None = None
    """What the records of the last page hash to, while nothing but the pages themselves tells where they end."""
    repeated: int = 0
    """Pages in a row with just those records."""

    @property
    def begun(self) -> bool:
        """Whether anything was asked for."""
        return self.asked > 0

    @property
    def finished(self) -> bool:
        """Whether all that was asked for is answered or given up."""
        return self.begun and self.open == 0

    def pages(self) -> int | None:
        """How many pages it has, as far as is known or expected; None when nobody knows."""
        if self.ended:
            return max(self.known, self.asked)
        if self.count is not None and self.size:
            return max(self.known, ceil(self.count / self.size))
        if self.finished and self.known <= self.asked:
            return self.asked
        if self.resource.paging.style == "none":
            return 1
        expected, size = self.resource.expected, self.resource.page_size
        pages = max(ceil(expected / size), 1) if expected is not None and size else None
        return pages if pages is not None and pages >= self.known else None

    def ask(self) -> Iterable[Request]:
        """Requests for all pages that are known and were not asked for yet."""
        first, last = self.asked + 1, max(self.asked, self.known)
        self.asked, self.open = last, self.open + last - first + 1
        if self.link is not None:
            link, self.link = self.link, None
            return (link,)
        if self.pager is None:
            self.pager = page_requests(self.source, self.resource)
        return map(self.pager, range(first, last + 1))

    def catch_up(self, request: Request) -> Iterable[Request]:
        """Requests up to a page that the journal holds: something made it worth it then, though nothing does now."""
        if request.role != "page" or request.position <= self.asked:
            return ()
        self.known = max(self.known, request.position)
        return self.ask()

    def learn(self, request: Request, page: Page) -> None:
        """Note what a page tells of others. Raises AnswerError, before anything is changed, where it leads astray."""
        told = self._hash(page)
        repeated = self.repeated + 1 if told is not None and told == self.told else 0
        if repeated >= REPEATED:
            raise AnswerError(f"Page {request.position} and the {REPEATED} before it hold the same records.")
        style = self.resource.paging.style
        if style == "link":
            self._learn_link(request, page)
        elif style == "page":
            self._learn_pages(request, page)
        else:
            self.ended = True
        self.told, self.repeated = told, repeated
        self.count = self.count if page.count is None else page.count
        self.size = self.size or (self._size(page) if page.records else None)

    def _hash(self, page: Page) -> int | None:
        """The keys of a page's records as one number; None where a count tells the pages or records have no key."""
        key = self.resource.key
        if key is None or not page.records or page.count is not None or page.next is None:
            return None
        return hash(tuple(str(dig(record, key)) for record in page.records))

    def _learn_pages(self, request: Request, page: Page) -> None:
        size = self.size or (self._size(page) if page.records else None)
        known = max(self.known, request.position)
        if page.count is not None and size:
            known = max(known, ceil(page.count / size))
        if page.next and page.records and request.position >= known:
            _check_forward(page.next, self.resource.paging.param, request.position)
            known = request.position + 1
        self.known = known
        self.ended = self.ended or page.count is not None or not page.next

    def _learn_link(self, request: Request, page: Page) -> None:
        following = None
        if page.next is not None:
            following = link_request(self.source, self.resource, page.next, request.position + 1)
            if following.key in self.seen | {request.key}:
                raise AnswerError(f"The next page is said to be {following.key}, which was read before.")
        self.seen.add(request.key)
        self.link, self.ended = following, following is None
        self.known = max(self.known, request.position + (following is not None))

    def _size(self, page: Page) -> int:
        """The page size, from a first page: its length, unless it is the only one and may be short."""
        more = page.next is not None or (page.count or 0) > len(page.records)
        return len(page.records) if more else max(len(page.records), self.resource.page_size or 0)


def _check_forward(address: str, param: str, position: int) -> None:
    """A server that ignores the page's number gives the same page with the same next for ever."""
    try:
        numbers = parse_qs(urlsplit(address).query).get(param, [])
    except ValueError:
        return
    if any(number.isascii() and number.isdigit() and int(number) <= position for number in numbers):
        raise AnswerError(f"Page {position} says that the next one is page {numbers[-1]}, which was read before.")
