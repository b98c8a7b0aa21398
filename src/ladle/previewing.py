"""A look before anything is collected: takes a dataset or a definition, gives its first rows for a request or two.

One request for each resource that the table needs: the first page, of a parent's children one, of a resource that is
referred to its first page. They spend the same quota as runs do; nothing is kept but that.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ladle.asking import LOOKED_ON, Asker, Memory, asking
from ladle.collect.collection import Collection
from ladle.collect.journal import Journal
from ladle.collect.plan import Planner
from ladle.collect.price import Plan, priced
from ladle.collect.request import Request, entry_of, page_of
from ladle.collect.retry import Answer, judge, unusable
from ladle.errors import UpstreamError
from ladle.explore.rows import read_rows
from ladle.home import Home, new_id
from ladle.snapshots.build import build, final_folder
from ladle.snapshots.manifest import Manifest, RunFacts, TableColumn
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING, Overrides, load_any
from ladle.sources.paging import AnswerError, Page
from ladle.sources.slips import slips
from ladle.sources.source import Column, Dataset, Source
from ladle.words import plural

MOST = 10
"""Rows that are shown at most."""
MOST_REQUESTS = 30
"""A look that takes more is none: collecting has its price told before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows of a dataset."""

    dataset: str
    """`swapi/people`."""
    columns: tuple[TableColumn, ...]
    """With the types that these few records suggest: more records may widen them."""
    rows: list[dict[str, Any]]
    """Each {column: value}, ten at most."""
    requests: int
    """What it cost."""
    plan: Plan
    """What a run would cost, as far as these answers tell."""
    notes: tuple[str, ...]
    """What the rows don't show, or could not, in words."""


def preview(
    dataset: str | Path = "",
    *,
    definition: str | Source | None = None,
    parameters: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
    home: Home | str | Path | None = None,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    memory: Memory | None = None,
    silent: bool = False,
    env: Mapping[str, str] = os.environ,
) -> Preview:
    """The first rows of a dataset, for one request for each resource involved. Nothing is kept.

    What `memory` holds is not asked for again; `silent`: nothing else is shown, and NotAsked raised where it lacks.

    `definition` is the text of one that is nowhere kept, `files` the texts of its lists by their names in it, or the
    Source that `check` has made of both; `dataset` is then the name of one of its datasets, or empty where it has one
    alone. Works where an event loop runs already.

    Raises what `start` raises, and UpstreamError where the API gives no answer that can be read.
    """
    place = home if isinstance(home, Home) else Home.open(home, env=env)
    overrides = Overrides(base_url=base_url, quota=quota, pace=pace)
    source, found = load_any(
        dataset,
        definition=definition,
        trusted=trusted,
        home=place,
        env=env,
        overrides=overrides,
        values=parameters,
        files=files,
    )
    with ThreadPoolExecutor(1, thread_name_prefix="ladle-preview") as pool:
        looking = look(place, source, found, memory=memory, silent=silent, env=env)
        return pool.submit(asyncio.run, looking).result()


async def look(
    home: Home,
    source: Source,
    dataset: Dataset,
    *,
    memory: Memory | None = None,
    silent: bool = False,
    env: Mapping[str, str] = os.environ,
) -> Preview:
    """The same of a source that is loaded, in the caller's event loop."""
    with TemporaryDirectory(prefix="ladle-preview-", ignore_cleanup_errors=True) as folder:
        async with asking(home, source, memory=memory, silent=silent, env=env, bounds=LOOKED_ON) as asker:
            looked = _Look(source, dataset, asker, Path(folder) / "journal", env=env)
            with looked.journal:
                await looked.all()
        return await asyncio.to_thread(_built, looked, Path(folder))


class _Look:
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


def _built(look: _Look, folder: Path) -> Preview:
    """The table of what came, as a snapshot's is built."""
    manifest, rows = _snapshot(look, folder) if look.shows_columns else (None, [])
    return Preview(
        dataset=f"{look.source.name}/{look.dataset.name}",
        columns=manifest.columns if manifest is not None else (),
        rows=rows,
        requests=look.asker.asked,
        plan=priced(look.source, look.dataset, look.planner.parts(), env=look.env),
        notes=(*look.notes, *_told(look), *_empty(look, rows)),
    )


def _snapshot(look: _Look, folder: Path) -> tuple[Manifest, list[dict[str, Any]]]:
    source, dataset, home = look.source, look.dataset, Home(folder)
    ended, asked = datetime.now(UTC), look.asker.asked
    facts = RunFacts(started=look.started, finished=ended, requests=asked, base_url=source.base_url)
    id_ = new_id(look.started)
    manifest = build(look.folder, source=source, dataset=dataset, home=home, run_id=id_, facts=facts)
    kept = final_folder(home, source=source, dataset=dataset, run_id=id_)
    return manifest, read_rows(kept, manifest, offset=0, limit=MOST)


def _told(look: _Look) -> Iterator[str]:
    """How much more there is, and what is missing."""
    if not look.shows_columns:
        yield "No record came to show any column."
    for name in look.dataset.tables or (look.dataset.resource,):
        each, page = look.source.resources[name].each, look.pages.get(name)
        if each is not None and each.parent in look.pages:
            number = plural(len(look.pages[each.parent].records), "record")
            yield f"Of {number} on the first page of {each.parent} one was asked for."
        elif each is not None and len(each.items) > 1:
            yield f"One request was made of those for {plural(len(each.items), 'item')}."
        elif page is not None and page.count is not None and page.count > len(page.records):
            yield f"The API says that there are {plural(page.count, 'record')} of {name}."
    for name, page in look.pages.items():
        yield from slips(look.source.resources[name], page, look.columns_of(name))


def _empty(look: _Look, rows: list[dict[str, Any]]) -> Iterator[str]:
    """References whose names are not among those that came."""
    for column in look.dataset.columns:
        if column.reference and any(row.get(column.name) is None for row in rows):
            name = column.reference.resource
            yield f"{column.name} is empty where it refers to a record that is not on the first page of {name}."
