"""From a run's journal to a snapshot: takes the journal and the run's facts, gives five files and their manifest.

No network, and repeatable: the same journal gives the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from ladle.errors import UpstreamError
from ladle.home import Home
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.complete import judge
from ladle.snapshots.files import (
    CSV,
    INDEX,
    MANIFEST,
    PARQUET,
    PROFILE,
    keep,
    publish,
    remove_leftovers,
    unfinished,
    write_table,
)
from ladle.snapshots.manifest import Manifest, RunFacts, manifest_bytes, read_manifest
from ladle.snapshots.profile import profile, profile_bytes
from ladle.snapshots.table import Collected
from ladle.sources.source import Dataset, Source
from ladle.version import VERSION


def build(
    journal: Path,
    *,
    source: Source,
    dataset: Dataset,
    home: Home,
    run_id: str,
    facts: RunFacts,
    bounds: Bounds = BOUNDS,
    clock: Callable[[], float] = time.time,
    still_wanted: Callable[[], None] = lambda: None,
) -> Manifest:
    """Build and publish the snapshot of a run; one that is published already is left as it is.

    `still_wanted` is called between steps and once right before the folder appears: what it raises ends the build, and
    nothing is left of it.

    The folder `snapshots/<source>/<dataset>/<run_id>/` appears whole or not at all, whenever the process ends.
    Raises UpstreamError when the dataset names no columns and no record came to show any.
    """
    final = home.snapshots / source.name / dataset.name / run_id
    remove_leftovers(final.parent, now=clock())
    if (final / MANIFEST).exists():
        return read_manifest(final)
    with unfinished(final) as folder:
        manifest = _write(
            folder,
            journal,
            source=source,
            dataset=dataset,
            run_id=run_id,
            facts=facts,
            bounds=bounds,
            wanted=still_wanted,
        )
        still_wanted()
        return manifest if publish(folder, final) else read_manifest(final)


def _write(
    folder: Path,
    journal: Path,
    *,
    source: Source,
    dataset: Dataset,
    run_id: str,
    facts: RunFacts,
    bounds: Bounds,
    wanted: Callable[[], None],
) -> Manifest:
    """Write all five files into the folder."""
    collected = Collected(journal, source=source, dataset=dataset, base_url=facts.base_url, bounds=bounds)
    if not collected.columns:
        message = f"{source.name}/{dataset.name}: no record came, so it is not known which columns there are."
        hint = "Name the columns in the source's definition, or collect when there are records."
        raise UpstreamError(message, hint=hint)
    rows = write_table(folder, _while(wanted, collected.chunks()), schema=collected.schema, bounds=bounds)
    # DuckDB has a memory of its own: what Arrow keeps for later is given back before.
    pa.default_memory_pool().release_unused()
    found = profile(folder / PARQUET, columns=collected.columns, rows=rows, bounds=bounds, wanted=wanted)
    (folder / PROFILE).write_bytes(profile_bytes(found))
    if facts.settled.claimed is not None:
        # The count of the moment that the pages are of, which need not be the last.
        collected.claimed = facts.settled.claimed
    outcome = judge(collected, rows=rows, gaps=facts.gaps, settled=facts.settled)
    manifest = Manifest(
        id=run_id,
        source=source.name,
        dataset=dataset.name,
        title=dataset.title,
        run=run_id,
        definition_sha256=source.sha256,
        base_url=facts.base_url,
        license=source.license,
        quotas=facts.quotas,
        requests=facts.requests,
        started=facts.started,
        finished=facts.finished,
        rows=rows,
        duplicates=collected.duplicates,
        claimed=collected.claimed,
        found=rows,
        complete=not outcome.reasons,
        reasons=outcome.reasons,
        gaps=outcome.gaps,
        columns=collected.columns,
        files={name: keep(folder / name) for name in (CSV, INDEX, PARQUET, PROFILE)},
        made_by=f"ladle {VERSION}",
        unchanged=facts.unchanged,
        readings=facts.settled.readings,
        reread=facts.settled.reread,
        notes=tuple(_notes(facts)),
        continues=facts.continues,
    )
    (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
    return manifest


def _while(wanted: Callable[[], None], chunks: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The chunks, as long as they are wanted."""
    for chunk in chunks:
        wanted()
        yield chunk


def _notes(facts: RunFacts) -> Iterator[str]:
    """What the reader should know, though nothing is wrong."""
    if facts.settled.note:
        yield facts.settled.note
    if facts.continues:
        yield (
            f"Only what the run {facts.continues} lacked was asked for, from {facts.started:%Y-%m-%d %H:%M} on; "
            "all else is as that run found it."
        )
