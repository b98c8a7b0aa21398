"""Takes two snapshots that are compared, gives those of their dataset that could be in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import ladle
from ladle.words import plural
from ladle_server.catalog.models import Snapshot
from ladle_server.catalog.reaching import AWAY

MOST = 100
"""Snapshots that are offered; earlier ones are compared by their ids."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot by its id, and how it is told from the others of its dataset."""

    id: str
    words: str


def candidates(*two: ladle.Snapshot) -> list[Candidate]:
    """The latest snapshots of the dataset and both of the `two`, newest first."""
    found = {each.id: Candidate(each.id, _words(each.manifest.finished, each.manifest.rows)) for each in two}
    source, dataset = two[-1].manifest.source, two[-1].manifest.dataset
    try:
        latest = list(Snapshot.objects.filter(source=source, dataset=dataset)[:MOST])
    except AWAY:
        latest = []  # a snapshot's pages need no database
    found |= {each.pk: Candidate(each.pk, _words(each.taken_at, each.rows)) for each in latest}
    return sorted(found.values(), key=lambda each: each.id, reverse=True)


def _words(taken: datetime, rows: int) -> str:
    told = taken.astimezone(UTC)
    return f"{told.day} {told:%b %Y %H:%M:%S} UTC, {plural(rows, 'row')}"
