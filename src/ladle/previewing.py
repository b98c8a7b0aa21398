"""A look before anything is collected: takes a dataset or a definition, gives its first rows for a request or two.

One request for each resource that the table needs (`first_answers`). They spend the same quota as runs do;
nothing is kept but that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ladle.asking import LOOKED_ON, Memory, asking, run_through
from ladle.collect.price import Plan, priced
from ladle.explore.rows import read_rows
from ladle.first_answers import FirstAnswers
from ladle.home import Home, home_in, new_id
from ladle.snapshots.build import build, final_folder
from ladle.snapshots.manifest import Manifest, RunFacts, TableColumn
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING, Overrides, load_any
from ladle.sources.slips import slips
from ladle.sources.source import Dataset, Source
from ladle.words import plural

MOST = 10
"""Rows that are shown at most."""


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
    """`ladle.preview` (public_sources.py), in a home."""
    place = home_in(home, env=env)
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
    return run_through(look(place, source, found, memory=memory, silent=silent, env=env))


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
            looked = FirstAnswers(source, dataset, asker, Path(folder) / "journal", env=env)
            with looked.journal:
                await looked.all()
        return await asyncio.to_thread(_built, looked, Path(folder))


def _built(look: FirstAnswers, folder: Path) -> Preview:
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


def _snapshot(look: FirstAnswers, folder: Path) -> tuple[Manifest, list[dict[str, Any]]]:
    source, dataset, home = look.source, look.dataset, Home(folder)
    ended, asked = datetime.now(UTC), look.asker.asked
    facts = RunFacts(started=look.started, finished=ended, requests=asked, base_url=source.base_url)
    id_ = new_id(look.started)
    manifest = build(look.folder, source=source, dataset=dataset, home=home, run_id=id_, facts=facts)
    kept = final_folder(home, source=source, dataset=dataset, run_id=id_)
    return manifest, read_rows(kept, manifest, offset=0, limit=MOST)


def _told(look: FirstAnswers) -> Iterator[str]:
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


def _empty(look: FirstAnswers, rows: list[dict[str, Any]]) -> Iterator[str]:
    """References whose names are not among those that came."""
    for column in look.dataset.columns:
        if column.reference and any(row.get(column.name) is None for row in rows):
            name = column.reference.resource
            yield f"{column.name} is empty where it refers to a record that is not on the first page of {name}."
