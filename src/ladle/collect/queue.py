"""What is asked for next? Takes requests and when they may go, gives each once, when it is due; it touches nothing."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ladle.collect.journal import Entry
from ladle.collect.request import Request


class Due(NamedTuple):
    """A request whose turn it is, and which attempt this is, from 1."""

    request: Request
    attempt: int


def name_of(request: Request) -> str:
    """What is asked for once: a request's key in one reading. A text alone takes half the room of a pair."""
    return request.key if request.reading == 1 else f"{request.key} {request.reading}"


class Queue:
    """The requests of one run that are still to be made. `held` is told of each that an earlier driver has to leave
    alone for a while, with the attempt after which the API said so.
    """

    def __init__(self, held: Callable[[Request, Entry], None]) -> None:
        self.flying = 0
        """Requests that are under way."""
        self.elsewhere = 0
        """Requests that others make, or will bring: while there are any, it is not over."""
        self.proved = False
        """The API has answered a call. Until then calls go one by one: a wrong key costs one, and a site that is down
        is not asked by every worker at once."""
        self._tell_held = held
        self._issued: deque[Iterator[Request]] = deque()
        self._later: list[tuple[float, int, Request, int]] = []
        """Requests to be tried again: when, a number that breaks ties, the request, its next attempt."""
        self._number = itertools.count()
        self._held: dict[str, Entry] = {}
        """Attempts of an earlier driver after which the API wanted to be left alone, until now and longer."""
        self._answered: set[str] = set()

    def put(self, requests: Iterable[Request]) -> None:
        """Behind those that wait; each is made when its turn comes, since there can be 100,000."""
        if requests:
            self._issued.append(iter(requests))

    def put_first(self, requests: Iterable[Request]) -> None:
        """Before those that wait."""
        self._issued.appendleft(iter(requests))

    def lend(self, most: int, *, least: int, keep: int) -> list[Request]:
        """The requests whose turn comes next, for somebody else to make: so many at most.

        None where there are not even `least` of them besides those to `keep`; nor before the API has answered a call.
        """
        if not self.proved:
            return []
        ready = list(itertools.islice(self._firsts(), most + keep))
        number = len(ready) - keep
        lent = ready[:number] if number >= least else []
        self.put_first(ready[len(lent) :])
        return lent

    def again(self, request: Request, *, attempt: int, at: float) -> None:
        """Once more, not before `at`, in seconds since 1970."""
        heapq.heappush(self._later, (at, next(self._number), request, attempt))

    def hold(self, request: Request, trouble: Entry) -> None:
        """When its turn comes, go on where an earlier driver was told to come back later."""
        self._held[name_of(request)] = trouble

    def close(self, request: Request) -> bool:
        """It is answered and not asked for any more; False when it was before."""
        name = name_of(request)
        if name in self._answered:
            return False
        self._answered.add(name)
        return True

    def is_closed(self, request: Request) -> bool:
        """Whether it is answered."""
        return name_of(request) in self._answered

    def take(self, now: float) -> Due | None:
        """The request that is due; it is under way from then on, until `landed`."""
        due = self._due(now) if self._may_go else None
        self.flying += due is not None
        return due

    def landed(self) -> None:
        """One that was under way came back."""
        self.flying -= 1

    @property
    def again_at(self) -> float | None:
        """When the next is to be tried again; None where none is."""
        return self._later[0][0] if self._later else None

    def seconds_to_next(self, now: float) -> float | None:
        """Until one is to be tried again and may go; None while only news can bring a request."""
        return max(0.0, self._later[0][0] - now) if self._later and self._may_go else None

    @property
    def _may_go(self) -> bool:
        return self.proved or not self.flying

    def _due(self, now: float) -> Due | None:
        if self._later and self._later[0][0] <= now:
            _, _, request, attempt = heapq.heappop(self._later)
            return Due(request, attempt)
        first = next(self._firsts(), None)
        return None if first is None else Due(first, 1)

    def _firsts(self) -> Iterator[Request]:
        """First attempts in their order, taken from those that wait."""
        while self._issued:
            for request in self._issued[0]:
                name = name_of(request)
                if name in self._held:
                    self._put_off(request, self._held.pop(name))
                elif name not in self._answered:
                    yield request
            self._issued.popleft()

    def _put_off(self, request: Request, trouble: Entry) -> None:
        self._tell_held(request, trouble)
        self.again(request, attempt=trouble.attempt + 1, at=trouble.again_at or 0.0)
