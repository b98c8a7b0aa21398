"""Bringing a collection to rest: takes its answers and what was given up, gives the pages to be read again.

Nothing is decided before every page that is known has come. While a page is missing nothing is read again either: the
run ends incomplete anyway, and a later try at the missing page judges then. A page that the API refuses is no gap but
the end, when the latest count says so; at the end of the pages one other page is asked for that count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ladle.collect.collection import Collection
from ladle.collect.drift import READINGS, Drift
from ladle.collect.hashes import hashes_of
from ladle.collect.observed import Observed
from ladle.collect.pages import CHAINED
from ladle.collect.request import Request, leftover_request
from ladle.sources.paging import Page

REFUSED = frozenset({400, 404, 416, 422})
"""How APIs refuse a page beyond the last."""

CHANGED = "The collection has changed since its first pages were read, which are not read again here. Collect it anew."

UNCOUNTED = "The API tells no count: a record deleted while pages were read may have moved another out of sight."
UNKEYED = "The API tells neither a count nor a key: records that moved while pages were read can't be noticed."

UNJUDGED = "Not all pages came, so they could not be held against each other."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a collection's readings came to."""

    readings: int = 1
    """How often the page that was read most often was read."""
    reread: int = 0
    """Requests for pages that had been read before."""
    claimed: int | None = None
    """The count that the pages were held against; None where that was not settled."""
    reason: str = ""
    """Why the pages don't fit together, in words; empty where they do."""
    note: str = ""
    """What could not be noticed, in words."""
    found: int | None = None
    """Where a transform makes other records: how many the API gave, each once, to be held against its count."""


