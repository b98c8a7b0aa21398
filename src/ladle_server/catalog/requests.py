"""Collection requests: takes ids that callers chose, gives the run that each one started and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

import ladle
from ladle.errors import Conflict, NotFound
from ladle_server.catalog import runs
from ladle_server.catalog.ids import number_of
from ladle_server.catalog.models import CollectionRequest, RequestedBy, State
from ladle_server.catalog.reaching import one_at_a_time

DATASET = "openweather/cities"
_PAGE = 1000


def begin(number: int, *, now: datetime | None = None) -> CollectionRequest:
    """Start a collection under the id `number`. Raises Conflict when the id was used before; nothing starts then."""
    with transaction.atomic():
        one_at_a_time(f"collection request {number}")
        if CollectionRequest.objects.filter(pk=number).exists():
            hint = f"Ask for it at /collection-request/{number}, or choose another id."
            raise Conflict(f"The id {number} was used before.", hint=hint)
        run = runs.start(DATASET, requested_by=RequestedBy.API)
        return CollectionRequest.objects.create(id=number, run=run, created_at=now or datetime.now(UTC))


def get(number: str) -> CollectionRequest:
    """The request whose id is written `number`. Raises NotFound, also for what can't be an id."""
    request = CollectionRequest.objects.select_related("run").filter(pk=number_of(number)).first()
    if request is None:
        hint = "See /collection-request/ for all of them."
        raise NotFound(f'There is no collection request "{number[:40]}".', hint=hint)
    return request


def share_done(request: CollectionRequest) -> float:
    """Cities done / all cities, 0 to 1."""
    progress = library_run(request).progress()
    return (progress.done - len(progress.gaps)) / progress.total if progress.total else 0.0


def weather(request: CollectionRequest) -> list[dict[str, object]]:
    """City id, humidity (%) and temperature (°C) of each city collected so far, in the order of the city list."""
    return [{key: row[key] for key in ("city_id", "humidity", "temperature")} for row in _rows(request)]


def _rows(request: CollectionRequest) -> Iterator[dict[str, object]]:
    if not request.run.snapshot:
        yield from library_run(request).so_far()
        return
    snapshot = ladle.snapshot(request.run.snapshot, home=runs.home())
    for offset in range(0, snapshot.manifest.rows, _PAGE):
        yield from snapshot.rows(offset=offset, limit=_PAGE)


def library_run(request: CollectionRequest) -> ladle.Run:
    """The run as the library knows it."""
    return ladle.open_run(runs.home(), request.run_id)


def gaps(request: CollectionRequest) -> list[dict[str, str]]:
    """`{"key", "reason"}` of each request that never got a usable answer."""
    return [{"key": gap.key, "reason": gap.reason} for gap in library_run(request).progress().gaps]


def succeeded(request: CollectionRequest) -> bool:
    """Whether every city was collected; to be asked when the run has ended."""
    return request.run.state == State.COMPLETE
