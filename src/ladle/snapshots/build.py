"""From a run's journal to a snapshot: takes the journal and the run's facts, gives five files and their manifest.

No network, and repeatable: the same journal gives the same bytes, whether the table was begun while its answers came
(`feed`) or is woven from the journal alone.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from ladle.errors import UpstreamError
from ladle.home import Home
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.complete import judge
from ladle.snapshots.feed import Feed
from ladle.snapshots.files import MANIFEST, PARQUET, PROFILE, keep, publish, remove_leftovers
from ladle.snapshots.gather import Part
from ladle.snapshots.manifest import Manifest, RunFacts, manifest_bytes, read_manifest
from ladle.snapshots.profile import profile, profile_bytes
from ladle.snapshots.reading import Reading
from ladle.snapshots.table import Collected
from ladle.snapshots.weave import Loom, Woven
from ladle.sources.source import Dataset, Source
from ladle.version import VERSION

LOOK_EVERY = 64
"""Answers between two looks whether the build is still wanted."""


def final_folder(home: Home, *, source: Source, dataset: Dataset, run_id: str) -> Path:
    """Where the snapshot of a run will lie."""
    return home.snapshots / source.name / dataset.name / run_id


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
    feed: Feed | None = None,
    still_wanted: Callable[[], None] = lambda: None,
) -> Manifest:
    """Build and publish the snapshot of a run; one that is published already is left as it is.

    The folder `snapshots/<source>/<dataset>/<run_id>/` appears whole or not at all, whenever the process ends. `feed`
    is what was begun while answers came: it must have been told every answer of the journal since its first.

    `still_wanted` is called between steps and once right before the folder appears: what it raises ends the build, and
    nothing is left of it.

    Raises UpstreamError when the dataset names no columns and no record came to show any.
    """
    final = final_folder(home, source=source, dataset=dataset, run_id=run_id)
    remove_leftovers(final.parent, now=clock())
    if (final / MANIFEST).exists():
        return read_manifest(final)
    job = _Job(journal, source, dataset, facts, bounds, still_wanted)
    with ExitStack() as stack:
        loom = feed.loom if feed is not None else None
        if feed is None or loom is None:
            names = job.reading.collected.names
            resource = source.resources[dataset.resource]
            loom = stack.enter_context(Loom(final, dataset=dataset, resource=resource, names=names, bounds=bounds))
            feed = None
        woven = loom.finish(job.parts(feed), again=job.again)
        if woven is None:
            message = f"{source.name}/{dataset.name}: no record came, so it is not known which columns there are."
            hint = "Name the columns in the source's definition, or collect when there are records."
            raise UpstreamError(message, hint=hint)
        manifest = job.write(loom.folder, woven, run_id=run_id)
        still_wanted()
        return manifest if publish(loom.folder, final) else read_manifest(final)


@dataclass
class _Job:
    """What one build works on."""

    journal: Path
    source: Source
    dataset: Dataset
    facts: RunFacts
    bounds: Bounds
    wanted: Callable[[], None]
    collected: Collected | None = None

    @cached_property
    def reading(self) -> Reading:
        """The journal, gone through when it is first needed."""
        return Reading(self.journal, source=self.source, dataset=self.dataset, base_url=self.facts.base_url)

    def parts(self, feed: Feed | None) -> Iterator[Part]:
        """The answers that are not woven yet."""
        if feed is None:
            return self.again()
        if not feed.is_behind:
            self.collected = feed.collected
            return self._while_wanted(feed.rest())
        self.collected = self.reading.collected
        self.collected.told_before(feed.collected)
        return self._while_wanted(self.reading.parts(first=feed.next))

    def again(self) -> Iterator[Part]:
        """All answers."""
        self.collected = self.reading.collected
        return self._while_wanted(self.reading.parts())

    def _while_wanted(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The answers, as long as they are wanted."""
        for number, part in enumerate(parts):
            if number % LOOK_EVERY == 0:
                self.wanted()
            yield part

    def write(self, folder: Path, woven: Woven, *, run_id: str) -> Manifest:
        """Put profile and manifest beside the table."""
        _let_memory_go()
        found = profile(
            folder / PARQUET, columns=woven.columns, rows=woven.rows, bounds=self.bounds, wanted=self.wanted
        )
        (folder / PROFILE).write_bytes(profile_bytes(found))
        manifest = self._manifest(folder, woven, run_id=run_id)
        (folder / MANIFEST).write_bytes(manifest_bytes(manifest))
        return manifest

    def _manifest(self, folder: Path, woven: Woven, *, run_id: str) -> Manifest:
        source, facts, collected = self.source, self.facts, self.collected or self.reading.collected
        collected.settle(facts)
        outcome = judge(collected, rows=woven.rows, gaps=facts.gaps, settled=facts.settled)
        return Manifest(
            id=run_id,
            source=source.name,
            dataset=self.dataset.name,
            title=self.dataset.title,
            run=run_id,
            definition_sha256=source.sha256,
            base_url=facts.base_url,
            license=source.license,
            quotas=facts.quotas,
            requests=facts.requests,
            started=facts.started,
            finished=facts.finished,
            rows=woven.rows,
            duplicates=woven.duplicates,
            claimed=collected.claimed,
            found=woven.rows,
            complete=not outcome.reasons,
            reasons=outcome.reasons,
            gaps=outcome.gaps,
            columns=woven.columns,
            files={**woven.files, PROFILE: keep(folder / PROFILE)},
            made_by=f"ladle {VERSION}",
            unchanged=facts.unchanged,
            readings=facts.settled.readings,
            reread=facts.settled.reread,
            notes=tuple(_notes(facts)),
            continues=facts.continues,
        )


def _let_memory_go() -> None:
    """Give back what Arrow and the C library keep for later: DuckDB has a memory of its own, and 30 MB are saved."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library alone
    if trim is not None:
        trim(0)


def _notes(facts: RunFacts) -> Iterator[str]:
    """What the reader should know, though nothing is wrong."""
    if facts.settled.note:
        yield facts.settled.note
    if facts.continues:
        yield (
            f"Only what the run {facts.continues} lacked was asked for, from {facts.started:%Y-%m-%d %H:%M} on; "
            "all else is as that run found it."
        )
