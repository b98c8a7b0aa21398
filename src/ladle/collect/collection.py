"""How far one collection has been read: takes its answers, gives the further pages that they make known.

Pages with numbers are known as soon as the API's count and the size of a page are; behind a link only the next one.
What is known is asked for at once, or, of a collection that is only referred to, when it is worth it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import ceil
from urllib.parse import parse_qs, urlsplit

from ladle.collect.request import Request, link_request, page_requests
from ladle.sources.paging import AnswerError, Page, dig
from ladle.sources.source import Resource, Source

REPEATED = 5
"""So many pages more with the same records are no shift under insertion any more, but an API that goes in a circle."""


@dataclass(slots=True)
class _Span:
    """Pages that are asked for one after the other; the last may move down."""

    next: int
    last: int


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
    told: int | None = None
    """What the records of the last page hash to, while nothing but the pages themselves tells where they end."""
    repeated: int = 0
    """Pages in a row with just those records."""
    seen: set[int] = field(default_factory=set)
    """Hashes of the keys of pages behind links, to notice a loop."""
    filled: int = 0
    """The last page that held a record."""
    edge: int | None = None
    """The first page that held nothing, while none behind it did: a count may promise a million pages more."""
    walk: int = 1
    """Which reading of a chain of links this is."""
    walked: int = 0
    """Pages asked for in earlier readings of the chain."""
    _top: int = 0
    """The last page that was answered or given up."""
    _spans: list[_Span] = field(default_factory=list)
    _pager: Callable[[int], Request] | None = None
    """Makes the request for a page from its number, once one is wanted."""

    @property
    def begun(self) -> bool:
        """Whether anything was asked for."""
        return self.asked > 0

    @property
    def finished(self) -> bool:
        """Whether all that was asked for is answered or given up."""
        return self.begun and self.open == 0

    @property
    def reach(self) -> int:
        """The last page that is worth asking for, as far as is known."""
        return self.known if self.edge is None else min(self.known, self.edge)

    def pages(self) -> int | None:
        """How many pages it has, as far as is known or expected; None when nobody knows."""
        if self.edge is not None:
            return self.asked
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
        if self.link is not None:
            link, self.link = self.link, None
            self.asked, self.open = self.asked + 1, self.open + 1
            return (link,)
        return self._ask_up_to(self.reach)

    def catch_up(self, request: Request) -> Iterable[Request]:
        """Requests up to a page that the journal holds: something made it worth it then, though nothing does now."""
        if request.role != "page" or request.position <= self.asked:
            return ()
        self.known = max(self.known, request.position)
        return self._ask_up_to(request.position)

    def walk_again(self) -> Iterable[Request]:
        """The chain's first page, to read all of it once more."""
        self.walk, self.walked = self.walk + 1, self.walked + self.asked
        self.asked = self.known = self.open = 1
        self.ended, self.link, self.seen = False, None, set()
        self.filled, self.edge, self._top, self._spans = 0, None, 0, []
        return (self._page(1),)

    def note_empty(self, position: int) -> None:
        """A page that holds nothing: none behind it is asked for, unless one that is under way holds something."""
        self._top = max(self._top, position)
        if self.resource.paging.style != "page" or position <= max(self.filled, 1):
            return
        self.edge = min(self.edge or position, position)
        keep = max([self._top, *(span.next - 1 for span in self._spans)])
        if keep < self.asked:
            self.open, self.asked = self.open - (self.asked - keep), keep
            for span in self._spans:
                span.last = min(span.last, keep)

    def _ask_up_to(self, last: int) -> Iterable[Request]:
        if last <= self.asked:
            return ()
        span = _Span(self.asked + 1, last)
        self.asked, self.open = last, self.open + last - self.asked
        self._spans = [each for each in self._spans if each.next <= each.last] + [span]
        return self._pages(span)

    def _pages(self, span: _Span) -> Iterator[Request]:
        while span.next <= span.last:
            span.next += 1
            yield self._page(span.next - 1)

    def _page(self, number: int) -> Request:
        if self._pager is None:
            self._pager = page_requests(self.source, self.resource)
        page = self._pager(number)
        return page if self.walk == 1 else replace(page, reading=self.walk)

    def learn(self, request: Request, page: Page) -> None:
        """Note what a page tells of others. Raises AnswerError, before anything is changed, where it leads astray."""
        told = self._hash(page)
        repeated = self.repeated + 1 if told is not None and told == self.told else 0
        if repeated >= REPEATED:
            raise AnswerError(f"Page {request.position} and the {REPEATED} before it hold the same records.")
        style = self.resource.paging.style
        if request.reading < self.walk:
            return
        if style == "link":
            self._learn_link(request, page)
        elif style == "page":
            self._learn_pages(request, page)
        else:
            self.ended = True
        self.told, self.repeated = told, repeated
        self.count = self.count if page.count is None else page.count
        self.size = self.size or (self._size(page) if page.records else None)
        if page.records:
            self._note_filled(request.position)
        else:
            self.note_empty(request.position)

    def _note_filled(self, position: int) -> None:
        self._top, self.filled = max(self._top, position), max(self.filled, position)
        if self.edge is not None and self.edge < position:
            self.edge = None

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
            following = replace(following, reading=self.walk)
            if following.key == request.key or hash(following.key) in self.seen:
                raise AnswerError(f"The next page is said to be {following.key}, which was read before.")
        self.seen.add(hash(request.key))
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
