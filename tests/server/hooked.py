"""Webhooks in tests: takes a receiver and the time, adds and calls them as the site and a worker do."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import Any

from ladle.testing import Request, ScriptedApi
from ladle_server.catalog import runs
from ladle_server.catalog.hooks import webhooks
from ladle_server.catalog.models import Delivery, Run
from ladle_server.catalog.posting import calls

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def add(receiver: ScriptedApi, path: str = "hook", *, now: datetime = NOW, **wanted: Any) -> webhooks.Added:
    return webhooks.add(webhooks.checked(receiver.url + path, **wanted), site="https://ladle.example", now=now)


def end(dataset: str = "swapi/people", *, state: str = "complete", now: datetime = NOW, **told: str) -> Run:
    """A run that has just ended so."""
    started = runs.start(dataset, requested_by="api")
    claimed = runs.claim("one", only=started.pk)
    assert claimed is not None
    assert runs.finish(claimed, state=state, now=now, **told)
    return Run.objects.get(pk=started.pk)


def deliver(now: datetime = NOW) -> list[Delivery]:
    """What a worker does at its look, until nothing is due; the deliveries in their order."""
    while (call := calls.claim(now=now)) is not None:
        calls.note(call, asyncio.run(calls.make(call)), now=now, chance=0.0)
    return list(Delivery.objects.order_by("id"))


def bodies(receiver: ScriptedApi) -> list[Any]:
    return [json.loads(request.body) for request in receiver.requests]


def is_signed(request: Request, secret: str) -> bool:
    """As https://www.standardwebhooks.com has it, by hand."""
    told = request.headers
    signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + request.body
    key = b64decode(secret.removeprefix("whsec_"))
    return told["webhook-signature"] == f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
