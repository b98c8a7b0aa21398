"""A collection that moves while it is read, without a network: takes changes with their times, gives what was kept."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from ladle.collect.plan import Planner
from ladle.collect.request import Request
from ladle.collect.settling import REFUSED
from ladle.sources.paging import Page
from ladle.sources.source import Source
from tests.collect.world import BASE, paged, source_of

Style = Literal["page", "link", "offset", "cursor"]
Change = Literal["insert", "delete", "move"]


@dataclass
class Moving:
    """A list of numbers in pages of `size`, each state of it remembered."""

    records: list[int]
    size: int = 3
    states: list[list[int]] = field(default_factory=list)
    changes: list[tuple[int, Change]] = field(default_factory=list)
    """Each with the number of answers that were made before it."""
    answers: int = 0

    def __post_init__(self) -> None:
        self._fresh = itertools.count(max(self.records, default=0) + 1)
        self.states.append(list(self.records))

    def change(self, random: Random, kind: Change) -> None:
        """Change it at a random place; what is inserted is new."""
        records = self.records
        if kind != "insert" and not records:
            return
        if kind != "insert":
            taken = records.pop(random.randrange(len(records)))
        if kind != "delete":
            records.insert(random.randint(0, len(records)), next(self._fresh) if kind == "insert" else taken)
        self.states.append(list(records))
        self.changes.append((self.answers, kind))

    def answer(self, start: int) -> tuple[list[int], int, int | None]:
        """The records from a place on, how many there are, and where the next page starts."""
        self.answers += 1
        end = start + self.size
        return self.records[start:end], len(self.records), end if end < len(self.records) else None

    @property
    def hides(self) -> bool:
        """Whether a record went and another came between the same two answers: no client can count that."""
        gaps: dict[int, set[Change]] = {}
        for answers, kind in self.changes:
            gaps.setdefault(answers, set()).add(kind)
        return any({"insert", "delete"} <= kinds for kinds in gaps.values())


def source_for(style: Style, *, counted: bool, more: str = "") -> Source:
    """A source with such a collection."""
    leads = 'cursor = "next"' if style == "cursor" else 'next = "next"'
    told = f'count = "count"\n{leads}' if counted else leads
    return source_of(paged("things", style=style, told=told, more=more), columns='"url"')


@dataclass
class Reading:
    """A planner that reads a moving collection with several requests under way, in a time of its own."""

    planner: Planner
    moving: Moving
    random: Random
    at_once: int = 4
    requests: int = 0
    lost: list[str] = field(default_factory=list)
    kept: dict[int, tuple[int, list[int]]] = field(default_factory=dict)
    """Position → reading and records."""

    def run(self, schedule: list[tuple[float, Change]], *, over: int = 3000) -> Reading:
        """Read to the end while the changes come at their times."""
        number = itertools.count()
        queue: Iterator[Request] = iter(self.planner.begin())
        events: list[tuple[float, int, Callable[[float], None]]] = []
        flying = 0
        pending: list[Iterator[Request]] = [queue]

        def at(time: float, act: Callable[[float], None]) -> None:
            heapq.heappush(events, (time, next(number), act))

        def send(now: float) -> None:
            nonlocal flying
            while flying < self.at_once and pending:
                request = next(pending[0], None)
                if request is None:
                    pending.pop(0)
                    continue
                flying += 1
                self.requests += 1
                assert self.requests < over, "it never ends"
                made = now + self.random.random()
                at(made, lambda now, request=request, sent=now: make(now, request, sent))

        def make(now: float, request: Request, sent: float) -> None:
            found = self._answer(request)
            at(now + self.random.random(), lambda now: come(now, request, sent, found))

        def come(now: float, request: Request, sent: float, found: Page | int) -> None:
            nonlocal flying
            flying -= 1
            pending.append(iter(self._take(request, found, sent, now)))
            send(now)

        for time, kind in schedule:
            at(time, lambda _, kind=kind: self.moving.change(self.random, kind))
        send(0.0)
        while events:
            time, _, act = heapq.heappop(events)
            act(time)
        return self

    def _answer(self, request: Request) -> Page | int:
        query = dict(part.split("=") for part in request.url.partition("?")[2].split("&") if part)
        start = (int(query.get("page", "1")) - 1) * self.moving.size
        start = int(query.get("after") or query.get("offset") or query.get("cursor") or start)
        found, count, following = self.moving.answer(start)
        if not found and start:
            return 404
        counted = self.planner.resource.count is not None
        page = f"page={following // self.moving.size + 1}" if "page" in query and following else f"after={following}"
        page = f"offset={following}" if "offset" in query else page
        after = f"{BASE}things/?{page}" if following else None
        records: list[dict[str, Any]] = [{"url": str(each)} for each in found]
        if self.planner.resource.paging.style == "cursor":
            return Page(records, count if counted else None, None, token=following)
        return Page(records, count if counted else None, after)

    def _take(self, request: Request, found: Page | int, sent: float, now: float) -> Iterator[Request]:
        if isinstance(found, int) and not (found in REFUSED and self.planner.is_past_end(request, found)):
            self.lost.append(request.key)
            further = self.planner.given_up(request, refused=True)
        else:
            page = Page([], None, None) if isinstance(found, int) else found
            self._keep(request.position, request.reading, [int(each["url"]) for each in page.records])
            further = self.planner.answered(request, page, started=sent, ended=now)
        for past in self.planner.settling.take_past():
            self._keep(past.position, past.reading, [])
            if past.key in self.lost:
                self.lost.remove(past.key)
        return further

    def _keep(self, position: int, reading: int, records: list[int]) -> None:
        if reading >= self.kept.get(position, (0,))[0]:
            self.kept[position] = reading, records

    @property
    def table(self) -> list[int]:
        """Each record once."""
        return list(dict.fromkeys(each for _, (_, page) in sorted(self.kept.items()) for each in page))

    @property
    def complete(self) -> bool:
        """As the snapshot would say."""
        settling = self.planner.settling
        assert settling.over or self.lost
        fits = settling.claimed is None or settling.claimed == len(self.table)
        return not self.lost and not settling.reason and fits

    @property
    def true(self) -> bool:
        """Whether the table is the collection as it was at one moment."""
        found = sorted(self.table)
        return any(sorted(state) == found for state in self.moving.states)


def read(
    seed: int,
    *,
    style: Style = "page",
    counted: bool = True,
    kinds: tuple[Change, ...],
    rate: float = 0.3,
    more: str = "",
) -> Reading:
    """A reading of some 20 records while about `rate` changes come in each unit of time."""
    random = Random(seed)
    source = source_for(style, counted=counted, more=more)
    moving = Moving(list(range(1, random.randint(2, 30))), size=random.randint(2, 5))
    last = random.uniform(0, 12 if style in ("page", "offset") else 30)
    number = sum(random.random() < rate for _ in range(int(last * 2)))
    schedule = sorted((random.uniform(0, last), random.choice(kinds)) for _ in range(number))
    planner = Planner(source, source.datasets["things"])
    return Reading(planner, moving, random, at_once=random.choice((1, 2, 4, 8))).run(schedule)
