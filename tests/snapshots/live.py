"""Tables begun while their answers come: takes entries in the order they arrive, gives the snapshot built from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ladle.collect.journal import Entry, Journal
from ladle.collect.request import PAST_END
from ladle.explore.snapshot import Snapshot
from ladle.home import Home
from ladle.snapshots.bounds import BOUNDS, Bounds
from ladle.snapshots.build import build, final_folder
from ladle.snapshots.feed import Feed
from ladle.sources.paging import Page, read_answer
from ladle.sources.source import Source
from tests.snapshots.kit import RUN, facts, snapshot_of


def fed(feed: Feed, entries: Iterable[Entry], *, of: Source, into: Path) -> None:
    """Put entries into a journal and tell the feed of each answer, as the collector does."""
    with Journal(into, fence=1) as journal:
        for entry in entries:
            journal.append(entry)
            if entry.kind == "answer":
                empty = entry.reason == PAST_END
                feed.kept(entry, Page([], None, None) if empty else read_answer(of.resources["people"], entry.body))


def feed_for(home: Home, *, of: Source, bounds: Bounds = BOUNDS, run: str = RUN) -> Feed:
    """What begins the table of `stars/people`."""
    people = of.datasets["people"]
    return Feed(final_folder(home, source=of, dataset=people, run_id=run), source=of, dataset=people, bounds=bounds)


def built_live(path: Path, entries: Iterable[Entry], *, of: Source, bounds: Bounds = BOUNDS) -> tuple[Snapshot, Feed]:
    """The snapshot of entries that were fed as they came, and the feed as it was then."""
    home, people = Home.open(path / "home"), of.datasets["people"]
    with feed_for(home, of=of, bounds=bounds) as feed:
        fed(feed, entries, of=of, into=home.runs / RUN)
        manifest = build(
            home.runs / RUN,
            source=of,
            dataset=people,
            home=home,
            run_id=RUN,
            facts=facts(),
            bounds=bounds,
            feed=feed,
        )
        return snapshot_of(home, manifest), feed


def files(snapshot: Snapshot) -> dict[str, bytes]:
    """Every file of a snapshot."""
    return {path.name: path.read_bytes() for path in snapshot.folder.iterdir()}
