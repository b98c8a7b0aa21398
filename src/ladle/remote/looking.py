"""The front door to look at a server: takes it and a name, gives snapshots, manifests and series as of a home."""

from __future__ import annotations

from ladle.errors import NotFound
from ladle.explore.series import SeriesRow
from ladle.remote import manifests, reading
from ladle.remote.door import get, place
from ladle.remote.server import Server
from ladle.remote.snapshot import RemoteSnapshot
from ladle.snapshots.manifest import Manifest


def snapshot(server: Server, reference: str) -> RemoteSnapshot:
    """The snapshot of an id, or the latest of a dataset; raises NotFound."""
    return RemoteSnapshot.of(server, manifests.found(server, reference))


def all_snapshots(server: Server, dataset: str | None) -> list[Manifest]:
    """The manifests of all snapshots, newest first; of one dataset when it is named."""
    return manifests.all_of(server, [line["id"] for line in manifests.lines(server, dataset)])


def snapshot_ids(server: Server) -> set[str]:
    """The ids of all snapshots."""
    return {line["id"] for line in manifests.lines(server, None)}


def series(server: Server, dataset: str, *, of: str) -> list[SeriesRow]:
    """One snapshot of a dataset after another; errors as of a home."""
    source, _, name = dataset.partition("/")
    if not name or "/" in name:
        raise NotFound(f'There is no snapshot of "{dataset}".', hint="List them with: ladle snapshots")
    told = get(server, place("datasets", source, name, "series"), [("of", of)] if of else [])
    return [reading.series_row(row) for row in told["results"]]
