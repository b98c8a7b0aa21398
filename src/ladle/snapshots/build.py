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
from typing import TYPE_CHECKING

import pyarrow as pa

from ladle.home import Home
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.complete import Outcome, Table, judge_all
from ladle.snapshots.feed import Feed
from ladle.snapshots.files import MANIFEST, PARQUET, PROFILE, keep, publish, remove_leftovers, unfinished
from ladle.snapshots.gather import Part
from ladle.snapshots.keys import key_column
from ladle.snapshots.manifest import Manifest, RunFacts, manifest_bytes, read_manifest
from ladle.snapshots.profile import profile, profile_bytes
from ladle.snapshots.published import announce, is_published
from ladle.snapshots.reading import Reading
from ladle.snapshots.table import Collected
from ladle.snapshots.weave import Loom, Woven, nothing_came
from ladle.sources.source import Dataset, Source
from ladle.storage.mirror import mirror_of
from ladle.version import VERSION

if TYPE_CHECKING:
    from ladle.snapshots.selected import Read

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

    Raises UpstreamError when the dataset names no columns and no record came to show any, BadInput and UpstreamError
    when its SELECT can't be run.
    """
    final = final_folder(home, source=source, dataset=dataset, run_id=run_id)
    remove_leftovers(final.parent, now=clock())
    if is_published(final):
        if (mirror := mirror_of(final)) is not None:
            announce(mirror, final)
        return read_manifest(final)
    job = _Job(journal, source, dataset, facts, bounds, still_wanted)
    with ExitStack() as stack:
        folder, woven = job.select(final, stack) if dataset.sql is not None else job.weave(final, stack, feed)
        manifest = job.write(folder, woven, run_id=run_id)
        still_wanted()
        return manifest if publish(folder, final) else read_manifest(final)


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
    read: tuple[Read, ...] = ()
    """The tables of a SELECT, the dataset's own first."""

    @cached_property
    def reading(self) -> Reading:
        """The journal, gone through when it is first needed."""
        return Reading(self.journal, source=self.source, dataset=self.dataset, base_url=self.facts.base_url)

    def weave(self, final: Path, stack: ExitStack, feed: Feed | None) -> tuple[Path, Woven]:
        """The table of the dataset's own answers; what is in the making goes with `stack`."""
        loom = feed.loom if feed is not None else None
        if loom is None:
            feed, collected = None, self.reading.collected
            making = Loom(
                final, dataset=self.dataset, resource=collected.resource, names=collected.names, bounds=self.bounds
            )
            loom = stack.enter_context(making)
        woven = loom.finish(self.parts(feed), again=self.again)
        if woven is None:
            raise nothing_came(f"{self.source.name}/{self.dataset.name}", self.facts.gaps, filtered=loom.filtered)
        return loom.folder, woven

    def select(self, final: Path, stack: ExitStack) -> tuple[Path, Woven]:
        """The table of the dataset's SELECT."""
        from ladle.snapshots.selected import weave_selected  # here, since only a SELECT needs Arrow's functions

        folder = stack.enter_context(unfinished(final))
        woven, self.read = weave_selected(
            folder,
            self.journal,
            source=self.source,
            dataset=self.dataset,
            base_url=self.facts.base_url,
            bounds=self.bounds,
            wanted=self.wanted,
            watched=self._while_wanted,
        )
        self.collected = self.read[0].collected
        return folder, woven

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
        outcome, found = self._outcome(collected, woven)
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
            found=found,
            complete=not outcome.reasons,
            reasons=outcome.reasons,
            gaps=outcome.gaps,
            columns=woven.columns,
            files={**woven.files, PROFILE: keep(folder / PROFILE)},
            made_by=f"ladle {VERSION}",
            unchanged=facts.unchanged,
            readings=max(settled.readings for settled in facts.all_settled),
            reread=sum(settled.reread for settled in facts.all_settled),
            notes=tuple(_notes(facts, woven)),
            continues=facts.continues,
            filtered=woven.filtered,
            parameters=dict(source.values),
            definition_version=source.version,
            key=key_column(source, self.dataset, woven.columns),
        )

    def _outcome(self, collected: Collected, woven: Woven) -> tuple[Outcome, int]:
        """Whether all is there, in the dataset's own answers and in its SELECT's other tables; the own records."""
        others = [(each.collected, each.woven) for each in self.read[1:]]
        tables = [self._table(*each) for each in ((collected, self.read[0].woven if self.read else woven), *others)]
        return judge_all(tables, gaps=self.facts.gaps), tables[0].rows + tables[0].filtered

    def _table(self, collected: Collected, woven: Woven) -> Table:
        collected.settle(self.facts)
        settled = self.facts.settled_of(collected.paged.name)
        return Table(collected=collected, rows=woven.rows, filtered=woven.filtered, settled=settled)


def _let_memory_go() -> None:
    """Give back what Arrow and the C library keep for later: DuckDB has a memory of its own, and 30 MB are saved."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library alone
    if trim is not None:
        trim(0)


def _notes(facts: RunFacts, woven: Woven) -> Iterator[str]:
    """What the reader should know, though nothing is wrong."""
    if woven.filtered:
        records = "1 record is" if woven.filtered == 1 else f"{woven.filtered:,} records are"
        yield f"{records} left out, as the definition says."
    yield from dict.fromkeys(settled.note for settled in facts.all_settled if settled.note)
    if facts.continues:
        yield (
            f"Only what the run {facts.continues} lacked was asked for, from {facts.started:%Y-%m-%d %H:%M} on; "
            "all else is as that run found it."
        )
