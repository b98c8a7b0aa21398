"""How far one collection has been read: takes its answers, gives the further pages that they make known.

Pages with numbers are known as soon as the API's count and the size of a page are; without a count they are read one
after another, to the page that the API says is the last, or that is empty, refused, or the last one again. In a chain
only a page tells of the next. What is known is asked for at once, or, of a collection that is only referred to, when it
is worth it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import ceil

from ladle.collect.chain import Chain
from ladle.collect.pages import CHAINED, NUMBERED, Pages, check_forward, expected_pages, size_of
from ladle.collect.repeats import Repeats
from ladle.collect.request import Request
from ladle.collect.spans import Spans
from ladle.sources.functions import load
from ladle.sources.paging import AnswerError, Page
from ladle.sources.source import Resource, Source

EMPTY = 1_000
"""So many pages in a row without a record, of which each is said to be followed by another, have no end."""


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
    """The next page of a chain, while it was not asked for."""
    told_pages: int | None = None
    """The API's own number of pages, as last told."""
    promised: int = 1
    """The last page that the API has said to exist, where it tells no count."""
    fullest: int = 0
    """The most records that a page held."""
    repeats: Repeats = field(init=False)
    """Pages in a row that hold the same."""
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
    _empty: int = 0
    """Pages in a row without a record."""
    _spans: Spans = field(default_factory=Spans)
    _numbered: bool = False
    _chain: Chain | None = None
    _pager: Callable[[int], Request] | None = None
    """Makes the request for a page from its number, once one is wanted."""

    def __post_init__(self) -> None:
        """Raises DefinitionError where a function can't be had: before any request, not after the first."""
        resource, style = self.resource, self.resource.paging.style
        for function in filter(None, (resource.transform, resource.paging.function)):
            load(self.source, function)
        self.repeats, self._numbered = Repeats(resource), style in NUMBERED
        self._chain = Chain(Pages(self.source, resource)) if style in CHAINED else None

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
        if self.told_pages is not None and not (self.finished and self.known <= self.asked):
            return max(self.known, self.told_pages)
        if self.ended:
            return max(self.known, self.asked)
        if self.count is not None and self.size:
            return max(self.known, ceil(self.count / self.size))
        if self.finished and self.known <= self.asked:
            return self.asked
        pages = expected_pages(self.resource)
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
        """The first page, to read all of them once more in their order."""
        self.walk, self.walked = self.walk + 1, self.walked + self.asked
        self.asked = self.known = self.open = self.promised = 1
        self.ended, self.link, self.repeats, self._empty = False, None, Repeats(self.resource), 0
        self.filled, self.edge, self._top, self._spans = 0, None, 0, Spans()
        self._chain = self._chain and self._chain.again()
        return (self.page(1),)

    def note_empty(self, position: int) -> None:
        """A page that holds nothing: none behind it is asked for, unless one that is under way holds something."""
        self._top = max(self._top, position)
        if not self._numbered or position <= max(self.filled, 1):
            return
        self.edge = min(self.edge or position, position)
        keep = max(self._top, self._spans.given)
        if keep < self.asked:
            self.open, self.asked = self.open - (self.asked - keep), keep
            self._spans.cut(keep)

    def _ask_up_to(self, last: int) -> Iterable[Request]:
        if last <= self.asked:
            return ()
        first, self.open, self.asked = self.asked + 1, self.open + last - self.asked, last
        return self._spans.pages(first, last, self.page)

    def page(self, number: int) -> Request:
        """The request for a page by its number, of a chain for the first; in the walk that is under way."""
        if self._chain is not None:
            return self._chain.first()
        if self._pager is None:
            pages = Pages(self.source, self.resource)
            self._pager = pages.numbered(self.size) if self._numbered else lambda _: pages.first()
        page = self._pager(number)
        return page if self.walk == 1 else replace(page, reading=self.walk)

    def is_past_end(self, position: int, status: int | None = None) -> bool:
        """Whether a page that the API refused, with a status, lies past the end by what it has told.

        Where it told neither how many there are nor that there is this one, the definition's statuses say so.
        """
        if position < 2 or self._chain is not None:
            return False
        if self.count is not None and self.size:
            size = self.size if self.resource.paging.style == "offset" else max(self.size, self.fullest)
            return position > max(ceil(self.count / size), 1)
        if self.told_pages is not None and position > self.told_pages:
            return True
        return status in self.resource.paging.end and position > self.promised

    def learn(self, request: Request, page: Page) -> None:
        """Note what a page tells of others. Raises AnswerError, before anything is changed, where it leads astray."""
        if self._empty >= EMPTY and not page.held:
            raise AnswerError(f"Page {request.position} and the {EMPTY:,} before it hold no record.")
        if page.count is None:
            self.repeats.check(request, page, blind=self._is_blind(page))
        if request.reading < self.walk:
            return
        if self._chain is not None:
            self._learn_chained(self._chain, request, page)
        elif self._numbered:
            self._learn_numbered(request, page)
        else:
            self.ended = True
        self._note(request, page)

    def _note(self, request: Request, page: Page) -> None:
        """What can lead nowhere."""
        if page.count is None:
            self.repeats.note(request)
        else:
            self.count = page.count
        if page.pages is not None:
            self.told_pages = page.pages
        held = len(page.records if page.raw is None else page.raw)
        if not held:
            self._empty += 1
            if self.promised <= request.position:
                self.note_empty(request.position)
            return
        self._empty = 0
        if held > self.fullest:
            self.fullest = held
        if self.size is None:
            self.size, self._pager = size_of(self.resource, page), None
        self._note_filled(request.position)

    def _note_filled(self, position: int) -> None:
        if position > self.filled:
            self._top, self.filled = max(self._top, position), position
        if self.edge is not None and self.edge < position:
            self.edge = None

    def _is_blind(self, page: Page) -> bool:
        """Whether nothing tells how many pages there are: they end with one that is empty, refused or there before."""
        tells_next = self.resource.next is not None or page.more is not None
        counted = page.count is not None or page.pages is not None or self.count is not None
        return self._numbered and not tells_next and not counted

    def _learn_numbered(self, request: Request, page: Page) -> None:
        position, size = request.position, self.size or (size_of(self.resource, page) if page.held else None)
        known, promised = max(self.known, position), 1
        if page.count is not None and size:
            known = max(known, ceil(page.count / size) if page.pages is None else page.pages)
        elif page.pages is not None and position < page.pages:
            known = promised = max(known, position + 1)  # without a count, one after another
        if page.more is not False and page.next and page.held and position >= known:
            check_forward(page.next, self.resource.paging, position, step=size)
            known = promised = position + 1
        if page.more and position >= known:
            known = promised = position + 1
        if position >= known and page.held and self._is_blind(page) and not self.repeats.is_end:
            known = position + 1
        self.known = known
        if promised > self.promised:
            self.promised = promised
        if page.count is not None or page.pages is not None or known <= position:
            self.ended = True

    def _learn_chained(self, chain: Chain, request: Request, page: Page) -> None:
        found = chain.behind(request, page)
        chain.read(request, found)
        self.link, self.ended = found, found is None
        self.known = max(self.known, request.position + (found is not None))
