"""The first answer of each resource that a table needs: takes a dataset and who asks, gives a journal and its pages.

Of a resource its first page, of a parent's children one, of a resource that is referred to its first page.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ladle.asking import Asker
from ladle.collect.collection import Collection
from ladle.collect.journal import Journal
from ladle.collect.plan import Planner
from ladle.collect.request import Request, entry_of, page_of
from ladle.collect.retry import Answer, judge, unusable
from ladle.errors import UpstreamError
from ladle.sources.paging import AnswerError, Page
from ladle.sources.source import Column, Dataset, Source

MOST_REQUESTS = 30
"""A look that takes more is none: collecting has its price told before."""


class FirstAnswers:
    """The first answer of each resource that a table needs, in a journal that is gone afterwards."""

    def __init__(self, source: Source, dataset: Dataset, asker: Asker, folder: Path, *, env: Mapping[str, str]) -> None:
        self.source, self.dataset, self.asker, self.folder, self.env = source, dataset, asker, folder, env
        self.journal = Journal(folder, fence=1)
        self.pages: dict[str, Page] = {}
        """The first answer of each resource."""
        self.notes: list[str] = []
        self.started = datetime.now(UTC)
        self.planner = Planner(source, dataset, again=False)

    @property
    def shows_columns(self) -> bool:
        """The definition names the columns, or records came that show them."""
        return bool(self.dataset.columns) or any(page.records for page in self.pages.values())

    def columns_of(self, resource: str) -> tuple[Column, ...]:
        """The columns that the table has of a resource's records."""
        return self.dataset.columns if resource == self.dataset.resource else ()

    async def all(self) -> None:
        """The table's own resources, a parent before its child, then those that it refers to."""
        due = [*_firsts(self.planner.begin())]
        while due:
            request = due.pop(0)
            if request.resource in self.pages:
                continue
            page = await self._ask(request)
            further = self._follow(request, page)
            # What follows of another resource is a child, or what the records refer to: that comes by its first page.
            due += [each for each in _firsts(further) if each.role in ("item", "items")]
        for name in dict.fromkeys(column.reference.resource for column in self.dataset.columns if column.reference):
            if name not in self.pages:
                await self._refer(name)

    async def _ask(self, request: Request) -> Page:
        """Ask, and put the answer into the journal. Raises UpstreamError where it can't be used."""
        if len(self.pages) >= MOST_REQUESTS:
            hint = "Look at it with fewer tables and references."
            raise UpstreamError(f"A look takes {MOST_REQUESTS} requests at most, one for each resource.", hint=hint)
        outcome = await self.asker.ask(request)
        verdict = judge(outcome, attempt=1, source=self.source, now=time.time(), random=lambda: 0.0)
        if verdict.action == "keep" and isinstance(outcome, Answer):
            try:
                return self._keep(request, outcome)
            except AnswerError as error:
                failure = unusable(outcome, error)
                verdict = judge(failure, attempt=1, source=self.source, now=time.time(), random=lambda: 0.0)
        raise UpstreamError(f"{request.key}: {verdict.reason}", hint=verdict.hint)

    def _keep(self, request: Request, answer: Answer) -> Page:
        entry = entry_of(request, answer, kind="answer", attempt=1)
        page = page_of(self.source.resources[request.resource], entry)
        self.journal.append(replace(entry, records=len(page.records)))
        self.pages[request.resource] = page
        return page

    def _follow(self, request: Request, page: Page) -> Iterable[Request]:
        try:
            return self.planner.answered(request, page)
        except AnswerError as error:  # the page itself is good; what it says of the next one is not
            self.notes.append(f"{request.key}: {error.message}")
            return ()

    async def _refer(self, name: str) -> None:
        """The first page of what the table refers to: most names are on it, or what they look like is."""
        if self.source.resources[name].each is not None:
            return
        for request in _firsts(Collection(self.source, self.source.resources[name]).ask()):
            try:
                await self._ask(request)
            except UpstreamError as error:
                self.notes.append(f"What refers to {name} is empty here: {error.message}")


def _firsts(requests: Iterable[Request]) -> Iterator[Request]:
    """Of each resource the first."""
    seen: set[str] = set()
    for request in requests:
        if request.resource not in seen:
            seen.add(request.resource)
            yield request
