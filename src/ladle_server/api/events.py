"""A run as a stream of events: takes its id and what was seen last, gives each state of it until it ends.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Every event is the whole run, so that whoever comes late
or comes again has missed nothing: `Last-Event-ID` only says which state need not be sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle_server.access.places import PLACES
from ladle_server.access.rates import client
from ladle_server.api import lists, shapes
from ladle_server.api.formats import STREAM
from ladle_server.api.runs import find
from ladle_server.catalog import followed
from ladle_server.catalog.following import Told, the_follower
from ladle_server.streams import Live, cutter

HEADER = "Last-Event-ID"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
COME_AGAIN = 2000
"""Milliseconds after which a browser that lost its connection comes again."""


EVENT = {
    "type": "object",
    "description": "One event of the stream. Its data is the run as GET …/runs/{run} gives it, as JSON on one line.",
    "properties": {"event": {"const": "run"}, "id": {"type": "string"}, "data": {"type": "string"}},
    "required": ["event", "id", "data"],
}


class Found(Response):
    """The answer to a request that is right: never sent, it says whom to follow from where, as which client.

    It holds a place among those who wait.
    """

    def __init__(self, told: Told, *, run: str, seen: str, client: str) -> None:
        super().__init__()
        self.told, self.run, self.seen, self.client = told, run, seen, client


class EventsOfRun(APIView):
    """What becomes of a run, as it happens."""

    @extend_schema(
        parameters=[OpenApiParameter(HEADER, location="header", description="The id of the last event that was seen.")],
        responses={(200, STREAM): EVENT, 204: None, **shapes.problems(400, 404, 503)},
    )
    def get(self, request: Request, run: str) -> HttpResponseBase:
        """Events named `run`, each the whole run as JSON, whenever it has changed; the stream ends with the run.

        A run that had ended when its last state was seen is a 204, at which a browser comes no more. So many streams
        as `LADLE_WAITING` says are open at once; one more is a 503, and one more of the same client than
        `LADLE_WAITING_EACH` a 429, both with `Retry-After`.
        """
        lists.check_keys(request.query_params, ())
        found, seen = find(run), request.headers.get(HEADER, "")
        told = followed.told(found)
        if told.over and told.id == seen:
            return Response(status=HTTPStatus.NO_CONTENT, headers=HEADERS)
        if request.method == "HEAD":
            return HttpResponse(content_type=STREAM, headers=HEADERS)
        mine = client(request._request)
        PLACES.take(mine, settings.LADLE_WAITING)
        return Found(told, run=found.pk, seen=seen, client=mine)


_found = EventsOfRun.as_view()


@csrf_exempt  # it changes nothing; a method that it has not is a 405, not a form that was too old
def events(request: ASGIRequest, run: str) -> HttpResponseBase:
    """GET …/events: the run is looked for in a thread, and followed on the loop."""
    found = _found(request, run=run)
    if not isinstance(found, Found):
        return found
    pieces = _stream(found, cut=cutter(request.scope))
    return Live(pieces, ended=lambda: PLACES.give_back(found.client), content_type=STREAM, headers=HEADERS)


# Where drf-spectacular looks for the description of a view.
events.__dict__.update(cls=EventsOfRun, initkwargs={})


async def _stream(found: Found, *, cut: Callable[[], None]) -> AsyncIterator[bytes]:
    seen, begin = found.seen, b"retry: %d\n\n" % COME_AGAIN
    if found.told.id != seen:
        seen = found.told.id
        begin += event(found.told)
    yield begin
    if found.told.over:
        return
    async for told in the_follower(followed.look).states(found.run, seen=seen, cut=cut):
        yield event(told) if told is not None else b": still there\n\n"


def event(told: Told) -> bytes:
    """One state as it goes over the wire."""
    return b"event: run\nid: %s\ndata: %s\n\n" % (told.id.encode(), told.data)
