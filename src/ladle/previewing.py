"""A look before anything is collected: takes a dataset or a definition, gives its first rows for a request or two.

One request for each resource that the table needs: the first page, of a parent's children one, of a resource that is
referred to its first page. They spend the same quota as runs do; nothing is kept but that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ladle.home import Home
from ladle.snapshots.manifest import TableColumn
from ladle.sources.given import Parameters
from ladle.sources.library import NOTHING, Overrides, load_any
from ladle.sources.source import Dataset, Source

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
    notes: tuple[str, ...]
    """What the rows don't show, or could not, in words."""


def preview(
    dataset: str | Path = "",
    *,
    definition: str | None = None,
    parameters: Parameters = NOTHING,
    files: Mapping[str, str] = NOTHING,
    trusted: bool = True,
    home: Home | str | Path | None = None,
    base_url: str | None = None,
    quota: str | None = None,
    pace: str | None = None,
    env: Mapping[str, str] = os.environ,
) -> Preview:
    """The first rows of a dataset, for one request for each resource involved. Nothing is kept.

    `definition` is the text of one that is nowhere kept, `files` the texts of its lists by their names in it, `dataset`
    then the name of one of its datasets, or empty where it has one alone. Works where an event loop runs already.

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
        return pool.submit(asyncio.run, look(place, source, found, env=env)).result()


async def look(home: Home, source: Source, dataset: Dataset, *, env: Mapping[str, str] = os.environ) -> Preview:
    """The same of a source that is loaded, in the caller's event loop."""
    raise NotImplementedError