class Settling:
    """One collection's readings, until they fit together or nothing is won by another."""

    def __init__(self, collection: Collection, *, again: bool = True) -> None:
        self._collection, self._resource = collection, collection.resource
        self._seen = Observed()
        keyed, verify = self._resource.key is not None, self._resource.verify and again
        self._drift = Drift(self._seen, keyed=keyed, verify=verify)
        self._again = again
        """Whether anything may be read again."""
        self._due = bytearray()
        """By position, 1 for each page that is being read again."""
        self._lost: dict[int, tuple[Request, bool]] = {}
        """Pages that were given up, and whether the API refused them."""
        self._past: list[Request] = []
        self._probed = False
        self.reread = 0
        """Requests for pages that had been read before."""
        self.over = self._resource.paging.style == "none" or self._resource.each is not None
        """Nothing more is to be decided."""
        self.reason = ""
        """Why it did not come to rest, in words."""
        self.claimed: int | None = None
        """The count that the pages were held against, once that is settled."""
        self.found: int | None = None
        """Where a transform makes other records: how many the API gave, each once."""

    @property
    def _walks(self) -> bool:
        """Whether it is read page by page in their order: then what is inserted shows as a key that comes again."""
        return self._resource.paging.style in CHAINED or self._collection.count is None

    @property
    def settled(self) -> Settled:
        """What the readings came to, to be asked at the end."""
        note = UNCOUNTED if self._resource.key else UNKEYED
        verified = self._resource.verify and self._again
        blind = self._walks and len(self._seen.positions()) > 1 and not verified
        unjudged = UNJUDGED if not self.over and not self._lost else ""
        return Settled(
            readings=max(self._seen.readings, 1),
            reread=self.reread,
            claimed=self.claimed,
            found=self.found,
            reason=self.reason or unjudged,
            note=note if blind and self._collection.count is None else "",
        )

    @property
    def now(self) -> float:
        """When the last answer had come, in seconds since 1970."""
        return self._seen.now

    @property
    def records(self) -> int:
        """Records of the latest reading of each page."""
        return self._seen.total

    def follow(self, request: Request) -> None:
        """Go along with an answer's reading: a journal may hold another walk than the one that is known here."""
        while request.reading > self._collection.walk and self._walks:
            self._walk_again()

    def closes(self, request: Request) -> bool:
        """Whether it answers what is open, which is then closed; a journal may hold what is not open any more."""
        if self._walks:
            return request.reading == self._collection.walk
        if request.reading == 1:
            return True
        was_due = request.position < len(self._due) and bool(self._due[request.position])
        if was_due:
            self._due[request.position] = 0
        return was_due

    def answered(self, request: Request, page: Page, *, started: float, ended: float) -> None:
        """Take a page."""
        self._lost.pop(request.position, None)
        hashes = hashes_of(page.records if page.raw is None else page.raw, self._resource.key)
        self._seen.note(
            request.position, reading=request.reading, hashes=hashes, count=page.count, started=started, ended=ended
        )

    def given_up(self, request: Request, *, refused: bool) -> None:
        """A page that will not come."""
        self._lost[request.position] = request, refused
        if refused and not self._seen.reading_of(request.position):
            self._collection.note_empty(request.position)

    def take_past(self) -> list[Request]:
        """Pages that have turned out to lie past the end since the last call: to be kept as empty answers."""
        past, self._past = self._past, []
        return past

    def go_on(self) -> Iterable[Request]:
        """What is to be read again, once everything that was asked for has come or was given up."""
        if self.over or not self._collection.finished:
            return ()
        self._note_the_end()
        if self._lost:
            return self._probe()
        if self._walks:
            self._note_leftovers()
        repeated = self._without_repeats()
        judgement = self._drift.judge()
        if judgement.state == "moved" and self._again:
            return self._walk_again() if self._walks else self._read_again(judgement.stale)
        self.over, self.claimed = True, judgement.claimed
        self.reason = CHANGED if judgement.state == "moved" else judgement.reason
        self._past += [leftover_request(self._resource, each, reading=reading + 1) for each, reading in repeated]
        self.found = self._drift.distinct() if self._resource.transform else None
        self._seen.close()
        return ()

    def _note_the_end(self) -> None:
        """Pages that were refused and lie past the end by what is known now."""
        for position, (request, refused) in list(self._lost.items()):
            if refused and self._collection.is_past_end(position):
                del self._lost[position]
                self._past.append(replace(request, reading=max(request.reading, self._seen.reading_of(position) + 1)))
                empty = Page([], None, None)
                self.answered(self._past[-1], empty, started=self._seen.now, ended=self._seen.now)

    def _probe(self) -> Iterable[Request]:
        """Where the last pages alone were refused, the one before them tells whether they have gone."""
        last = max((each for each in self._seen.positions() if each not in self._lost), default=0)
        refused = all(refused for _, refused in self._lost.values())
        may = self._again and not self._probed and not self._walks and refused and min(self._lost) > last > 0
        if not may or self._seen.reading_of(last) >= READINGS:
            return ()
        self._probed = True
        return self._read_again((last,))

    def _read_again(self, positions: Sequence[int]) -> Iterator[Request]:
        self._due.extend(bytes(max(0, max(positions) + 1 - len(self._due))))
        for position in positions:
            self._due[position] = 1
        self._collection.open += len(positions)
        self.reread += len(positions)
        return map(self._again_request, positions)

    def _again_request(self, position: int) -> Request:
        request = self._collection.page(position)
        return replace(request, reading=self._seen.reading_of(position) + 1)

    def _walk_again(self) -> Iterable[Request]:
        """A chain is walked anew: only a page knows the next."""
        self.reread += self._collection.asked
        return self._collection.walk_again()

    def _without_repeats(self) -> list[tuple[int, int]]:
        """Pages behind the end that were the last one again hold nothing; position and reading of each.

        The journal is told only when no page is read again: in another walk there may be more pages.
        """
        since = self._collection.repeats.since
        positions = [each for each in self._seen.positions() if since is not None and each >= since]
        for each in positions:
            self._seen.empty(each)
        return [(each, self._seen.reading_of(each)) for each in positions]

    def _note_leftovers(self) -> None:
        """A chain that is shorter than before: what lay behind its end is no more."""
        walk, length = self._collection.walk, self._collection.known
        for position in self._seen.forget_beyond(length, reading=walk):
            self._past.append(leftover_request(self._resource, position, reading=walk))
