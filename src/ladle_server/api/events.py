"""A run as a stream of events: takes its id and what was seen last, gives each state of it until it ends.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Every event is the whole run, so that whoever comes late
or comes again has missed nothing: `Last-Event-ID` only says which state need not be sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ladle_server.api import lists, shapes
from ladle_server.api.runs import find
from ladle_server.catalog import followed
from ladle_server.catalog.following import Told, the_follower

HEADER = "Last-Event-ID"
HEARTBEAT = 15.0
"""Seconds after which a comment is sent where nothing else is, so that no proxy thinks that nobody is there."""
COME_AGAIN = 2000
"""Milliseconds after which a browser that lost its connection comes again."""


EVENT = {
    "type": "object",
    "description": "One event of the stream. Its data is the run as GET …/runs/{run} gives it, as JSON on one line.",
    "properties": {"event": {"const": "run"}, "id": {"type": "string"}, "data": {"type": "string"}},
    "required": ["event", "id", "data"],
}


class Found(Response):
    """The answer to a request that is right: never sent, it says whom to follow from where."""

    def __init__(self, told: Told, *, run: str, seen: str) -> None:
        super().__init__()
        self.told, self.run, self.seen = told, run, seen


class EventsOfRun(APIView):
    """What becomes of a run, as it happens."""

    @extend_schema(
        parameters=[OpenApiParameter(HEADER, location="header", description="The id of the last event that was seen.")],
        responses={(200, "text/event-stream"): EVENT, 204: None, **shapes.problems(400, 404)},
    )
    def get(self, request: Request, run: str) -> Response:
        """Events named `run`, each the whole run as JSON, whenever it has changed; the stream ends with the run.

        A run that had ended when its last state was seen is a 204, at which a browser comes no more.
        """
        lists.check_keys(request.query_params, ())
        found = find(run)
        return Found(followed.told(found), run=found.pk, seen=request.headers.get(HEADER, ""))


_found = EventsOfRun.as_view()


@csrf_exempt  # it changes nothing; a method that it has not is a 405, not a form that was too old
async def events(request: HttpRequest, run: str) -> HttpResponseBase:
    """GET …/events: the run is looked for in a thread, and followed on the loop."""
    found = await sync_to_async(_found)(request, run=run)
    if not isinstance(found, Found):
        return found
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if found.told.over and found.told.id == found.seen:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)
    body = _stream(found) if request.method != "HEAD" else _nothing()
    return StreamingHttpResponse(body, content_type="text/event-stream", headers=headers)


# Where drf-spectacular looks for the description of a view.
events.__dict__.update(cls=EventsOfRun, initkwargs={})


async def _stream(found: Found) -> AsyncIterator[bytes]:
    seen = found.seen
    yield b"retry: %d\n\n" % COME_AGAIN
    if found.told.id != seen:
        seen = found.told.id
        yield event(found.told)
    if found.told.over:
        return
    async for told in the_follower(followed.look).states(found.run, seen=seen, patience=HEARTBEAT):
        yield event(told) if told is not None else b": still there\n\n"


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for each in nothing:
        yield each


def event(told: Told) -> bytes:
    """One state as it goes over the wire."""
    return b"event: run\nid: %s\ndata: %s\n\n" % (told.id.encode(), told.data)
