"""Which snapshots are on a server? Takes a name, gives manifests, each asked for once: they never change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import Any

from ladle.errors import Damaged, NotFound
from ladle.remote.door import get, moved_to, pages, place
from ladle.remote.refusal import other_version
from ladle.remote.server import Server
from ladle.snapshots.earlier import how_many_back, too_far_back
from ladle.snapshots.manifest import Manifest

_AT_ONCE = 8
_LIST = "List them with: ladle snapshots"


@lru_cache(maxsize=4096)
def manifest_of(server: Server, id: str) -> Manifest:
    """The manifest of a snapshot; raises NotFound."""
    if "/" in id or not id.strip("."):
        raise NotFound(f'There is no snapshot "{id}".', hint=_LIST)
    try:
        return Manifest.from_json(get(server, place("snapshots", id)))
    except Damaged as error:
        raise other_version(server, "tells of a snapshot in a way that is not known here") from error


def found(server: Server, reference: str) -> Manifest:
    """That of an id, of a dataset's latest (`swapi/people`) or of one before it (`swapi/people~1`)."""
    if "/" not in reference:
        return manifest_of(server, reference)
    dataset, earlier, back = reference.partition("~")
    parts = _named(dataset)
    if earlier:
        return manifest_of(server, _earlier(server, dataset, reference, back))
    return manifest_of(server, moved_to(server, place("datasets", *parts, "latest")))


def lines(server: Server, dataset: str | None) -> Iterator[dict[str, Any]]:
    """All snapshots in short, or those of a dataset, newest first."""
    return pages(server, place("snapshots"), [("dataset", dataset)] if dataset else [])


def all_of(server: Server, ids: Iterable[str]) -> list[Manifest]:
    """Their manifests; one that was removed meanwhile, or is damaged, is left out."""

    def one(id: str) -> Manifest | None:
        with suppress(NotFound, Damaged):
            return manifest_of(server, id)
        return None

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ladle-manifests") as pool:
        return [each for each in pool.map(one, ids) if each is not None]


def _named(dataset: str) -> list[str]:
    parts = dataset.split("/")
    if len(parts) != 2 or not all(part.strip(".") for part in parts):
        raise NotFound(f'There is no snapshot of "{dataset}".', hint=_LIST)
    return parts


def _earlier(server: Server, dataset: str, reference: str, back: str) -> str:
    number = how_many_back(reference, back)
    told = get(server, place("snapshots"), [("dataset", dataset), ("offset", str(number)), ("limit", "1")])
    if told["results"]:
        return str(told["results"][0]["id"])
    if not told["count"]:
        raise NotFound(f'There is no snapshot of "{dataset}".', hint=_LIST)
    raise too_far_back(reference, told["count"])
