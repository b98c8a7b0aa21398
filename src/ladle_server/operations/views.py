"""Takes a question of who keeps an eye on the site, gives its health and its metrics."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from ladle_server.for_now import for_now
from ladle_server.operations.health import GOOD, HEALTH
from ladle_server.operations.metrics import scraped
from ladle_server.operations.reach import may_see


@require_safe
async def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return _json({"healthy": True})


@require_safe
async def readyz(_request: HttpRequest) -> HttpResponse:
    """What the site needs can be used; 503 where one of it can't, and which."""
    told = await HEALTH()
    ready = all(state == GOOD for state in told.values())
    answer = _json({"ready": ready, "needs": told}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)
    return for_now(answer)  # whoever asks this asks every few seconds, and is told what is away


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything that is counted, for Prometheus; for this machine alone, and for whom LADLE_METRICS_FROM names."""
    if not may_see(request.META):
        told = "Metrics are for this machine alone. LADLE_METRICS_FROM names the addresses that may read them too.\n"
        return HttpResponse(told, content_type="text/plain; charset=utf-8", status=HTTPStatus.FORBIDDEN)
    return HttpResponse(scraped(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _json(value: object, status: int = HTTPStatus.OK) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(orjson.dumps(value), content_type="application/json", status=status, headers=headers)
