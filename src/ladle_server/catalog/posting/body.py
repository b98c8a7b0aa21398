"""What a webhook is told: takes a delivery, gives the JSON that is sent; shaped as the API's run and snapshot."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import orjson
from django.urls import reverse

from ladle_server.catalog.models import Delivery, Snapshot
from ladle_server.catalog.telling_hooks import kind_of
from ladle_server.catalog.telling_runs import snapshot_line, told_run

MOST = 100
"""Gaps that are told of; the run's own address has all of them."""


def body_of(delivery: Delivery) -> bytes:
    """`{"type", "timestamp", "data"}`, as Standard Webhooks have it. Raises LadleError where the run can't be read."""
    data = _test(delivery) if delivery.run is None else _run(delivery)
    told = {"type": kind_of(delivery), "timestamp": delivery.ended_at.astimezone(UTC), "data": data}
    return orjson.dumps(told, option=orjson.OPT_UTC_Z)


def _test(delivery: Delivery) -> dict[str, Any]:
    hook = delivery.webhook
    return {"webhook": hook.pk, "datasets": hook.datasets, "ends": hook.ends}


def _run(delivery: Delivery) -> dict[str, Any]:
    """The run as it was when it ended: it may have been resumed since."""
    assert delivery.run is not None  # noqa: S101 - narrows the type
    run: dict[str, Any] = told_run(delivery.run)
    end = {"state": delivery.end, "ended_at": delivery.ended_at, "reason": delivery.why, "wake_at": None}
    progress = {**run["progress"], "gaps": run["progress"]["gaps"][:MOST], "troubles": []}
    snapshot = Snapshot.objects.filter(pk=delivery.snapshot).first() if delivery.snapshot else None
    return {
        "run": {**run, **end, "snapshot": delivery.snapshot or None, "progress": progress},
        "snapshot": snapshot_line(snapshot) if snapshot else None,
        "links": _links(delivery),
    }


def _links(delivery: Delivery) -> dict[str, str | None]:
    """Where to go on; paths where nobody knows by which name the site is found."""
    site, run, snapshot = delivery.webhook.site, delivery.run_id, delivery.snapshot
    return {
        "run": site + reverse("api-run", args=[run]),
        "page": site + reverse("pages:run", args=[run]),
        "snapshot": site + reverse("api-snapshot", args=[snapshot]) if snapshot else None,
        "rows": site + reverse("api-rows", args=[snapshot]) if snapshot else None,
    }


def text_of(delivery: Delivery) -> str:
    """The body as it is kept; what was made for an earlier attempt stays as it was. Raises LadleError."""
    return delivery.body or body_of(delivery).decode()
